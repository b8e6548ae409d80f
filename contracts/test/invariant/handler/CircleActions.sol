// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PaymentActions} from "./PaymentActions.sol";

/// @title Admitting, dismissing and pruning, by operators and by a cheat in a circle of its own
abstract contract CircleActions is PaymentActions {
    function admit(uint256 seed) external act(seed) {
        address circle = _namedCircle();
        address payee = _somePayee();
        for (uint256 j; j < payees.length; ++j) {
            uint256 until = members[circle][payees[j]].until;
            if (time < until && until != NEVER && _chance(2)) payee = payees[j];
        }
        _admit(circle, payee);
    }

    function _admit(address circle, address payee) internal {
        bool ok = _do(circle, abi.encodeCall(offpay.admit, (payee)));
        _require(15, ok, "an admission was refused");
        Member storage m = members[circle][payee];
        if (m.until == NEVER) {
            // Nothing changes for a member or a pending one.
        } else if (time < m.until) {
            m.until = NEVER;
            _hit("dismissal taken back");
        } else {
            m.from = time + DELAY;
            m.until = NEVER;
            m.counted = true;
        }
    }

    function dismiss(uint256 seed) external act(seed) {
        _dismiss(_namedCircle(), _somePayee());
    }

    /// @dev An operator throws out a payee that holds a claim; in the open circle a payee with a claim takes its
    /// collateral and goes. What was reserved for it stays, also when it is presented again.
    function expel(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        address payee = _somePayee();
        for (uint256 j; j < payees.length; ++j) {
            if (pairs[i][payees[j]].reserved != 0 && _chance(2)) payee = payees[j];
        }
        address circle = purses[i].circle;
        if (circle != address(0) && members[circle][payee].until == NEVER) _dismiss(circle, payee);
        if (circle == address(0) && payee != till) {
            uint96 free = uint96(_freeCollateral(payee));
            if (_do(payee, abi.encodeCall(offpay.withdrawCollateral, (payee, free)))) wentOut += free;
        }
        if (pairs[i][payee].wasMember && !_isMember(circle, payee)) _presentAlone(newest[i][payee], true);
    }

    function _dismiss(address circle, address payee) private {
        Member storage m = members[circle][payee];
        bool ok = _do(circle, abi.encodeCall(offpay.dismiss, (payee)));
        _require(15, ok == (m.until == NEVER), "dismissing: only a member or a pending one, once");
        if (!ok) return;
        m.until = time + DELAY;
        _hit("dismissed");
    }

    /// @dev Looks for a membership that can be pruned, and tries any other if there is none.
    function prune(uint256 seed) external act(seed) {
        address circle = _namedCircle();
        address payee = _somePayee();
        for (uint256 j; j < 3 * payees.length; ++j) {
            address other = payees[j / 3];
            if (members[circles[j % 3]][other].counted && members[circles[j % 3]][other].until <= time) {
                (circle, payee) = (circles[j % 3], other);
            }
        }
        Member storage m = members[circle][payee];
        bool ok = _do(_someone(), abi.encodeCall(offpay.prune, (circle, payee)));
        _require(15, ok == (m.counted && m.until <= time), "pruning: only what has ended, once");
        if (!ok) return;
        delete members[circle][payee];
        _hit("pruned");
    }

    /// @dev Only the circle's address decides who belongs to it.
    function _namedCircle() private returns (address) {
        return circles[_pick(3)];
    }
}

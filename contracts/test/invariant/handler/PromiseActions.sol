// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment} from "../../../src/types/Types.sol";
import {DefaultActions} from "./DefaultActions.sol";

/// @title Payees with no network that were told "guaranteed"
/// @notice What a payee's wallet does: it takes a payment on the word of a certificate (sections 4 and 8), never for
/// more than the cover, and hands it in before the date that it shows. The payer and everybody else do as they like.
abstract contract PromiseActions is DefaultActions {
    /// @dev A true statement about a purse, at a time when its circle was not larger than its coverCount.
    struct Certificate {
        uint256 asOf;
        uint256 funds;
        uint256 cover;
    }

    struct Promise {
        // The newest payment that the payee took, and what it promises in all.
        uint256 note;
        uint256 cumulative;
        // Until when it must be handed in; zero if nothing is outstanding.
        uint256 until;
        // What was handed in: the payee must get this much.
        uint256 kept;
    }

    mapping(uint256 purse => Certificate) private certificates;
    /// @dev Members at the time of the certificate, with no dismissal pending.
    mapping(uint256 purse => mapping(address payee => uint256 asOf)) private certified;
    mapping(uint256 purse => mapping(address payee => Promise)) internal promises;

    /// @dev A payer pays an honest payee, on a certificate that may be up to a day old.
    function takePromise(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        for (uint256 k; k < purses.length && !_guaranteed(i); ++k) {
            i = 1 + i % (purses.length - 1);
        }
        if (_guaranteed(i) && _chance(2)) _certify(i);
        address payee = payees[_pick(3)];
        Certificate memory c = certificates[i];
        if (c.asOf == 0 || time >= c.asOf + PERIOD || certified[i][payee] != c.asOf) return;

        uint256 paid = offpay.paidTo(purses[i].key, payee);
        Promise storage p = promises[i][payee];
        uint256 from = purses[i].owner == honest ? signedUpTo[i][payee] : _max(p.cumulative, paid);
        uint256 most = _min(c.funds, paid + c.cover);
        if (most <= from) return;
        uint96 amount = _between(1, most - from);
        if (!_signPromise(i, payee, amount, from, c.funds)) return;
        p.note = notes.length - 1;
        p.cumulative = from + amount;
        // Whatever the payer is up to, it is now that it does it.
        if (purses[i].owner != honest) focus = i;
        if (p.until == 0) p.until = c.asOf + DELAY;
        _hit(_isCheat(purses[i].owner) ? bytes32("promise by a cheat") : bytes32("promise"));
        if (time > c.asOf) _hit("promise on an old certificate");
    }

    /// @dev An honest device has one way to sign; the others reuse whatever serials look good.
    function _signPromise(uint256 i, address payee, uint96 amount, uint256 from, uint256 funds)
        private
        returns (bool)
    {
        if (purses[i].owner == honest) {
            if (purses[i].next + amount > funds) return false;
            return _signHonestly(i, payee, amount);
        }
        uint96 start = _between(from, funds - amount);
        _note(i, Payment(payee, start, amount, uint96(from + amount), bytes32(notes.length)));
        return true;
    }

    function _guaranteed(uint256 i) private view returns (bool) {
        Purse storage purse = purses[i];
        return !purse.closed && purse.closesAt == 0 && _circleSize(purse.circle) <= purse.coverCount;
    }

    function _certify(uint256 i) private {
        certificates[i] = Certificate(time, purses[i].funds, _cover(i));
        for (uint256 j; j < payees.length; ++j) {
            Member storage m = members[purses[i].circle][payees[j]];
            if (m.until == NEVER && m.from <= time) certified[i][payees[j]] = time;
        }
    }

    /// @dev A payee comes back online before its date, or is about to miss it.
    function handIn(uint256 seed) external act(seed) {
        uint256 first = _pick(purses.length * 3);
        for (uint256 k; k < purses.length * 3; ++k) {
            uint256 n = (first + k) % (purses.length * 3);
            if (promises[n / 3][payees[n % 3]].until != 0) return _handIn(n / 3, payees[n % 3]);
        }
    }

    function _handIn(uint256 i, address payee) internal {
        Promise storage p = promises[i][payee];
        p.until = 0;
        p.kept = p.cumulative;
        _presentAlone(p.note, true);
        _hit(pairs[i][payee].since != 0 ? bytes32("promise in default") : bytes32("promise settled"));
    }
}

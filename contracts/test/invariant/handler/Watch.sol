// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PurseState, Security} from "../../../src/types/Types.sol";
import {Model} from "./Model.sol";

/// @title How operations are sent, and what is compared around each of them
/// @notice Every operation goes through `_do`: directly or as a relay, and between two looks at everybody's money.
abstract contract Watch is Model {
    struct Money {
        uint256 balance;
        uint256 collateral;
    }

    /// @dev What credits payees: nothing, a purse's funds or collateral, or its owner's balance.
    enum Pays {
        Nothing,
        Purse,
        Owner
    }

    /// @dev A purse as it was when last looked at: its terms never get worse while it is open.
    struct SeenPurse {
        uint256 funds;
        uint256 paid;
        uint256 pledge;
        uint40 closesAt;
        bool condemned;
        bool closed;
    }

    /// @dev Tokens that came in and went out by the contract's own operations, and that were just sent to it.
    uint256 internal cameIn;
    uint256 internal wentOut;
    uint256 internal donated;

    mapping(address who => Money) private last;
    mapping(address payee => uint256) private rises;
    mapping(address key => mapping(address payee => uint256)) private seenPaid;
    mapping(address key => SeenPurse) private seenPurse;

    /// @dev The beginning is made without relays.
    bool internal relaying;
    bytes[] internal usedRelays;
    uint256 private nonces;

    // --- Sending

    /// @dev An operation by `actor` that credits no payee.
    function _do(address actor, bytes memory data) internal returns (bool) {
        return _do(actor, address(0), Pays.Nothing, data);
    }

    /// @param liable Whose collateral the operation may take without its doing, for payments that its purse signed.
    function _do(address actor, address liable, Pays pays, bytes memory data) internal returns (bool ok) {
        if (relaying && _chance(4)) {
            bytes[] memory calls = new bytes[](1);
            calls[0] = data;
            ok = _relay(actor, calls);
        } else {
            vm.prank(actor);
            (ok,) = address(offpay).call(data);
        }
        if (ok) _compare(actor, liable, pays, _isWithdrawal(data));
    }

    /// @dev Operations that `actor` signed, sent by somebody else.
    function _relay(address actor, bytes[] memory calls) internal returns (bool ok) {
        // Some in one word, some in others.
        uint256 n = nonces++;
        uint256 nonce = uint256(keccak256(abi.encode(n / 8))) ^ (n % 8);
        uint40 deadline = uint40(time + _pick(2 hours));
        bytes memory signature = signRelay(actor, calls, nonce, deadline);
        bytes memory data = abi.encodeCall(offpay.relay, (actor, calls, nonce, deadline, signature));
        vm.prank(_someone());
        (ok,) = address(offpay).call(data);
        _require(
            18, offpay.isNonceUsed(actor, nonce) == ok, "a nonce counts as used if and only if its relay ran"
        );
        if (!ok) return false;
        _hit("relayed");
        usedRelays.push(data);
    }

    function _isWithdrawal(bytes memory data) private view returns (bool) {
        return bytes4(data) == offpay.withdrawCollateral.selector;
    }

    // --- Looking

    /// @dev Looks at everybody's money again, after an operation by `actor`.
    function _compare(address actor, address liable, Pays pays, bool withdrawal) internal {
        // A rise that an operation which pays nobody has caused is found by a later look, if not by this one.
        uint256 rise;
        if (pays != Pays.Nothing || _chance(4)) rise = _watchPurses();
        _require(4, rise == 0 || pays != Pays.Nothing, "paidTo rose by an operation that pays nobody");
        for (uint256 i; i < accounts.length; ++i) {
            address who = accounts[i];
            Money memory before = last[who];
            Money memory money = Money(offpay.balanceOf(who), offpay.securityOf(who).collateral);
            last[who] = money;
            if (pays != Pays.Nothing) {
                uint256 due = before.balance + rises[who];
                if (pays == Pays.Owner && who == actor) due -= rise;
                _require(4, money.balance == due, "a credit is not what paidTo rose by");
            }
            bool fell = money.collateral < before.collateral;
            if (money.collateral != before.collateral) _watchHealth(who, money.collateral);
            if (fell && !(withdrawal && who == actor)) {
                _require(5, who != honest, "an honest payer lost collateral");
                _require(6, who != restored, "an owner that makes good lost collateral");
            }
            if (who == actor || (who == till && actor == cleo)) continue;
            _require(19, money.balance >= before.balance, "a stranger lowered a balance");
            _require(19, !fell || who == liable, "a stranger lowered collateral");
        }
    }

    /// @dev Registration begins when the collateral reaches what is needed, and ends when it falls below.
    function _watchHealth(address who, uint256 collateral) private {
        if (collateral < HEALTHY) {
            if (healthySince[who] != 0) _hit("no longer registered");
            healthySince[who] = 0;
        } else if (healthySince[who] == 0) {
            healthySince[who] = time;
        }
    }

    /// @dev By how much each payee's `paidTo` rose, over all purses; and answers by how much all of them.
    function _watchPurses() private returns (uint256 rise) {
        for (uint256 j; j < payees.length; ++j) {
            rises[payees[j]] = 0;
        }
        for (uint256 i; i < purses.length; ++i) {
            address key = purses[i].key;
            _watchPurse(key);
            for (uint256 j; j < payees.length; ++j) {
                uint256 paid = offpay.paidTo(key, payees[j]);
                uint256 seen = seenPaid[key][payees[j]];
                if (paid == seen) continue;
                if (paid < seen) return _fell(key, payees[j], paid);
                rises[payees[j]] += paid - seen;
                rise += paid - seen;
                seenPaid[key][payees[j]] = paid;
            }
        }
    }

    function _fell(address key, address payee, uint256 paid) private returns (uint256) {
        _broke(4, "paidTo fell");
        seenPaid[key][payee] = paid;
        return 0;
    }

    function _watchPurse(address key) private {
        SeenPurse storage seen = seenPurse[key];
        PurseState memory purse = offpay.purseOf(key);
        _require(12, !seen.condemned || purse.condemned, "a condemnation was taken back");
        _require(17, !seen.closed || (purse.closed && !purse.open), "a closed purse came back");
        if (!purse.closed) {
            _require(16, seen.closesAt == 0 || purse.closesAt == seen.closesAt, "closesAt moved");
            _require(25, purse.funds >= seen.funds && purse.pledge >= seen.pledge, "terms got worse");
        }
        _require(3, purse.paid >= seen.paid, "what a purse has paid fell");
        seenPurse[key] =
            SeenPurse(purse.funds, purse.paid, purse.pledge, purse.closesAt, purse.condemned, purse.closed);
    }

    /// @dev The purse and all its pairs are as the model says.
    function _match(uint256 i) internal {
        string memory difference = _difference(i);
        if (bytes(difference).length != 0) _broke(22, difference);
    }

    function _securityOf(address who) internal view returns (Security memory) {
        return offpay.securityOf(who);
    }

    function _freeCollateral(address who) internal view returns (uint256) {
        Security memory security = offpay.securityOf(who);
        return security.collateral - security.pledged;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PaymentActions} from "./PaymentActions.sol";

/// @title Making good, and collecting from collateral
abstract contract DefaultActions is PaymentActions {
    /// @dev The owner pays some or all of its pairs in default, some of them named twice or not in default at all.
    function makeGood(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        for (uint256 k; k < purses.length && _inDefault(i) == 0; ++k) {
            i = 1 + i % (purses.length - 1);
        }
        address[] memory list = new address[](1 + _pick(payees.length));
        for (uint256 j; j < list.length; ++j) {
            list[j] = payees[_pick(payees.length)];
        }
        // Cheats rarely pay.
        if (_isCheat(purses[i].owner) && !_chance(4)) return;
        _makeGood(i, list, _chance(8) ? _between(0, 300) : type(uint96).max);
    }

    function _makeGood(uint256 i, address[] memory list, uint96 most) internal returns (bool ok) {
        Purse storage purse = purses[i];
        uint256 owed;
        for (uint256 j; j < list.length; ++j) {
            bool again;
            for (uint256 k; k < j; ++k) {
                if (list[k] == list[j]) again = true;
            }
            Pair storage pair = pairs[i][list[j]];
            if (!again && pair.since != 0) owed += pair.presented - pair.paid;
        }
        if (purse.owner == restored) _provide(restored, owed);
        // An owner that is its own payee needs less than the sum: what it is paid on the way counts.
        bool rich = offpay.balanceOf(purse.owner) >= owed;
        ok = _do(
            purse.owner, address(0), Pays.Owner, abi.encodeCall(offpay.makeGood, (purse.key, list, most))
        );
        bool due = !purse.closed && owed <= most;
        if (rich || !due) _require(22, ok == due, "making good");
        if (!ok) return false;
        uint256 paid = _modelMakeGood(i, list);
        _require(22, paid == owed, "what was made good");
        _match(i);
    }

    /// @dev An owner that makes good has money elsewhere.
    function _provide(address who, uint256 amount) internal {
        uint256 balance = offpay.balanceOf(who);
        if (balance >= amount) return;
        uint96 missing = uint96(amount - balance);
        if (_do(who, abi.encodeCall(offpay.deposit, (missing)))) cameIn += missing;
    }

    /// @dev Collects for a pair in default if there is one, else tries any.
    function resolve(uint256 seed) external act(seed) {
        (uint256 i, address payee) = _someDefault();
        _resolve(i, payee);
    }

    /// @dev A pair in default whose period has passed, or any in default, or any.
    function _someDefault() internal returns (uint256 i, address payee) {
        uint256 count = purses.length * payees.length;
        uint256 first = _pick(count);
        (i, payee) = (first / payees.length, payees[first % payees.length]);
        if (_chance(8)) return (i, payee);
        bool found;
        for (uint256 k; k < count; ++k) {
            uint256 n = (first + k) % count;
            Pair storage pair = pairs[n / payees.length][payees[n % payees.length]];
            if (pair.since == 0 || (found && !_late(pair))) continue;
            (i, payee) = (n / payees.length, payees[n % payees.length]);
            found = true;
            if (_late(pair)) break;
        }
    }

    function _resolve(uint256 i, address payee) internal {
        Purse storage purse = purses[i];
        bool due = _late(pairs[i][payee]);
        bool ok = _do(
            _someone(),
            purse.owner,
            Pays.Purse,
            abi.encodeCall(offpay.settlePaymentAfterSettlementPeriod, (purse.key, payee))
        );
        _require(22, ok == due, "collecting: once the period has passed, and only then");
        if (!ok) return;
        _modelResolve(i, payee);
        _require(5, purse.owner != honest, "an honest payer's default was resolved");
        _require(6, purse.owner != restored, "a default was resolved that its owner makes good in time");
        _match(i);
    }
}

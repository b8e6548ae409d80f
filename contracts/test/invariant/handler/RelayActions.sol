// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Watch} from "./Watch.sol";

/// @title Relays: with a fee for whoever brings them, replayed, forged, nested, given up
abstract contract RelayActions is Watch {
    /// @dev Two operations at once: one of the account's, and a fee. All or none.
    function relayWithFee(uint256 seed) external act(seed) {
        address who = _someone();
        uint256 balance = offpay.balanceOf(who);
        uint96 fee = _between(0, 20);
        uint96 amount = _between(0, balance / 8);
        address to = _someone();
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(offpay.withdraw, (to, amount));
        calls[1] = abi.encodeCall(offpay.transfer, (_someone(), fee));
        bool ok = _relay(who, calls);
        _require(21, ok == (balance >= uint256(amount) + fee), "a relayed withdrawal with a fee");
        if (ok) _compare(who, address(0), Pays.Nothing, false);
        if (ok) wentOut += amount;
        if (!ok) _require(18, offpay.balanceOf(who) == balance, "a failed relay left something behind");
    }

    /// @dev A relay that ran never runs again, whoever brings it.
    function replay(uint256 seed) external act(seed) {
        if (usedRelays.length == 0) return;
        bytes memory data = usedRelays[usedRelays.length - 1 - _pick(_min(usedRelays.length, 8))];
        vm.prank(_someone());
        (bool ok,) = address(offpay).call(data);
        _require(18, !ok, "a relay ran twice");
        _hit("replayed");
    }

    /// @dev A thief signs for somebody else's account, or relays a relay.
    function forge(uint256 seed) external act(seed) {
        address victim = accounts[_pick(accounts.length)];
        address thief = _someone();
        if (victim == thief) return;
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(offpay.withdraw, (thief, uint96(_min(1, offpay.balanceOf(victim)))));
        uint40 deadline = uint40(time + 1 hours);
        uint256 nonce = uint256(keccak256(abi.encode("forged", seed)));
        bytes memory data = abi.encodeCall(
            offpay.relay, (victim, calls, nonce, deadline, signRelay(thief, calls, nonce, deadline))
        );
        vm.prank(thief);
        (bool ok,) = address(offpay).call(data);
        _require(19, !ok, "a relay ran for an account that did not sign it");

        calls[0] = data;
        _require(19, !_relay(thief, calls), "a relay ran inside a relay");
    }

    /// @dev What was signed with a nonce that its account gave up never runs.
    function cancelNonce(uint256 seed) external act(seed) {
        address who = _someone();
        uint256 nonce = _pick(64);
        bool used = offpay.isNonceUsed(who, nonce);
        bool ok = _do(who, abi.encodeCall(offpay.cancelNonce, (nonce)));
        _require(18, ok != used, "a nonce can be given up once");
        bytes[] memory calls = new bytes[](0);
        uint40 deadline = uint40(time + 1 hours);
        bytes memory signature = signRelay(who, calls, nonce, deadline);
        vm.prank(_someone());
        (ok,) = address(offpay).call(abi.encodeCall(offpay.relay, (who, calls, nonce, deadline, signature)));
        _require(18, !ok, "a nonce was used after it was given up");
        _hit("nonce given up");
    }
}

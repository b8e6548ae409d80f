// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    InsufficientBalance,
    InvalidDeadline,
    InvalidRecipient,
    InvalidSignature,
    NonceUsed,
    PaymentRefused,
    Reentered
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Payment, Refusal} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Operations that an account signed and somebody else sends.
contract RelaysTest is Scene {
    bytes[] private calls;
    address private relayer = person("relayer");

    function setUp() public override {
        super.setUp();
        track(relayer);
    }

    function run(address account, uint256 nonce, uint40 deadline) private {
        bytes memory signature = signRelay(account, calls, nonce, deadline);
        vm.prank(relayer);
        offpay.relay(account, calls, nonce, deadline, signature);
    }

    function run(address account) private {
        run(account, 0, now40() + 1 hours);
    }

    // --- What it does

    function test_callsRunForTheAccountThatSignedThem() public {
        calls.push(abi.encodeCall(offpay.withdraw, (alice, 5)));
        calls.push(abi.encodeCall(offpay.lockCollateral, (7)));
        calls.push(abi.encodeCall(offpay.admit, (bob)));
        vm.expectEmit(address(offpay));
        emit Events.Withdrawn(owner, alice, 5);
        vm.expectEmit(address(offpay));
        emit Events.CollateralDeposited(owner, 7, true);
        vm.expectEmit(address(offpay));
        emit Events.Admitted(owner, bob, now40() + DELAY, 1);
        vm.expectEmit(address(offpay));
        emit Events.Relayed(owner, 0);
        run(owner);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 12);
        assertEq(token.balanceOf(alice), 5);
        checkBooks();
    }

    function test_transferAmongTheCallsPaysTheRelayer() public {
        calls.push(abi.encodeCall(offpay.topUpPurse, (device, 10)));
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 2)));
        run(owner);
        assertEq(offpay.balanceOf(relayer), 2);
        assertEq(offpay.purseOf(device).funds, FUNDS + 10);
        checkBooks();
    }

    function test_noCallsJustUseTheNonce() public {
        run(owner);
        assertTrue(offpay.isNonceUsed(owner, 0));
    }

    function test_tokensArePulledFromTheAccount() public {
        fund(alice, 5);
        calls.push(abi.encodeCall(offpay.deposit, (5)));
        run(alice);
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(relayer), 0);
    }

    /// @dev Attack: what the relayer itself is afterwards.
    function test_actingEndsWithTheRelay() public {
        run(owner);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, relayer, 0, 1));
        vm.prank(relayer);
        offpay.withdraw(relayer, 1);
    }

    /// @dev Two accounts' relays in one transaction do not mix.
    function test_eachRelayActsForItsOwnAccount() public {
        give(alice, 50);
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 10)));
        run(owner);
        run(alice);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 10);
        assertEq(offpay.balanceOf(alice), 40);
        assertEq(offpay.balanceOf(relayer), 20);
    }

    // --- All or none

    function test_oneFailureUndoesAllAndLeavesTheNonceUnused() public {
        uint96 left = BALANCE - FUNDS;
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 2)));
        calls.push(abi.encodeCall(offpay.withdraw, (alice, left)));
        uint40 deadline = now40() + 1 hours;
        bytes memory signature = signRelay(owner, calls, 3, deadline);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, owner, left - 2, left));
        offpay.relay(owner, calls, 3, deadline, signature);
        assertEq(offpay.balanceOf(relayer), 0);
        assertFalse(offpay.isNonceUsed(owner, 3));
        give(owner, 2);
        offpay.relay(owner, calls, 3, deadline, signature);
        assertTrue(offpay.isNonceUsed(owner, 3));
        assertEq(offpay.balanceOf(owner), 0);
    }

    function test_callsThatDoNotExistFail() public {
        calls.push(hex"deadbeef");
        uint40 deadline = now40();
        bytes memory signature = signRelay(owner, calls, 0, deadline);
        vm.expectRevert(bytes(""));
        offpay.relay(owner, calls, 0, deadline, signature);
    }

    /// @dev Attack: front-running a settle inside somebody's batch, to make the batch fail.
    function test_settleThatLostTheRaceIsANoOpWithinABatch() public {
        Payment memory p = first(alice, 5);
        calls.push(abi.encodeCall(offpay.settlePayment, (p, signPayment(device, p))));
        calls.push(abi.encodeCall(offpay.withdraw, (bob, 5)));
        settle(device, p);
        run(alice);
        assertEq(token.balanceOf(bob), 5);
        checkBooks();
    }

    function test_settleThatIsRefusedFailsTheBatch() public {
        Payment memory p = first(alice, 5);
        calls.push(abi.encodeCall(offpay.settlePayment, (p, signPayment(bob, p))));
        uint40 deadline = now40();
        bytes memory signature = signRelay(alice, calls, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(PaymentRefused.selector, Refusal.UnknownPurse, bob));
        offpay.relay(alice, calls, 0, deadline, signature);
    }

    // --- Nonces

    function testFuzz_noncesHaveNoOrder(uint256 x, uint256 y) public {
        vm.assume(x != y);
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 1)));
        run(owner, x, now40());
        assertTrue(offpay.isNonceUsed(owner, x));
        assertFalse(offpay.isNonceUsed(owner, y));
        assertFalse(offpay.isNonceUsed(alice, x));
        run(owner, y, now40());
        assertEq(offpay.balanceOf(relayer), 2);
    }

    function test_everyBitOfAWordOfNoncesIsItsOwn() public {
        for (uint256 nonce = 250; nonce < 262; ++nonce) {
            assertFalse(offpay.isNonceUsed(owner, nonce));
            run(owner, nonce, now40());
            assertTrue(offpay.isNonceUsed(owner, nonce));
        }
        run(owner, type(uint256).max, now40());
    }

    /// @dev Attack: the same relay again.
    function testFuzz_relayRunsOnce(uint256 nonce) public {
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 1)));
        run(owner, nonce, now40());
        uint40 deadline = now40();
        bytes memory signature = signRelay(owner, calls, nonce, deadline);
        vm.expectRevert(abi.encodeWithSelector(NonceUsed.selector, owner, nonce));
        offpay.relay(owner, calls, nonce, deadline, signature);
        assertEq(offpay.balanceOf(relayer), 1);
    }

    function testFuzz_cancelledNonceNeverRuns(uint256 nonce) public {
        vm.expectEmit(address(offpay));
        emit Events.NonceCancelled(owner, nonce);
        vm.prank(owner);
        offpay.cancelNonce(nonce);
        assertTrue(offpay.isNonceUsed(owner, nonce));
        uint40 deadline = now40();
        bytes memory signature = signRelay(owner, calls, nonce, deadline);
        vm.expectRevert(abi.encodeWithSelector(NonceUsed.selector, owner, nonce));
        offpay.relay(owner, calls, nonce, deadline, signature);
        vm.expectRevert(abi.encodeWithSelector(NonceUsed.selector, owner, nonce));
        vm.prank(owner);
        offpay.cancelNonce(nonce);
    }

    /// @dev Attack: cancelling somebody else's nonce.
    function test_onlyOwnNoncesAreCancelled() public {
        vm.prank(relayer);
        offpay.cancelNonce(0);
        assertFalse(offpay.isNonceUsed(owner, 0));
        run(owner);
    }

    function test_relayCancelsAnotherNonceOfItsAccount() public {
        calls.push(abi.encodeCall(offpay.cancelNonce, (9)));
        run(owner);
        assertTrue(offpay.isNonceUsed(owner, 9));
        assertFalse(offpay.isNonceUsed(address(offpay), 9));
    }

    function test_relayDoesNotCancelItself() public {
        calls.push(abi.encodeCall(offpay.cancelNonce, (0)));
        uint40 deadline = now40();
        bytes memory signature = signRelay(owner, calls, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(NonceUsed.selector, owner, 0));
        offpay.relay(owner, calls, 0, deadline, signature);
    }

    // --- Deadline

    function testFuzz_deadlineIsTheLastSecond(uint32 left) public {
        uint40 deadline = now40() + left;
        bytes memory signature = signRelay(owner, calls, 0, deadline);
        vm.warp(uint256(deadline) + 1);
        vm.expectRevert(abi.encodeWithSelector(InvalidDeadline.selector, deadline));
        offpay.relay(owner, calls, 0, deadline, signature);
        vm.warp(deadline);
        offpay.relay(owner, calls, 0, deadline, signature);
    }

    // --- Nested relays

    function test_nestedRelayIsRefused() public {
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(offpay.transfer, (relayer, 1));
        uint40 deadline = now40();
        bytes memory signature = signRelay(alice, inner, 0, deadline);
        calls.push(abi.encodeCall(offpay.relay, (alice, inner, 0, deadline, signature)));
        signature = signRelay(owner, calls, 0, deadline);
        vm.expectRevert(Reentered.selector);
        offpay.relay(owner, calls, 0, deadline, signature);
    }

    /// @dev Attack: making the contract send tokens to itself, where nobody could take them from.
    function test_contractItselfIsNoRecipientWithinARelay() public {
        calls.push(abi.encodeCall(offpay.withdraw, (address(offpay), 1)));
        uint40 deadline = now40();
        bytes memory signature = signRelay(owner, calls, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(InvalidRecipient.selector, address(offpay)));
        offpay.relay(owner, calls, 0, deadline, signature);
    }

    // --- Attack: changing what was signed

    function test_everyFieldIsSigned() public {
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 1)));
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 2)));
        uint40 deadline = now40() + 5;
        bytes memory signature = signRelay(owner, calls, 7, deadline);
        bytes memory refusal = abi.encodeWithSelector(InvalidSignature.selector, owner);
        vm.expectRevert(refusal);
        offpay.relay(owner, calls, 8, deadline, signature);
        vm.expectRevert(refusal);
        offpay.relay(owner, calls, 7, deadline - 1, signature);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, alice));
        offpay.relay(alice, calls, 7, deadline, signature);
        (calls[0], calls[1]) = (calls[1], calls[0]);
        vm.expectRevert(refusal);
        offpay.relay(owner, calls, 7, deadline, signature);
        calls.pop();
        vm.expectRevert(refusal);
        offpay.relay(owner, calls, 7, deadline, signature);
        calls[0] = abi.encodeCall(offpay.transfer, (relayer, 1));
        vm.expectRevert(refusal);
        offpay.relay(owner, calls, 7, deadline, signature);
        calls.push(abi.encodeCall(offpay.transfer, (relayer, 2)));
        offpay.relay(owner, calls, 7, deadline, signature);
        assertEq(offpay.balanceOf(relayer), 3);
    }

    /// @dev The boundaries between calls are signed, not just their bytes.
    function test_joinedCallsAreOthers() public {
        bytes memory call = abi.encodeCall(offpay.transfer, (relayer, 1));
        calls.push(call);
        calls.push("");
        bytes memory signature = signRelay(owner, calls, 0, now40());
        calls.pop();
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, owner));
        offpay.relay(owner, calls, 0, now40(), signature);
    }
}

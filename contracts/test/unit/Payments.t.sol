// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Events} from "../../src/types/Events.sol";
import {Payment, Refusal} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Settling a payment alone, out of funds.
contract PaymentsTest is Scene {
    function testFuzz_settlingCreditsThePayee(uint96 start, uint96 amount, bytes32 reference_, address anyone)
        public
    {
        vm.assume(anyone != address(offpay));
        amount = uint96(bound(amount, 1, FUNDS));
        start = uint96(bound(start, 0, FUNDS - amount));
        Payment memory p = Payment(alice, start, amount, amount, reference_);
        bytes memory signature = signPayment(device, p);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, alice, amount, amount, reference_);
        vm.prank(anyone);
        offpay.settlePayment(p, signature);
        track(alice);
        assertEq(offpay.balanceOf(alice), amount);
        assertEq(offpay.paidTo(device, alice), amount);
        assertEq(offpay.purseOf(device).paid, amount);
        assertEq(offpay.purseOf(device).closesAt, 0);
        checkBooks();
    }

    function test_signatureHasEitherForm() public {
        Payment memory p = first(alice, 5);
        (bytes32 r, bytes32 vs) = signCompact(device, paymentDigest(p));
        offpay.settlePayment(p, abi.encodePacked(r, vs));
        settle(device, payment(alice, 5, 5, 10));
        assertEq(offpay.balanceOf(alice), 10);
    }

    function testFuzz_newestPaymentCoversAllEarlierOnes(uint96 x, uint96 y, uint96 z) public {
        x = uint96(bound(x, 1, FUNDS / 3));
        y = uint96(bound(y, 1, FUNDS / 3));
        z = uint96(bound(z, 1, FUNDS / 3));
        settle(device, first(alice, x));
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, alice, y + z, x + y + z, REFERENCE);
        settle(device, payment(alice, x + y, z, x + y + z));
        watch();
        settle(device, payment(alice, x, y, x + y));
        assertNoEvents();
        assertEq(offpay.balanceOf(alice), x + y + z);
        assertEq(offpay.purseOf(device).paid, x + y + z);
        checkBooks();
    }

    /// @dev Attack: an old payment presented first, to shrink what its payee gets.
    function testFuzz_oldPaymentPresentedFirstTakesNothingAway(uint96 old, uint96 newer) public {
        old = uint96(bound(old, 1, FUNDS - 1));
        newer = uint96(bound(newer, 1, FUNDS - old));
        settle(device, first(alice, old));
        settle(device, payment(alice, old, newer, old + newer));
        assertEq(offpay.paidTo(device, alice), old + newer);
    }

    /// @dev Attack: the same payment presented again and again.
    function test_settledPaymentIsANoOp() public {
        settle(device, first(alice, 5));
        for (uint256 i; i < 3; ++i) {
            vm.recordLogs();
            settle(device, first(alice, 5));
            assertEq(vm.getRecordedLogs().length, 0);
        }
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.purseOf(device).paid, 5);
    }

    function test_payeesAreApart() public {
        settle(device, first(alice, 5));
        settle(device, payment(bob, 5, 7, 7));
        assertEq(offpay.paidTo(device, alice), 5);
        assertEq(offpay.paidTo(device, bob), 7);
        assertEq(offpay.purseOf(device).paid, 12);
        checkBooks();
    }

    function test_tillsAndTheOwnerAreOrdinaryPayees() public {
        address till = offpay.tillOf(alice, 1);
        settle(device, first(till, 5));
        settle(device, payment(owner, 5, 7, 7));
        assertEq(offpay.balanceOf(till), 5);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS + 7);
        checkBooks();
    }

    // --- Refusals

    function test_signatureThatNobodyMadeIsRefused() public {
        expectPaymentRefused(Refusal.BadSignature, address(0));
        offpay.settlePayment(first(alice, 5), new bytes(65));
        expectPaymentRefused(Refusal.BadSignature, address(0));
        offpay.settlePayment(first(alice, 5), "");
    }

    /// @dev Attack: a payment by a key that has no purse.
    function test_unknownPurseIsRefused() public {
        expectPaymentRefused(Refusal.UnknownPurse, alice);
        settle(alice, first(alice, 5));
    }

    /// @dev Attack: a payment that its payee made bigger.
    function test_changedPaymentIsSomebodyElses() public {
        bytes memory signature = signPayment(device, first(alice, 5));
        Payment memory p = first(alice, 6);
        address nobody = ecrecoverOf(p, signature);
        expectPaymentRefused(Refusal.UnknownPurse, nobody);
        offpay.settlePayment(p, signature);
    }

    function ecrecoverOf(Payment memory p, bytes memory signature) private view returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(paymentDigest(p), uint8(signature[64]), r, s);
    }

    function test_paymentToNobodyIsMalformed() public {
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, first(address(0), 5));
    }

    function test_paymentOfNothingIsMalformed() public {
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(alice, 10, 0, 5));
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(alice, 0, 0, 0));
    }

    /// @dev Attack: a lying cumulative.
    function test_cumulativeBeyondTheSerialsIsMalformed() public {
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(alice, 10, 5, 16));
        settle(device, payment(alice, 10, 5, 15));
        assertEq(offpay.balanceOf(alice), 15);
    }

    function test_cumulativeBelowTheAmountIsMalformed() public {
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(alice, 10, 5, 4));
        settle(device, payment(alice, 10, 5, 5));
        assertEq(offpay.balanceOf(alice), 5);
    }

    /// @dev Attack: serials beyond the funds.
    function test_serialsBeyondTheFundsAreRefused() public {
        expectPaymentRefused(Refusal.BeyondFunds, device);
        settle(device, payment(alice, FUNDS, 1, 1));
        expectPaymentRefused(Refusal.BeyondFunds, device);
        settle(device, payment(alice, 1, FUNDS, FUNDS));
        settle(device, payment(alice, FUNDS - 1, 1, 1));
        vm.prank(owner);
        offpay.topUpPurse(device, 1);
        settle(device, payment(alice, FUNDS, 1, 2));
        assertEq(offpay.balanceOf(alice), 2);
    }

    /// @dev Attack: a sum that wraps around.
    function test_serialsDoNotWrapAround() public {
        uint96 max = type(uint96).max;
        expectPaymentRefused(Refusal.BeyondFunds, device);
        settle(device, payment(alice, max, max, max));
        expectPaymentRefused(Refusal.BeyondFunds, device);
        settle(device, payment(alice, max, 1, 1));
    }

    function testFuzz_validIfWellFormedAndWithinFunds(uint96 start, uint96 amount, uint96 cumulative) public {
        start = uint96(bound(start, 0, 40));
        amount = uint96(bound(amount, 0, 40));
        cumulative = uint96(bound(cumulative, 0, 80));
        address key = person("small");
        openPurse(owner, key, 50, 1, 1, circle);
        bool wellFormed = 0 < amount && amount <= cumulative && cumulative <= start + amount;
        bool within = start + amount <= 50;
        if (!wellFormed) expectPaymentRefused(Refusal.Malformed, key);
        else if (!within) expectPaymentRefused(Refusal.BeyondFunds, key);
        settle(key, payment(alice, start, amount, cumulative));
        assertEq(offpay.paidTo(key, alice), wellFormed && within ? cumulative : 0);
        assertEq(offpay.balanceOf(alice), wellFormed && within ? cumulative : 0);
    }

    function test_malformedPaymentIsRefusedBeforeItsFunds() public {
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(address(0), FUNDS, 1, 1));
    }

    function test_paymentIdIsTheDigest() public view {
        Payment memory p = Payment(alice, 1, 2, 3, keccak256("r"));
        assertEq(offpay.paymentId(p), paymentDigest(p));
    }

    /// @dev Bits beyond a field are not signed: they count for nothing, or the call is refused.
    function test_dirtyBitsCreditNobodyElse() public {
        Payment memory p = payment(alice, 1, 5, 6);
        bytes memory clean = abi.encodeCall(offpay.settlePayment, (p, signPayment(device, p)));
        for (uint256 word; word < 4; ++word) {
            bytes memory dirty = bytes.concat(clean);
            dirty[4 + 32 * word] = 0xff;
            uint256 snapshot = vm.snapshotState();
            (bool success,) = address(offpay).call(dirty);
            assertEq(offpay.balanceOf(alice), success ? 6 : 0);
            assertEq(offpay.purseOf(device).paid, success ? 6 : 0);
            vm.revertToState(snapshot);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    InvalidSignature,
    MalformedPayment,
    NoConflict,
    PurseIsClosed,
    UnknownPurse
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Payment, PurseState} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Reporting two payments that conflict: the purse begins to close, and nothing else.
contract DoubleSpendsTest is Scene {
    function report(Payment memory a, Payment memory b) private {
        offpay.reportDoubleSpend(a, signPayment(device, a), b, signPayment(device, b));
    }

    function overlapping() private view returns (Payment memory a, Payment memory b) {
        return (first(alice, 5), payment(bob, 4, 5, 5));
    }

    function expectReported(Payment memory a, Payment memory b) private {
        vm.expectEmit(address(offpay));
        emit Events.DoubleSpendReported(device, paymentDigest(a), paymentDigest(b));
    }

    function test_reportStopsThePurseAtOnce() public {
        (Payment memory a, Payment memory b) = overlapping();
        vm.expectEmit(address(offpay));
        emit Events.PurseCloseStarted(device, now40() + DELAY);
        expectReported(a, b);
        vm.prank(makeAddr("anyone"));
        offpay.reportDoubleSpend(a, signPayment(device, a), b, signPayment(device, b));
        PurseState memory purse = offpay.purseOf(device);
        assertTrue(purse.reported && purse.open);
        assertFalse(purse.defaulted || purse.condemned);
        assertEq(purse.closesAt, now40() + DELAY);
    }

    /// @dev Promise 2: a report alone costs no collateral, and payees are paid as ever.
    function test_reportCostsNoCollateral() public {
        (Payment memory a, Payment memory b) = overlapping();
        report(a, b);
        settle(device, a);
        settle(device, b);
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(bob), 5);
        close();
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        assertEq(offpay.balanceOf(owner), BALANCE - 10);
        checkBooks();
    }

    function test_defaultAfterAReportMovesNoClosesAt() public {
        (Payment memory a, Payment memory b) = overlapping();
        report(a, b);
        uint40 closesAt = offpay.purseOf(device).closesAt;
        skip(5);
        drain();
        defaultOn(alice, 5);
        assertEq(offpay.purseOf(device).closesAt, closesAt);
        assertTrue(offpay.purseOf(device).reported && offpay.purseOf(device).defaulted);
    }

    function test_closeThatHadBegunIsNotMoved() public {
        requestClose();
        uint40 closesAt = offpay.purseOf(device).closesAt;
        skip(5);
        (Payment memory a, Payment memory b) = overlapping();
        expectReported(a, b);
        vm.recordLogs();
        report(a, b);
        assertEq(vm.getRecordedLogs().length, 1);
        assertEq(offpay.purseOf(device).closesAt, closesAt);
        assertTrue(offpay.purseOf(device).reported);
    }

    function test_secondReportIsANoOp() public {
        (Payment memory a, Payment memory b) = overlapping();
        report(a, b);
        watch();
        report(a, b);
        report(b, a);
        report(first(alice, 5), first(bob, 6));
        assertNoEvents();
        assertNoWrites();
    }

    function test_signaturesHaveEitherForm() public {
        (Payment memory a, Payment memory b) = overlapping();
        (bytes32 r, bytes32 vs) = signCompact(device, paymentDigest(a));
        offpay.reportDoubleSpend(a, abi.encodePacked(r, vs), b, signPayment(device, b));
        assertTrue(offpay.purseOf(device).reported);
    }

    // --- The three rules, at their boundaries

    function expectNoConflict(Payment memory a, Payment memory b) private {
        bytes memory sigA = signPayment(device, a);
        bytes memory sigB = signPayment(device, b);
        vm.expectRevert(NoConflict.selector);
        offpay.reportDoubleSpend(a, sigA, b, sigB);
        vm.expectRevert(NoConflict.selector);
        offpay.reportDoubleSpend(b, sigB, a, sigA);
    }

    function expectConflict(Payment memory a, Payment memory b) private {
        uint256 snapshot = vm.snapshotState();
        report(a, b);
        assertTrue(offpay.purseOf(device).reported);
        vm.revertToState(snapshot);
        report(b, a);
        assertTrue(offpay.purseOf(device).reported);
        vm.revertToState(snapshot);
    }

    function test_rule1_serialsOverlap() public {
        expectConflict(payment(alice, 10, 5, 5), payment(bob, 14, 5, 5));
        expectNoConflict(payment(alice, 10, 5, 5), payment(bob, 15, 5, 5));
        // One within the other.
        expectConflict(payment(alice, 10, 5, 5), payment(bob, 12, 1, 1));
        // The same serials for the same payee, at different steps of its cumulative.
        expectConflict(payment(alice, 10, 5, 5), payment(alice, 14, 5, 10));
        expectNoConflict(payment(alice, 10, 5, 5), payment(alice, 15, 5, 10));
        // The same but for the reference.
        Payment memory a = payment(alice, 10, 5, 5);
        expectConflict(a, Payment(alice, 10, 5, 5, keccak256("another request")));
    }

    function test_rule2_stepsOfOnePayeesCumulativeOverlap() public {
        expectConflict(payment(alice, 10, 5, 12), payment(alice, 20, 5, 16));
        expectNoConflict(payment(alice, 10, 5, 12), payment(alice, 20, 5, 17));
        // Another payee's steps are its own.
        expectNoConflict(payment(alice, 10, 5, 12), payment(bob, 20, 5, 13));
        // Rule 3 is not for one payee.
        expectNoConflict(payment(alice, 0, 5, 5), payment(alice, 5, 5, 10));
    }

    function test_rule3_twoPayeesArePromisedMoreThanThereWereSerials() public {
        expectConflict(payment(alice, 0, 5, 5), payment(bob, 10, 5, 11));
        expectNoConflict(payment(alice, 0, 5, 5), payment(bob, 10, 5, 10));
        expectConflict(payment(alice, 10, 5, 8), payment(bob, 20, 5, 18));
        expectNoConflict(payment(alice, 10, 5, 8), payment(bob, 20, 5, 17));
    }

    function test_onePaymentIsNoConflict() public {
        Payment memory a = first(alice, 5);
        expectNoConflict(a, a);
        // Nor in another form of its signature.
        (bytes32 r, bytes32 vs) = signCompact(device, paymentDigest(a));
        vm.expectRevert(NoConflict.selector);
        offpay.reportDoubleSpend(a, abi.encodePacked(r, vs), a, signPayment(device, a));
    }

    /// @dev An honest wallet hands serials out once and counts every payment: nobody can stop its purse.
    function testFuzz_honestPaymentsNeverConflict(uint256 seed) public {
        Payment[8] memory payments;
        uint96[3] memory cumulative;
        address[3] memory payees = [alice, bob, carol];
        uint96 serial;
        for (uint256 i; i < 8; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 who = random % 3;
            uint96 amount = 1 + uint96(random >> 8) % 30e18;
            cumulative[who] += amount;
            payments[i] = payment(payees[who], serial, amount, cumulative[who]);
            serial += amount;
            for (uint256 j; j < i; ++j) {
                expectNoConflict(payments[j], payments[i]);
            }
        }
    }

    // --- Refusals

    function test_bothMustBeSignedByOneKey() public {
        (Payment memory a, Payment memory b) = overlapping();
        bytes memory sigA = signPayment(device, a);
        bytes memory sigB = signPayment(mallory, b);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, device));
        offpay.reportDoubleSpend(a, sigA, b, sigB);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, device));
        offpay.reportDoubleSpend(a, sigA, b, sigA);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, device));
        offpay.reportDoubleSpend(a, sigA, b, "");
    }

    /// @dev Attack: nonsense that recovers to zero twice.
    function test_zeroIsNoSigner() public {
        (Payment memory a, Payment memory b) = overlapping();
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, address(0)));
        offpay.reportDoubleSpend(a, "", b, "");
    }

    function test_malformedPaymentsProveNothing() public {
        Payment memory good = first(alice, 5);
        Payment[4] memory bad =
            [payment(bob, 0, 5, 6), payment(bob, 0, 5, 4), payment(bob, 0, 0, 0), first(address(0), 5)];
        for (uint256 i; i < bad.length; ++i) {
            bytes memory sigGood = signPayment(device, good);
            bytes memory sigBad = signPayment(device, bad[i]);
            vm.expectRevert(MalformedPayment.selector);
            offpay.reportDoubleSpend(good, sigGood, bad[i], sigBad);
            vm.expectRevert(MalformedPayment.selector);
            offpay.reportDoubleSpend(bad[i], sigBad, good, sigGood);
        }
    }

    function test_keyWithoutAPurseIsNotReported() public {
        device = mallory;
        (Payment memory a, Payment memory b) = overlapping();
        bytes memory sigA = signPayment(device, a);
        bytes memory sigB = signPayment(device, b);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, mallory));
        offpay.reportDoubleSpend(a, sigA, b, sigB);
    }

    function test_closedPurseIsNotReported() public {
        requestClose();
        close();
        (Payment memory a, Payment memory b) = overlapping();
        bytes memory sigA = signPayment(device, a);
        bytes memory sigB = signPayment(device, b);
        vm.expectRevert(abi.encodeWithSelector(PurseIsClosed.selector, device));
        offpay.reportDoubleSpend(a, sigA, b, sigB);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidRows} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Payment, Refusal} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev `settlePaymentsPacked`: the same for one payee, in the fewest bytes and with one event.
contract PackedBatchesTest is Scene {
    bytes32[] private settled;
    address private other = person("other");

    function setUp() public override {
        super.setUp();
        openPurse(owner, other, 50e18, 50e18, 1, address(0));
        track(alice);
    }

    function row(address key, uint96 start, uint96 amount, uint96 cumulative)
        private
        view
        returns (bytes memory)
    {
        return packedRow(key, payment(alice, start, amount, cumulative));
    }

    function logged(address key, uint96 paidTo) private {
        settled.push(bytes32(abi.encodePacked(key, paidTo)));
    }

    function expectSettled() private {
        vm.expectEmit(address(offpay));
        emit Events.PaymentsSettled(alice, settled);
    }

    function test_rowIs132Bytes() public view {
        assertEq(row(device, 0, 5, 5).length, 132);
    }

    function test_batchCreditsItsPayeeOnceForAllRows() public {
        bytes memory rows = bytes.concat(
            row(device, 0, 5, 5), row(other, 1, 3, 3), row(device, 5, 2, 7), row(other, 4, 1, 4)
        );
        logged(device, 5);
        logged(other, 3);
        logged(device, 7);
        logged(other, 4);
        expectSettled();
        offpay.settlePaymentsPacked(alice, rows);
        assertEq(offpay.balanceOf(alice), 11);
        assertEq(offpay.paidTo(device, alice), 7);
        assertEq(offpay.paidTo(other, alice), 4);
        checkBooks();
    }

    function test_emptyBatchIsANoOp() public {
        watch();
        offpay.settlePaymentsPacked(alice, "");
        assertNoEvents();
        assertNoWrites();
    }

    function testFuzz_rowsOfAWrongLengthAreRefused(uint256 length) public {
        length = bound(length, 1, 1000);
        if (length % 132 == 0) ++length;
        vm.expectRevert(abi.encodeWithSelector(InvalidRows.selector, length));
        offpay.settlePaymentsPacked(alice, new bytes(length));
    }

    // --- One bad row of each kind, with good ones around it

    function checkOneBadRow(bytes memory bad, Refusal refusal) private {
        bytes memory a = row(device, 0, 5, 5);
        bytes memory b = row(device, 5, 7, 12);
        bytes[3] memory batches = [bytes.concat(bad, a, b), bytes.concat(a, bad, b), bytes.concat(a, b, bad)];
        logged(device, 5);
        logged(device, 12);
        for (uint256 place; place < 3; ++place) {
            uint256 snapshot = vm.snapshotState();
            vm.expectEmit(address(offpay));
            emit Events.RowSkipped(place, refusal);
            expectSettled();
            offpay.settlePaymentsPacked(alice, batches[place]);
            assertEq(offpay.balanceOf(alice), 12);
            assertEq(offpay.purseOf(device).paid, 12);
            checkBooks();
            vm.revertToState(snapshot);
        }
    }

    function test_rowWithABadSignatureIsSkipped() public {
        checkOneBadRow(abi.encodePacked(uint96(0), uint96(5), uint96(5), new bytes(96)), Refusal.BadSignature);
    }

    /// @dev Attack: a signature made malleable. Of high `s`, 255 bits hold only the lowest.
    function test_rowWithAHighSIsSkipped() public {
        Payment memory p = payment(alice, 0, 5, 5);
        (bytes32 r,) = signCompact(device, paymentDigest(p));
        bytes32 high = bytes32(CURVE_ORDER / 2 + 1);
        bytes memory bad = abi.encodePacked(p.start, p.amount, p.cumulative, p.reference_, r, high);
        checkOneBadRow(bad, Refusal.BadSignature);
    }

    function test_rowOfAnUnknownPurseIsSkipped() public {
        checkOneBadRow(row(bob, 0, 5, 5), Refusal.UnknownPurse);
    }

    function test_malformedRowIsSkipped() public {
        checkOneBadRow(row(device, 0, 5, 6), Refusal.Malformed);
    }

    function test_rowBeyondTheFundsIsSkipped() public {
        checkOneBadRow(row(device, FUNDS, 1, 1), Refusal.BeyondFunds);
    }

    function test_rowOfAClosedPurseIsSkipped() public {
        vm.prank(owner);
        offpay.requestPurseClose(other);
        vm.warp(offpay.purseOf(other).closesAt);
        offpay.closePurse(other);
        checkOneBadRow(row(other, 0, 5, 5), Refusal.PurseClosed);
    }

    /// @dev Attack: rows that were signed for somebody else.
    function test_rowToAnotherPayeeIsSomebodyElses() public {
        bytes memory rows = packedRow(device, payment(bob, 0, 5, 5));
        vm.recordLogs();
        offpay.settlePaymentsPacked(alice, rows);
        assertEq(vm.getRecordedLogs()[0].topics[0], Events.RowSkipped.selector);
        assertEq(offpay.balanceOf(alice), 0);
        assertEq(offpay.balanceOf(bob), 0);
    }

    function test_batchToNobodyIsMalformed() public {
        bytes memory rows = packedRow(device, payment(address(0), 0, 5, 5));
        vm.expectEmit(address(offpay));
        emit Events.RowSkipped(0, Refusal.Malformed);
        offpay.settlePaymentsPacked(address(0), rows);
        assertEq(offpay.balanceOf(address(0)), 0);
    }

    // --- Rows of which nothing is owed, or not all can be paid

    function test_rowThatLostTheRaceIsANoOpWithoutATrace() public {
        settle(device, first(alice, 5));
        logged(other, 3);
        expectSettled();
        offpay.settlePaymentsPacked(alice, bytes.concat(row(device, 0, 5, 5), row(other, 0, 3, 3)));
        assertEq(offpay.balanceOf(alice), 8);
        vm.recordLogs();
        offpay.settlePaymentsPacked(alice, row(device, 0, 5, 5));
        assertEq(vm.getRecordedLogs().length, 0);
        checkBooks();
    }

    function test_rowThatCannotBePaidInFullDefaultsLikeAnyOther() public {
        settle(device, first(mallory, FUNDS - 2));
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, 5, 3, now40(), true);
        logged(device, 2);
        logged(other, 3);
        expectSettled();
        offpay.settlePaymentsPacked(alice, bytes.concat(row(device, 0, 5, 5), row(other, 0, 3, 3)));
        assertEq(offpay.pairOf(device, alice).reserved, 3);
        assertEq(offpay.balanceOf(alice), 5);
        checkBooks();
    }

    function test_batchThatOnlyDefaultsCreditsNothing() public {
        drain();
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, 5, 5, now40(), true);
        vm.recordLogs();
        offpay.settlePaymentsPacked(alice, row(device, 0, 5, 5));
        assertEq(vm.getRecordedLogs().length, 2, "the close and the default");
        assertEq(offpay.balanceOf(alice), 0);
    }

    function testFuzz_packedBatchDoesWhatItsRowsDoAlone(uint256 seed) public {
        bytes memory rows;
        Payment[6] memory payments;
        uint96 serial;
        uint96 cumulative;
        for (uint256 i; i < 6; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint96 amount = uint96(random % (FUNDS / 4));
            cumulative += amount;
            payments[i] = payment(alice, serial, amount, cumulative);
            rows = bytes.concat(rows, packedRow(device, payments[i]));
            serial += amount;
            // Now and then a serial is used twice.
            if (random >> 255 == 1) serial -= amount / 2;
        }
        uint256 snapshot = vm.snapshotState();
        offpay.settlePaymentsPacked(alice, rows);
        bytes memory together = outcome();
        vm.revertToState(snapshot);
        for (uint256 i; i < 6; ++i) {
            try offpay.settlePayment(payments[i], signPayment(device, payments[i])) {} catch {}
        }
        assertEq(outcome(), together);
        checkBooks();
    }

    function outcome() private view returns (bytes memory) {
        return abi.encode(offpay.balanceOf(alice), offpay.purseOf(device), offpay.pairOf(device, alice));
    }
}

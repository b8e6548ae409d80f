// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Events} from "../../src/types/Events.sol";
import {Payment, Refusal, SignedPayment} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev `settlePayments`: a row that fails is skipped with an event and never reverts the others.
contract BatchesTest is Scene {
    SignedPayment[] private rows;
    address private other = person("other");

    function setUp() public override {
        super.setUp();
        openPurse(owner, other, 50e18, 50e18, 1, address(0));
        track(alice);
        track(bob);
    }

    function add(address key, Payment memory p) private {
        rows.push(signedRow(key, p));
    }

    function expectSkipped(uint256 row, Refusal refusal) private {
        vm.expectEmit(address(offpay));
        emit Events.RowSkipped(row, refusal);
    }

    function expectSettled(address key, address payee, uint96 amount, uint96 cumulative) private {
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(key, payee, amount, cumulative, REFERENCE);
    }

    function test_batchSettlesRowsOfManyPursesAndPayees() public {
        add(device, first(alice, 5));
        add(device, payment(bob, 5, 7, 7));
        add(other, first(alice, 3));
        add(device, payment(alice, 12, 2, 7));
        expectSettled(device, alice, 5, 5);
        expectSettled(device, bob, 7, 7);
        expectSettled(other, alice, 3, 3);
        expectSettled(device, alice, 2, 7);
        offpay.settlePayments(rows);
        assertEq(offpay.balanceOf(alice), 10);
        assertEq(offpay.balanceOf(bob), 7);
        assertEq(offpay.purseOf(device).paid, 14);
        assertEq(offpay.purseOf(other).paid, 3);
        checkBooks();
    }

    function test_emptyBatchIsANoOp() public {
        watch();
        offpay.settlePayments(rows);
        assertNoEvents();
        assertNoWrites();
    }

    // --- One bad row of each kind, with good ones around it

    function checkOneBadRow(Refusal refusal) private {
        SignedPayment memory bad = rows[0];
        for (uint256 place; place < 3; ++place) {
            uint256 snapshot = vm.snapshotState();
            delete rows;
            add(device, first(alice, 5));
            add(device, payment(bob, 5, 7, 7));
            rows.push(rows[1]);
            if (place < 2) rows[2] = rows[1];
            if (place < 1) rows[1] = rows[0];
            rows[place] = bad;
            expectSkipped(place, refusal);
            offpay.settlePayments(rows);
            assertEq(offpay.balanceOf(alice), 5);
            assertEq(offpay.balanceOf(bob), 7);
            assertEq(offpay.purseOf(device).paid, 12);
            checkBooks();
            vm.revertToState(snapshot);
        }
    }

    function test_rowWithABadSignatureIsSkipped() public {
        add(device, first(alice, 5));
        rows[0].r = 0;
        checkOneBadRow(Refusal.BadSignature);
    }

    /// @dev Attack: a signature made malleable. Of high `s`, 255 bits hold only the lowest.
    function test_rowWithAHighSIsSkipped() public {
        add(device, first(alice, 5));
        rows[0].vs = bytes32(CURVE_ORDER / 2 + 1);
        checkOneBadRow(Refusal.BadSignature);
    }

    function test_rowOfAnUnknownPurseIsSkipped() public {
        add(alice, first(alice, 5));
        checkOneBadRow(Refusal.UnknownPurse);
    }

    function test_malformedRowIsSkipped() public {
        add(device, payment(alice, 0, 5, 6));
        checkOneBadRow(Refusal.Malformed);
    }

    function test_rowToNobodyIsSkipped() public {
        add(device, first(address(0), 5));
        checkOneBadRow(Refusal.Malformed);
    }

    function test_rowBeyondTheFundsIsSkipped() public {
        add(device, payment(alice, FUNDS, 1, 1));
        checkOneBadRow(Refusal.BeyondFunds);
    }

    function test_rowOfAClosedPurseIsSkipped() public {
        vm.prank(owner);
        offpay.requestPurseClose(other);
        vm.warp(offpay.purseOf(other).closesAt);
        offpay.closePurse(other);
        add(other, first(alice, 5));
        checkOneBadRow(Refusal.PurseClosed);
    }

    // --- Rows of which nothing is owed, or not all can be paid

    /// @dev Attack: settling rows of a batch before the batch does.
    function test_rowThatLostTheRaceIsANoOp() public {
        add(device, first(alice, 5));
        add(device, payment(bob, 5, 7, 7));
        settle(device, first(alice, 5));
        vm.recordLogs();
        offpay.settlePayments(rows);
        assertEq(vm.getRecordedLogs().length, 1, "bob's alone");
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(bob), 7);
    }

    function test_sameRowTwiceCountsOnce() public {
        add(device, first(alice, 5));
        add(device, first(alice, 5));
        offpay.settlePayments(rows);
        assertEq(offpay.balanceOf(alice), 5);
        checkBooks();
    }

    function test_rowThatCannotBePaidInFullDefaultsLikeAnyOther() public {
        add(device, first(mallory, FUNDS - 2));
        add(device, first(alice, 5));
        add(other, first(bob, 5));
        track(mallory);
        expectSettled(device, mallory, FUNDS - 2, FUNDS - 2);
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, 5, 3, now40(), true);
        expectSettled(device, alice, 2, 2);
        expectSettled(other, bob, 5, 5);
        offpay.settlePayments(rows);
        assertEq(offpay.pairOf(device, alice).reserved, 3);
        assertEq(offpay.purseOf(device).pairsInDefault, 1);
        assertEq(offpay.balanceOf(alice), 2);
        checkBooks();
    }

    /// @dev Bits beyond a field are not signed, and count for nothing.
    function test_dirtyBitsOfARowCountForNothing() public {
        add(device, Payment(alice, 1, 5, 6, REFERENCE));
        bytes memory call = abi.encodeCall(offpay.settlePayments, (rows));
        // The first row's words begin after selector, offset and length.
        for (uint256 word; word < 4; ++word) {
            call[4 + 64 + 32 * word] = 0xff;
        }
        (bool success,) = address(offpay).call(call);
        assertTrue(success);
        assertEq(offpay.balanceOf(alice), 6);
        assertEq(offpay.paidTo(device, alice), 6);
    }

    function testFuzz_batchDoesWhatItsRowsDoAlone(uint256 seed) public {
        uint96 serial;
        uint96[2] memory cumulative;
        for (uint256 i; i < 6; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint96 amount = uint96(random % (FUNDS / 4));
            uint256 who = random >> 128 & 1;
            // Some rows are malformed, and some beyond the funds.
            cumulative[who] += amount;
            add(device, payment(who == 0 ? alice : bob, serial, amount, cumulative[who]));
            serial += amount;
        }
        uint256 snapshot = vm.snapshotState();
        offpay.settlePayments(rows);
        bytes memory together = outcome();
        vm.revertToState(snapshot);
        for (uint256 i; i < 6; ++i) {
            SignedPayment memory row = rows[i];
            try offpay.settlePayment(row.payment, abi.encodePacked(row.r, row.vs)) {} catch {}
        }
        assertEq(outcome(), together);
        checkBooks();
    }

    function outcome() private view returns (bytes memory) {
        return abi.encode(
            offpay.balanceOf(alice),
            offpay.balanceOf(bob),
            offpay.purseOf(device),
            offpay.pairOf(device, alice),
            offpay.pairOf(device, bob)
        );
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Events} from "../../src/types/Events.sol";
import {PairState, PurseState, Refusal} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev A payment that its purse cannot pay: what starts, what is remembered, what is reserved for whom.
contract DefaultsTest is Scene {
    /// @dev Of `Ledger._claims`.
    uint256 private constant CLAIMS_SLOT = 8;

    function expectDefaulted(address payee, uint96 presented, uint96 reserved, uint40 since, bool wasMember)
        private
    {
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, payee, presented, reserved, since, wasMember);
    }

    function reservedFor(address payee) private view returns (uint96) {
        return offpay.pairOf(device, payee).reserved;
    }

    // --- How a default begins

    function test_firstDefaultStartsTheClosing() public {
        drain();
        vm.expectEmit(address(offpay));
        emit Events.PurseCloseStarted(device, now40() + DELAY);
        expectDefaulted(alice, 30e18, COVER, now40(), true);
        vm.recordLogs();
        defaultOn(alice, 30e18);
        assertEq(vm.getRecordedLogs().length, 2, "nothing was settled");
        PurseState memory purse = offpay.purseOf(device);
        assertEq(purse.closesAt, now40() + DELAY);
        assertTrue(purse.defaulted && purse.open);
        assertFalse(purse.condemned || purse.reported);
        assertEq(purse.reserved, COVER);
        assertEq(purse.pairsInDefault, 1);
        checkBooks();
    }

    function testFuzz_whatFundsAreLeftIsPaidFirst(uint96 rest, uint96 owed) public {
        owed = uint96(bound(owed, 2, FUNDS));
        rest = uint96(bound(rest, 1, owed - 1));
        settle(device, first(mallory, FUNDS - rest));
        uint96 short = owed - rest;
        expectDefaulted(alice, owed, short < COVER ? short : COVER, now40(), true);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, alice, rest, rest, REFERENCE);
        defaultOn(alice, owed);
        assertEq(offpay.balanceOf(alice), rest);
        PairState memory pair = offpay.pairOf(device, alice);
        assertEq(pair.paid, rest);
        assertEq(pair.presented, owed);
        assertEq(pair.inDefaultSince, now40());
        checkBooks();
    }

    function test_closeThatHadBegunIsNotMoved() public {
        drain();
        requestClose();
        uint40 closesAt = offpay.purseOf(device).closesAt;
        skip(1 days);
        vm.recordLogs();
        defaultOn(alice, 1);
        assertEq(vm.getRecordedLogs().length, 1, "the default alone");
        assertEq(offpay.purseOf(device).closesAt, closesAt);
    }

    function test_paymentThatIsPaidInFullIsNoDefaultAfterAnothers() public {
        settle(device, first(mallory, FUNDS - 10));
        defaultOn(alice, 20);
        vm.prank(owner);
        offpay.topUpPurse(device, 7);
        vm.recordLogs();
        settle(device, first(bob, 7));
        assertEq(vm.getRecordedLogs().length, 1, "the settlement alone");
        assertEq(offpay.pairOf(device, bob).inDefaultSince, 0);
        assertEq(offpay.purseOf(device).pairsInDefault, 1);
        checkBooks();
    }

    // --- What the pair remembers

    function test_highestCumulativePresentedIsRemembered() public {
        drain();
        uint40 since = now40();
        settle(device, payment(alice, 0, 5e18, 5e18));
        skip(PERIOD / 2);
        expectDefaulted(alice, 9e18, 9e18, since, true);
        settle(device, payment(alice, 5e18, 4e18, 9e18));
        skip(PERIOD / 4);
        expectDefaulted(alice, 9e18, 9e18, since, true);
        settle(device, payment(alice, 0, 5e18, 5e18));
        assertEq(offpay.pairOf(device, alice).inDefaultSince, since);
        assertEq(offpay.purseOf(device).pairsInDefault, 1);
    }

    /// @dev Attack: an old payment presented first, to shrink a victim's claim.
    function testFuzz_oldPaymentPresentedFirstShrinksNoClaim(uint96 old, uint96 newer) public {
        newer = uint96(bound(newer, 2, FUNDS));
        old = uint96(bound(old, 1, newer - 1));
        drain();
        settle(device, first(alice, old));
        settle(device, payment(alice, old, newer - old, newer));
        assertEq(reservedFor(alice), newer < COVER ? newer : COVER);
        assertEq(offpay.pairOf(device, alice).presented, newer);
    }

    function test_oldPaymentBringsInAllThatWasPresented() public {
        drain();
        settle(device, payment(alice, 0, 5, 5));
        settle(device, payment(alice, 5, 5, 10));
        vm.prank(owner);
        offpay.topUpPurse(device, 20);
        settle(device, payment(alice, 0, 5, 5));
        assertEq(offpay.balanceOf(alice), 10);
        assertEq(offpay.pairOf(device, alice).inDefaultSince, 0);
    }

    function test_invalidPaymentsAreNoDefaults() public {
        drain();
        expectPaymentRefused(Refusal.BeyondFunds, device);
        settle(device, payment(alice, FUNDS, 5, 5));
        expectPaymentRefused(Refusal.Malformed, device);
        settle(device, payment(alice, 0, 5, 6));
        assertEq(offpay.purseOf(device).pairsInDefault, 0);
        assertEq(offpay.purseOf(device).closesAt, 0);
    }

    // --- What is reserved

    function testFuzz_onePayeeReservesOneCoverAtMost(uint96 owed, uint96 pledge, uint16 coverCount) public {
        pledge = uint96(bound(pledge, 1, COLLATERAL - PLEDGE));
        coverCount = uint16(bound(coverCount, 1, 65_534));
        owed = uint96(bound(owed, 1, 100e18));
        device = person("another device");
        openPurse(owner, device, 100e18, pledge, coverCount, circle);
        settle(device, first(mallory, 100e18));
        uint256 cover = uint256(pledge) * 9000 / (10_000 * uint256(coverCount));
        uint96 reserved = uint96(owed < cover ? owed : cover);
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, owed, reserved, now40(), true);
        defaultOn(alice, owed);
        assertEq(offpay.purseOf(device).reserved, reserved);
    }

    function test_coverCountPayeesReserveAllAndTheNextNothing() public {
        drain();
        defaultOn(alice, 30e18);
        defaultOn(bob, 30e18);
        defaultOn(carol, 30e18);
        defaultOn(dave, 30e18);
        expectDefaulted(erin, 30e18, 0, now40(), true);
        defaultOn(erin, 30e18);
        assertEq(reservedFor(alice), COVER, "the first has one cover");
        assertEq(reservedFor(dave), COVER, "and so has the last");
        assertEq(offpay.purseOf(device).reserved, PAYABLE);
        assertEq(offpay.purseOf(device).pairsInDefault, 5);
    }

    /// @dev Attack: so many defaults, of accounts that cost nothing, that the next payee's overflows a counter.
    function test_moreThan32BitsOfPairsMayBeInDefault() public {
        drain();
        defaultOn(alice, 5);
        bytes32 slot = keccak256(abi.encode(device, CLAIMS_SLOT));
        uint256 claims = uint256(vm.load(address(offpay), slot));
        assertEq(claims >> 192, 1, "the slot is the claims'");
        vm.store(address(offpay), slot, bytes32(claims + (uint256(type(uint32).max - 1) << 192)));
        defaultOn(bob, 5);
        assertEq(offpay.purseOf(device).pairsInDefault, uint64(type(uint32).max) + 1);
        skip(PERIOD);
        resolve(bob);
        assertEq(offpay.balanceOf(bob), 5);
    }

    /// @dev Attack: defaults by the hundred, to make the next payee's cost more gas than a block has.
    function test_defaultCostsTheSameHoweverManyThereAre() public {
        drain();
        defaultOn(alice, 5);
        uint256 second;
        for (uint256 i; i < 64; ++i) {
            defaultOn(address(uint160(0xd00d0000 + i)), 5);
            uint256 used = vm.lastCallGas().gasTotalUsed;
            if (i == 0) second = used;
            // One parity of a signature takes a few steps more than the other.
            assertApproxEqAbs(used, second, 50);
        }
    }

    function testFuzz_whatOthersReserveAndHaveHadIsTaken(uint96 x, uint96 y) public {
        device = person("another device");
        openPurse(owner, device, FUNDS, PLEDGE, 1, circle);
        drain();
        x = uint96(bound(x, 1, PAYABLE));
        y = uint96(bound(y, 1, PAYABLE));
        uint96 second = y < PAYABLE - x ? y : PAYABLE - x;
        defaultOn(alice, x);
        defaultOn(bob, y);
        assertEq(reservedFor(alice), x);
        assertEq(reservedFor(bob), second);
        skip(PERIOD);
        resolve(alice);
        defaultOn(carol, PAYABLE);
        assertEq(reservedFor(carol), PAYABLE - x - second);
        checkBooks();
    }

    function test_reservationShrinksByPaymentOnly() public {
        device = person("another device");
        openPurse(owner, device, FUNDS, PLEDGE, 1, circle);
        drain();
        defaultOn(alice, 60e18);
        defaultOn(bob, 60e18);
        assertEq(reservedFor(bob), 30e18);
        vm.prank(owner);
        offpay.topUpPurse(device, 10e18);
        defaultOn(bob, 60e18);
        // Bob was paid 10 and is owed 50, of which there is room for 30.
        assertEq(reservedFor(bob), 30e18);
        vm.prank(owner);
        offpay.topUpPurse(device, 25e18);
        defaultOn(bob, 60e18);
        assertEq(reservedFor(bob), 25e18);
        assertEq(reservedFor(alice), 60e18);
        checkBooks();
    }

    function test_curedReservationIsFreeForOthers() public {
        device = person("another device");
        openPurse(owner, device, FUNDS, PLEDGE, 1, circle);
        drain();
        defaultOn(alice, 90e18);
        defaultOn(bob, 90e18);
        assertEq(reservedFor(bob), 0);
        makeGood(alice);
        defaultOn(bob, 90e18);
        assertEq(reservedFor(bob), 90e18);
    }

    function test_cureBySettlingIsTold() public {
        drain();
        defaultOn(alice, 5);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        skip(PERIOD - 1);
        vm.expectEmit(address(offpay));
        emit Events.DefaultCured(device, alice);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, alice, 5, 5, REFERENCE);
        defaultOn(alice, 5);
        PurseState memory purse = offpay.purseOf(device);
        assertFalse(purse.condemned);
        assertEq(purse.pairsInDefault, 0);
        assertEq(purse.reserved, 0);
        assertEq(purse.paidFromCollateral, 0);
        assertEq(offpay.pairOf(device, alice).inDefaultSince, 0);
        checkBooks();
    }
}

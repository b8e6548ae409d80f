// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SettlementPeriodRunning} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {PairState} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev A pair whose default was resolved comes back with a higher cumulative, or if it could reserve more now.
contract ComebacksTest is Scene {
    /// @dev A purse with one cover of 90 for all, drained.
    function setUp() public override {
        super.setUp();
        device = person("one cover's device");
        openPurse(owner, device, FUNDS, PLEDGE, 1, circle);
        drain();
    }

    function expectDefaulted(address payee, uint96 presented, uint96 reserved) private {
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, payee, presented, reserved, now40(), true);
    }

    function assertPair(uint96 presented, uint40 since, uint96 reserved, uint96 fromCollateral) private view {
        PairState memory pair = offpay.pairOf(device, bob);
        assertEq(pair.presented, presented);
        assertEq(pair.inDefaultSince, since);
        assertEq(pair.reserved, reserved);
        assertEq(pair.fromCollateral, fromCollateral);
        assertTrue(pair.wasMember);
    }

    /// @dev Alice reserves 60 of 90, Bob gets 30 of the 60 that he is owed.
    function bobHasHad30Of60() private {
        defaultOn(alice, 60e18);
        defaultOn(bob, 60e18);
        skip(PERIOD);
        resolve(bob);
        assertPair(60e18, 0, 0, 30e18);
    }

    function test_withNothingNewItIsANoOp() public {
        bobHasHad30Of60();
        vm.recordLogs();
        defaultOn(bob, 60e18);
        defaultOn(bob, 20e18);
        assertEq(vm.getRecordedLogs().length, 0);
        assertPair(60e18, 0, 0, 30e18);
        assertEq(offpay.purseOf(device).pairsInDefault, 1);
        assertEq(offpay.purseOf(device).reserved, 60e18);
    }

    function test_roomThatBecameFreeBringsItBack() public {
        bobHasHad30Of60();
        makeGood(alice);
        expectDefaulted(bob, 60e18, 30e18);
        defaultOn(bob, 60e18);
        assertPair(60e18, now40(), 30e18, 30e18);
        assertEq(offpay.purseOf(device).pairsInDefault, 1);
        vm.expectRevert(abi.encodeWithSelector(SettlementPeriodRunning.selector, now40() + PERIOD));
        resolve(bob);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettledFromCollateral(device, bob, 30e18, 60e18);
        resolve(bob);
        assertPair(60e18, 0, 0, 60e18);
        assertEq(offpay.balanceOf(bob), 60e18);
        assertEq(offpay.purseOf(device).paidFromCollateral, 60e18);
        checkBooks();
    }

    function test_evenItsOldestPaymentBringsItBackToAllThatItIsOwed() public {
        bobHasHad30Of60();
        makeGood(alice);
        expectDefaulted(bob, 60e18, 30e18);
        defaultOn(bob, 1);
    }

    function test_higherCumulativeBringsItBackWithoutRoomToo() public {
        bobHasHad30Of60();
        skip(100);
        expectDefaulted(bob, 61e18, 0);
        settle(device, payment(bob, 60e18, 1e18, 61e18));
        assertPair(61e18, now40(), 0, 30e18);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettledFromCollateral(device, bob, 0, 30e18);
        resolve(bob);
        assertPair(61e18, 0, 0, 30e18);
        checkBooks();
    }

    /// @dev Attack: coming back for more than one cover in all.
    function test_allItsDefaultsTogetherHaveOneCover() public {
        device = person("two covers' device");
        openPurse(owner, device, 100e18, 50e18, 2, circle);
        settle(device, first(mallory, 100e18));
        defaultOn(bob, 10e18);
        skip(PERIOD);
        resolve(bob);
        expectDefaulted(bob, 50e18, 12.5e18);
        settle(device, payment(bob, 10e18, 40e18, 50e18));
        assertPair(50e18, now40(), 12.5e18, 10e18);
        skip(PERIOD);
        resolve(bob);
        assertPair(50e18, 0, 0, 22.5e18);
        vm.recordLogs();
        settle(device, payment(bob, 10e18, 40e18, 50e18));
        assertEq(vm.getRecordedLogs().length, 0, "no room within its cover");
        expectDefaulted(bob, 51e18, 0);
        settle(device, payment(bob, 50e18, 1e18, 51e18));
        assertPair(51e18, now40(), 0, 22.5e18);
        checkBooks();
    }

    function test_membersOfOldComeBackAfterTheirDismissal() public {
        bobHasHad30Of60();
        makeGood(alice);
        vm.prank(circle);
        offpay.dismiss(bob);
        skip(DELAY);
        expectDefaulted(bob, 60e18, 30e18);
        defaultOn(bob, 60e18);
    }

    function test_strangerComesBackOnceItIsAMember() public {
        address frank = person("frank");
        defaultOn(frank, 10e18);
        skip(PERIOD);
        resolve(frank);
        vm.recordLogs();
        defaultOn(frank, 10e18);
        assertEq(vm.getRecordedLogs().length, 0);
        admit(circle, frank);
        skip(DELAY);
        expectDefaulted(frank, 10e18, 10e18);
        defaultOn(frank, 10e18);
    }

    function test_topUpPaysAResolvedPairWithoutANewDefault() public {
        bobHasHad30Of60();
        vm.prank(owner);
        offpay.topUpPurse(device, 10e18);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, bob, 10e18, 40e18, REFERENCE);
        vm.recordLogs();
        defaultOn(bob, 60e18);
        assertEq(vm.getRecordedLogs().length, 1, "no default: there is no room");
        assertPair(60e18, 0, 0, 30e18);
        assertEq(offpay.paidTo(device, bob), 40e18);
        checkBooks();
    }

    function test_whatItHadStaysWhenItIsMadeGoodTheSecondTime() public {
        bobHasHad30Of60();
        makeGood(alice);
        defaultOn(bob, 60e18);
        makeGood(bob);
        assertPair(60e18, 0, 0, 30e18);
        assertEq(offpay.balanceOf(bob), 60e18);
        assertEq(offpay.purseOf(device).reserved, 0);
        assertEq(offpay.purseOf(device).paidFromCollateral, 30e18);
        // And the third time it has had no more.
        expectDefaulted(bob, 200e18, 60e18);
        settle(device, payment(bob, 60e18, 140e18, 200e18));
        assertPair(200e18, now40(), 60e18, 30e18);
        checkBooks();
    }

    function test_renewedReservationCountsWhatItHad() public {
        bobHasHad30Of60();
        makeGood(alice);
        defaultOn(bob, 60e18);
        uint40 since = now40();
        skip(1);
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, bob, 200e18, 60e18, since, true);
        settle(device, payment(bob, 60e18, 140e18, 200e18));
        assertPair(200e18, since, 60e18, 30e18);
        skip(PERIOD);
        resolve(bob);
        assertEq(offpay.balanceOf(bob), PAYABLE);
        assertEq(offpay.purseOf(device).paidFromCollateral, PAYABLE);
        checkBooks();
    }

    /// @dev Whatever the order, nobody has more than its cover and all together no more than the payable share.
    function testFuzz_claimsStayWithinCoverAndPayableShare(uint256 seed) public {
        device = person("fuzzed device");
        give(owner, 1_000e18);
        uint16 coverCount = uint16(bound(seed, 1, 4));
        openPurse(owner, device, FUNDS, 50e18, coverCount, circle);
        drain();
        uint96[4] memory cumulative;
        address[4] memory payees = [alice, bob, carol, mallory];
        for (uint256 i; i < 24; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 who = random % 4;
            if (random >> 8 & 3 == 0) skip(PERIOD / 2);
            uint256 what = random >> 16 & 3;
            if (what < 2) {
                cumulative[who] += uint96(random >> 32) % 20e18;
                if (cumulative[who] != 0) defaultOn(payees[who], cumulative[who]);
            } else if (what == 2) {
                try offpay.settlePaymentAfterSettlementPeriod(device, payees[who]) {} catch {}
            } else if (random >> 24 & 3 == 0) {
                makeGood(payees[who]);
            }
            assertClaims(payees, 45e18, 45e18 / coverCount);
        }
        checkBooks();
    }

    function assertClaims(address[4] memory payees, uint96 payableShare, uint96 cover) private view {
        uint256 reserved;
        uint256 had;
        uint256 pairs;
        for (uint256 i; i < 4; ++i) {
            PairState memory pair = offpay.pairOf(device, payees[i]);
            assertLe(uint256(pair.reserved) + pair.fromCollateral, cover);
            reserved += pair.reserved;
            had += pair.fromCollateral;
            if (pair.inDefaultSince != 0) ++pairs;
        }
        assertLe(reserved + had, payableShare);
        assertEq(offpay.purseOf(device).reserved, reserved);
        assertEq(offpay.purseOf(device).paidFromCollateral, had);
        assertEq(offpay.purseOf(device).pairsInDefault, pairs);
        assertEq(offpay.securityOf(owner).pledged, 2 * PLEDGE + 50e18 - had);
    }
}

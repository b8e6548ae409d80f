// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NotClosable, NotInDefault, SettlementPeriodRunning, UnknownPurse} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {PairState, PurseState, Security} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev What happens when the settlement period has passed: claims on collateral, and what they cost the payer.
contract CollateralTest is Scene {
    function setUp() public override {
        super.setUp();
        drain();
    }

    // --- settlePaymentAfterSettlementPeriod

    function testFuzz_reservationIsPaidOutOfCollateral(uint96 owed, uint32 late, address anyone) public {
        vm.assume(anyone != address(offpay));
        owed = uint96(bound(owed, 1, FUNDS));
        uint96 claim = owed < COVER ? owed : COVER;
        defaultOn(alice, owed);
        skip(uint256(PERIOD) + late);
        vm.expectEmit(address(offpay));
        emit Events.PurseCondemned(device);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettledFromCollateral(device, alice, claim, claim);
        vm.prank(anyone);
        offpay.settlePaymentAfterSettlementPeriod(device, alice);
        assertEq(offpay.balanceOf(alice), claim);
        assertEq(offpay.paidTo(device, alice), claim);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL - claim);
        assertEq(offpay.securityOf(owner).pledged, PLEDGE - claim);
        PurseState memory purse = offpay.purseOf(device);
        assertTrue(purse.condemned);
        assertEq(purse.reserved, 0);
        assertEq(purse.paidFromCollateral, claim);
        assertEq(purse.pairsInDefault, 0);
        assertEq(purse.pledge, PLEDGE);
        assertEq(purse.paid, FUNDS);
        PairState memory pair = offpay.pairOf(device, alice);
        assertEq(pair.inDefaultSince, 0);
        assertEq(pair.reserved, 0);
        assertEq(pair.fromCollateral, claim);
        assertEq(pair.presented, owed);
        checkBooks();
    }

    function test_claimAddsToWhatFundsPaid() public {
        vm.prank(owner);
        offpay.topUpPurse(device, 4e18);
        defaultOn(alice, 10e18);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettledFromCollateral(device, alice, 6e18, 10e18);
        resolve(alice);
        assertEq(offpay.paidTo(device, alice), 10e18);
        assertEq(offpay.balanceOf(alice), 10e18);
    }

    function testFuzz_periodRunsToItsLastSecond(uint32 time) public {
        vm.warp(uint256(now40()) + time);
        uint40 since = now40();
        defaultOn(alice, 1);
        vm.warp(since + PERIOD - 1);
        vm.expectRevert(abi.encodeWithSelector(SettlementPeriodRunning.selector, since + PERIOD));
        resolve(alice);
        vm.warp(since + PERIOD);
        resolve(alice);
        assertEq(offpay.balanceOf(alice), 1);
    }

    function test_eachPairHasAPeriodOfItsOwn() public {
        defaultOn(alice, 1);
        skip(PERIOD - 1);
        defaultOn(bob, 1);
        uint40 since = now40();
        skip(1);
        resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(SettlementPeriodRunning.selector, since + PERIOD));
        resolve(bob);
    }

    function test_defaultWithoutReservationResolvesWithNothing() public {
        defaultOn(mallory, FUNDS);
        address stranger = person("stranger");
        defaultOn(stranger, 5);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PurseCondemned(device);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettledFromCollateral(device, stranger, 0, 0);
        resolve(stranger);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        assertEq(offpay.purseOf(device).pairsInDefault, 0);
        assertEq(offpay.paidTo(device, stranger), 0);
        assertTrue(offpay.purseOf(device).condemned);
        checkBooks();
    }

    function test_pairMustBeInDefault() public {
        vm.expectRevert(abi.encodeWithSelector(NotInDefault.selector, device, alice));
        resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, alice));
        offpay.settlePaymentAfterSettlementPeriod(alice, alice);
    }

    /// @dev Attack: one claim paid twice.
    function test_claimIsPaidOnce() public {
        defaultOn(alice, 5);
        skip(PERIOD);
        resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(NotInDefault.selector, device, alice));
        resolve(alice);
    }

    /// @dev Attack: a claim paid out of collateral, and again after a top-up.
    function test_claimIsNotPaidAgainAfterATopUp() public {
        defaultOn(alice, 30e18);
        skip(PERIOD);
        resolve(alice);
        assertEq(offpay.balanceOf(alice), COVER);
        vm.prank(owner);
        offpay.topUpPurse(device, 100e18);
        vm.expectEmit(address(offpay));
        emit Events.PaymentSettled(device, alice, 30e18 - COVER, 30e18, REFERENCE);
        defaultOn(alice, 30e18);
        assertEq(offpay.balanceOf(alice), 30e18);
        vm.recordLogs();
        defaultOn(alice, 30e18);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(offpay.paidTo(device, alice), 30e18);
        checkBooks();
    }

    // --- Condemned by any payment after the period

    function test_topUpAndSettleAfterThePeriodCondemns() public {
        defaultOn(alice, 5);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PurseCondemned(device);
        vm.expectEmit(address(offpay));
        emit Events.DefaultCured(device, alice);
        defaultOn(alice, 5);
        assertTrue(offpay.purseOf(device).condemned);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
    }

    function test_partialPaymentAfterThePeriodCondemns() public {
        defaultOn(alice, 5);
        uint40 since = now40();
        vm.prank(owner);
        offpay.topUpPurse(device, 2);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PurseCondemned(device);
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, 5, 3, since, true);
        defaultOn(alice, 5);
        assertTrue(offpay.purseOf(device).condemned);
    }

    function test_presentationAloneCondemnsNothing() public {
        defaultOn(alice, 5);
        skip(PERIOD);
        defaultOn(alice, 5);
        assertFalse(offpay.purseOf(device).condemned);
    }

    function test_partialPaymentWithinThePeriodCondemnsNothing() public {
        defaultOn(alice, 5);
        vm.prank(owner);
        offpay.topUpPurse(device, 2);
        skip(PERIOD - 1);
        defaultOn(alice, 5);
        assertFalse(offpay.purseOf(device).condemned);
    }

    function test_paymentToAnotherAfterAPairsPeriodCondemnsNothing() public {
        defaultOn(alice, 5);
        skip(PERIOD);
        vm.prank(owner);
        offpay.topUpPurse(device, 2);
        settle(device, first(bob, 2));
        assertFalse(offpay.purseOf(device).condemned);
    }

    function test_purseIsCondemnedOnce() public {
        defaultOn(alice, 5);
        defaultOn(bob, 5);
        skip(PERIOD);
        resolve(alice);
        vm.recordLogs();
        resolve(bob);
        assertEq(vm.getRecordedLogs().length, 1, "PaymentSettledFromCollateral alone");
    }

    // --- Closing a condemned purse

    function test_restOfACondemnedPledgeGoesToTheTreasury() public {
        defaultOn(alice, 30e18);
        defaultOn(bob, 5e18);
        skip(PERIOD);
        resolve(alice);
        resolve(bob);
        vm.warp(offpay.purseOf(device).closesAt);
        uint96 forfeited = PLEDGE - COVER - 5e18;
        vm.expectEmit(address(offpay));
        emit Events.PurseClosed(device, owner, 0, 0, forfeited);
        offpay.closePurse(device);
        assertEq(offpay.balanceOf(treasury), forfeited);
        Security memory security = offpay.securityOf(owner);
        assertEq(security.collateral, COLLATERAL - PLEDGE);
        assertEq(security.pledged, 0);
        checkBooks();
    }

    function test_fundsThatAreLeftGoToTheOwnerOfACondemnedPurse() public {
        defaultOn(alice, 5);
        skip(PERIOD);
        resolve(alice);
        vm.prank(owner);
        offpay.topUpPurse(device, 7);
        vm.warp(offpay.purseOf(device).closesAt);
        vm.expectEmit(address(offpay));
        emit Events.PurseClosed(device, owner, 7, 0, PLEDGE - 5);
        offpay.closePurse(device);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS);
        checkBooks();
    }

    function test_pairInDefaultBlocksClosingUntilItIsResolved() public {
        defaultOn(alice, 5);
        defaultOn(bob, 5);
        uint40 closesAt = offpay.purseOf(device).closesAt;
        vm.warp(closesAt);
        vm.expectRevert(abi.encodeWithSelector(NotClosable.selector, device, closesAt, 2));
        offpay.closePurse(device);
        resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(NotClosable.selector, device, closesAt, 1));
        offpay.closePurse(device);
        resolve(bob);
        offpay.closePurse(device);
    }

    // --- Slashing ends a registration

    function test_claimThatLeavesTooLittleEndsTheRegistration() public {
        vm.prank(owner);
        offpay.withdrawCollateral(owner, COLLATERAL - HEALTHY);
        defaultOn(alice, 5);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(owner, 0);
        resolve(alice);
        assertEq(offpay.securityOf(owner).registeredAt, 0);
        fund(owner, 5);
        skip(10);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(owner, now40());
        vm.prank(owner);
        offpay.depositCollateral(5);
        assertEq(offpay.securityOf(owner).registeredAt, now40());
        checkBooks();
    }

    function test_forfeitThatLeavesTooLittleEndsTheRegistration() public {
        vm.prank(owner);
        offpay.withdrawCollateral(owner, COLLATERAL - PLEDGE - HEALTHY + 1);
        address stranger = person("stranger");
        defaultOn(stranger, 5);
        skip(PERIOD);
        resolve(stranger);
        assertGt(offpay.securityOf(owner).registeredAt, 0);
        vm.warp(offpay.purseOf(device).closesAt);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(owner, 0);
        offpay.closePurse(device);
        assertEq(offpay.securityOf(owner).registeredAt, 0);
    }

    function test_slashingThatLeavesEnoughKeepsTheRegistration() public {
        uint40 since = offpay.securityOf(owner).registeredAt;
        defaultOn(alice, 5);
        skip(PERIOD);
        resolve(alice);
        close();
        assertEq(offpay.securityOf(owner).registeredAt, since);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL - PLEDGE);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InsufficientBalance, MakeGoodTooDear, NotPurseOwner, UnknownPurse} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {PurseState} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev The owner pays what its purse overspent: straight to the payees, and nobody can race it.
contract MakeGoodTest is Scene {
    address[] private payees;

    function setUp() public override {
        super.setUp();
        drain();
    }

    function payGood(uint96 max) private {
        vm.prank(owner);
        offpay.makeGood(device, payees, max);
    }

    function expectMadeGood(address payee, uint96 amount, uint96 cumulative) private {
        vm.expectEmit(address(offpay));
        emit Events.PaymentMadeGood(device, payee, amount, cumulative);
    }

    function expectCured(address payee) private {
        vm.expectEmit(address(offpay));
        emit Events.DefaultCured(device, payee);
    }

    function testFuzz_makeGoodPaysAllThatIsOwed(uint96 x, uint96 y, uint40 time) public {
        x = uint96(bound(x, 1, FUNDS));
        y = uint96(bound(y, 1, FUNDS));
        time = uint40(bound(time, 0, PERIOD - 1));
        defaultOn(alice, x);
        defaultOn(bob, y);
        skip(time);
        payees.push(alice);
        payees.push(bob);
        expectMadeGood(alice, x, x);
        expectCured(alice);
        expectMadeGood(bob, y, y);
        expectCured(bob);
        payGood(x + y);
        assertEq(offpay.balanceOf(alice), x);
        assertEq(offpay.balanceOf(bob), y);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - x - y);
        assertEq(offpay.paidTo(device, alice), x);
        assertEq(offpay.paidTo(device, bob), y);
        PurseState memory purse = offpay.purseOf(device);
        assertEq(purse.pairsInDefault, 0);
        assertEq(purse.reserved, 0);
        assertEq(purse.paid, FUNDS, "not out of the funds");
        assertFalse(purse.condemned);
        checkBooks();
    }

    /// @dev Promise 2: an honest payer that pays within the period loses no collateral.
    function test_madeGoodInTimeThePledgeComesBack() public {
        defaultOn(alice, 30e18);
        skip(PERIOD - 1);
        makeGood(alice);
        vm.warp(offpay.purseOf(device).closesAt);
        vm.expectEmit(address(offpay));
        emit Events.PurseClosed(device, owner, 0, PLEDGE, 0);
        offpay.closePurse(device);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        assertEq(offpay.balanceOf(treasury), 0);
        checkBooks();
    }

    function test_madeGoodALittleLateCondemns() public {
        defaultOn(alice, 30e18);
        skip(PERIOD);
        expectMadeGood(alice, 30e18, 30e18);
        vm.expectEmit(address(offpay));
        emit Events.PurseCondemned(device);
        expectCured(alice);
        makeGood(alice);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        close();
        assertEq(offpay.balanceOf(treasury), PLEDGE);
        checkBooks();
    }

    function test_lateForOneOfTwoCondemnsOnce() public {
        defaultOn(alice, 5);
        defaultOn(carol, 5);
        skip(PERIOD);
        defaultOn(bob, 5);
        payees = [bob, alice, carol];
        vm.recordLogs();
        payGood(15);
        assertEq(vm.getRecordedLogs().length, 7);
        assertTrue(offpay.purseOf(device).condemned);
    }

    function test_onlyTheRestIsPaid() public {
        vm.prank(owner);
        offpay.topUpPurse(device, 4);
        defaultOn(alice, 10);
        expectMadeGood(alice, 6, 10);
        makeGood(alice);
        assertEq(offpay.balanceOf(alice), 10);
    }

    function test_pairsNotInDefaultArePassedOver() public {
        defaultOn(alice, 5);
        payees = [bob, alice, alice, mallory, owner];
        vm.recordLogs();
        payGood(5);
        assertEq(vm.getRecordedLogs().length, 2);
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 5);
        payGood(0);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 5);
        checkBooks();
    }

    function test_ownerAsItsOwnPayee() public {
        defaultOn(owner, 5);
        makeGood(owner);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS);
        assertEq(offpay.purseOf(device).pairsInDefault, 0);
    }

    function test_madeGoodPaymentIsANoOpAfterwards() public {
        defaultOn(alice, 5);
        makeGood(alice);
        vm.recordLogs();
        defaultOn(alice, 5);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_pairMadeGoodDefaultsAnewWithAHigherCumulative() public {
        defaultOn(alice, 5);
        makeGood(alice);
        skip(PERIOD);
        vm.expectEmit(address(offpay));
        emit Events.PaymentDefaulted(device, alice, 8, 3, now40(), true);
        settle(device, payment(alice, 5, 3, 8));
        assertEq(offpay.pairOf(device, alice).fromCollateral, 0);
    }

    // --- Races

    /// @dev Attack: bringing a higher cumulative just before. What is owed is taken at execution, up to `max`.
    function test_higherCumulativeJustBeforeIsPaidToo() public {
        defaultOn(alice, 5);
        settle(device, payment(alice, 5, 3, 8));
        expectMadeGood(alice, 8, 8);
        makeGood(alice);
        assertEq(offpay.purseOf(device).pairsInDefault, 0);
    }

    function test_maxIsNeverExceeded() public {
        defaultOn(alice, 5);
        defaultOn(bob, 5);
        settle(device, payment(alice, 5, 1, 6));
        payees = [alice, bob];
        vm.expectRevert(abi.encodeWithSelector(MakeGoodTooDear.selector, 11, 10));
        payGood(10);
        payGood(11);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 11);
    }

    /// @dev Attack: settling out of a top-up just before, so that the owner pays twice.
    function test_pairPaidJustBeforeIsNotPaidAgain() public {
        defaultOn(alice, 5);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        settle(device, first(alice, 5));
        makeGood(alice);
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - 5);
        checkBooks();
    }

    /// @dev Attack: claiming out of collateral just before, so that the owner pays twice.
    function test_pairResolvedJustBeforeIsNotPaidAgain() public {
        defaultOn(alice, 5);
        skip(PERIOD);
        resolve(alice);
        makeGood(alice);
        assertEq(offpay.balanceOf(alice), 5);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS);
        checkBooks();
    }

    // --- Refusals

    function test_balanceMustSuffice() public {
        defaultOn(alice, 5);
        uint96 left = BALANCE - FUNDS;
        vm.prank(owner);
        offpay.withdraw(owner, left - 4);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, owner, 4, 5));
        makeGood(alice);
    }

    function test_onlyTheOwnerMakesGood() public {
        defaultOn(alice, 5);
        payees = [alice];
        vm.expectRevert(abi.encodeWithSelector(NotPurseOwner.selector, device, alice));
        vm.prank(alice);
        offpay.makeGood(device, payees, 5);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, alice));
        vm.prank(owner);
        offpay.makeGood(alice, payees, 5);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    AlreadyRegistered,
    CollateralTooLow,
    InsufficientBalance,
    InsufficientCollateral,
    InvalidRecipient,
    ZeroAmount
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Security} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Registration and collateral.
contract AccountsTest is Fixture {
    address private alice = person("alice");
    address private device = person("device");

    function assertSecurity(uint96 collateral, uint96 pledged, uint40 registeredAt) private view {
        Security memory security = offpay.securityOf(alice);
        assertEq(security.collateral, collateral);
        assertEq(security.pledged, pledged);
        assertEq(security.registeredAt, registeredAt);
    }

    // --- register

    function testFuzz_registerPullsCollateralAndRegistersNow(uint96 amount) public {
        amount = uint96(bound(amount, HEALTHY, type(uint96).max));
        fund(alice, amount);
        vm.expectEmit(address(offpay));
        emit Events.CollateralDeposited(alice, amount, false);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(alice, now40());
        vm.prank(alice);
        offpay.register(amount);
        assertSecurity(amount, 0, now40());
        assertEq(offpay.balanceOf(alice), 0);
        assertEq(token.balanceOf(alice), 0);
        checkBooks();
    }

    function testFuzz_registerRefusesLessThanHealthy(uint96 amount) public {
        amount = uint96(bound(amount, 1, HEALTHY - 1));
        fund(alice, amount);
        vm.expectRevert(abi.encodeWithSelector(CollateralTooLow.selector, amount, HEALTHY));
        vm.prank(alice);
        offpay.register(amount);
    }

    function test_registerCountsWhatWasThere() public {
        fund(alice, HEALTHY);
        vm.startPrank(alice);
        offpay.depositCollateral(60e18);
        offpay.register(40e18);
        assertSecurity(HEALTHY, 0, now40());
    }

    function test_registerTellsTheWholeCollateralThatIsTooLow() public {
        fund(alice, HEALTHY);
        vm.startPrank(alice);
        offpay.depositCollateral(60e18);
        vm.expectRevert(abi.encodeWithSelector(CollateralTooLow.selector, HEALTHY - 1, HEALTHY));
        offpay.register(40e18 - 1);
    }

    function test_registerRefusesARegisteredAccount() public {
        register(alice, HEALTHY);
        fund(alice, HEALTHY);
        vm.expectRevert(abi.encodeWithSelector(AlreadyRegistered.selector, alice));
        vm.prank(alice);
        offpay.register(HEALTHY);
    }

    function test_registerRefusesZero() public {
        vm.expectRevert(ZeroAmount.selector);
        vm.prank(alice);
        offpay.register(0);
    }

    // --- depositCollateral, lockCollateral

    function testFuzz_depositCollateralRegistersFromHealthyOn(uint96 amount) public {
        amount = uint96(bound(amount, 1, 2 * HEALTHY));
        fund(alice, amount);
        vm.expectEmit(address(offpay));
        emit Events.CollateralDeposited(alice, amount, false);
        vm.prank(alice);
        offpay.depositCollateral(amount);
        assertSecurity(amount, 0, amount >= HEALTHY ? now40() : 0);
        checkBooks();
    }

    function test_depositCollateralOneUnitShortDoesNotRegister() public {
        fund(alice, HEALTHY);
        vm.startPrank(alice);
        offpay.depositCollateral(HEALTHY - 1);
        assertSecurity(HEALTHY - 1, 0, 0);
        skip(5);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(alice, now40());
        offpay.depositCollateral(1);
        assertSecurity(HEALTHY, 0, now40());
    }

    function test_moreCollateralDoesNotRestartTheRegistration() public {
        register(alice, HEALTHY);
        uint40 since = now40();
        fund(alice, 1);
        skip(DELAY);
        vm.prank(alice);
        offpay.depositCollateral(1);
        assertSecurity(HEALTHY + 1, 0, since);
    }

    function test_depositCollateralRefusesZero() public {
        vm.expectRevert(ZeroAmount.selector);
        vm.prank(alice);
        offpay.depositCollateral(0);
    }

    function testFuzz_lockCollateralMovesBalance(uint96 balance, uint96 amount) public {
        balance = uint96(bound(balance, 1, type(uint96).max));
        amount = uint96(bound(amount, 1, balance));
        give(alice, balance);
        vm.expectEmit(address(offpay));
        emit Events.CollateralDeposited(alice, amount, true);
        vm.prank(alice);
        offpay.lockCollateral(amount);
        assertSecurity(amount, 0, amount >= HEALTHY ? now40() : 0);
        assertEq(offpay.balanceOf(alice), balance - amount);
        checkBooks();
    }

    function test_lockCollateralRefusesMoreThanTheBalance() public {
        give(alice, 5);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, alice, 5, 6));
        vm.prank(alice);
        offpay.lockCollateral(6);
    }

    function test_lockCollateralRefusesZero() public {
        vm.expectRevert(ZeroAmount.selector);
        vm.prank(alice);
        offpay.lockCollateral(0);
    }

    // --- withdrawCollateral

    function testFuzz_withdrawCollateralLeavesAtOnce(uint96 collateral, uint96 amount) public {
        collateral = uint96(bound(collateral, HEALTHY, type(uint96).max));
        amount = uint96(bound(amount, 0, collateral));
        address cold = makeAddr("cold");
        register(alice, collateral);
        uint40 since = now40();
        skip(100);
        bool falls = collateral - amount < HEALTHY;
        if (falls) {
            vm.expectEmit(address(offpay));
            emit Events.RegistrationChanged(alice, 0);
        }
        vm.expectEmit(address(offpay));
        emit Events.CollateralWithdrawn(alice, cold, amount);
        vm.prank(alice);
        offpay.withdrawCollateral(cold, amount);
        assertSecurity(collateral - amount, 0, falls ? 0 : since);
        assertEq(token.balanceOf(cold), amount);
        checkBooks();
    }

    function test_registrationHoldsAtHealthyAndEndsOneUnitBelow() public {
        register(alice, HEALTHY + 1);
        vm.startPrank(alice);
        offpay.withdrawCollateral(alice, 1);
        assertSecurity(HEALTHY, 0, now40());
        offpay.withdrawCollateral(alice, 1);
        assertSecurity(HEALTHY - 1, 0, 0);
    }

    function test_registrationIsSetAnewWhenHealthyAgain() public {
        register(alice, HEALTHY);
        fund(alice, 1);
        vm.startPrank(alice);
        offpay.withdrawCollateral(alice, 1);
        skip(DELAY);
        vm.expectEmit(address(offpay));
        emit Events.RegistrationChanged(alice, now40());
        offpay.depositCollateral(1);
        assertSecurity(HEALTHY, 0, now40());
    }

    function testFuzz_pledgedCollateralStays(uint96 pledge, uint96 over) public {
        register(alice, 2 * HEALTHY);
        pledge = uint96(bound(pledge, 1, 2 * HEALTHY));
        openPurse(alice, device, 0, pledge, 1, address(0));
        uint96 free = 2 * HEALTHY - pledge;
        over = uint96(bound(over, free + 1, type(uint96).max));
        vm.expectRevert(abi.encodeWithSelector(InsufficientCollateral.selector, alice, free, over));
        vm.prank(alice);
        offpay.withdrawCollateral(alice, over);
        vm.prank(alice);
        offpay.withdrawCollateral(alice, free);
        assertSecurity(pledge, pledge, pledge >= HEALTHY ? now40() : 0);
        checkBooks();
    }

    function test_withdrawCollateralRefusesPlacesWhereTokensAreLost() public {
        register(alice, HEALTHY);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(InvalidRecipient.selector, address(0)));
        offpay.withdrawCollateral(address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(InvalidRecipient.selector, address(offpay)));
        offpay.withdrawCollateral(address(offpay), 1);
    }

    function test_onlyOwnCollateralIsWithdrawn() public {
        register(alice, HEALTHY);
        address thief = makeAddr("thief");
        vm.expectRevert(abi.encodeWithSelector(InsufficientCollateral.selector, thief, 0, 1));
        vm.prank(thief);
        offpay.withdrawCollateral(thief, 1);
    }
}

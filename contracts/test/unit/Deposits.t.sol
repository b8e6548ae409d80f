// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {HoldingsTooLarge, ZeroAddress, ZeroAmount} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Tokens are pulled from the acting account only.
contract DepositsTest is Fixture {
    address private alice = person("alice");
    address private bob = person("bob");

    function testFuzz_depositCreditsTheActor(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(alice, amount);
        vm.expectEmit(address(offpay));
        emit Events.Deposited(alice, alice, amount);
        vm.prank(alice);
        offpay.deposit(amount);
        assertEq(offpay.balanceOf(alice), amount);
        assertEq(token.balanceOf(alice), 0);
        checkBooks();
    }

    function testFuzz_depositForCreditsAnotherOutOfTheActorsTokens(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(alice, amount);
        track(bob);
        vm.expectEmit(address(offpay));
        emit Events.Deposited(bob, alice, amount);
        vm.prank(alice);
        offpay.depositFor(bob, amount);
        assertEq(offpay.balanceOf(bob), amount);
        assertEq(offpay.balanceOf(alice), 0);
        assertEq(token.balanceOf(alice), 0);
        checkBooks();
    }

    function test_zeroIsNotDeposited() public {
        vm.startPrank(alice);
        vm.expectRevert(ZeroAmount.selector);
        offpay.deposit(0);
        vm.expectRevert(ZeroAmount.selector);
        offpay.depositFor(bob, 0);
    }

    function test_depositForRefusesTheZeroAddress() public {
        fund(alice, 1);
        vm.expectRevert(ZeroAddress.selector);
        vm.prank(alice);
        offpay.depositFor(address(0), 1);
    }

    /// @dev Attack: pulling the tokens of somebody who approved the contract.
    function test_othersAllowancesAreOutOfReach() public {
        fund(alice, 5);
        vm.startPrank(bob);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        offpay.depositFor(alice, 5);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        offpay.deposit(5);
    }

    function test_withoutTokensNothingIsDeposited() public {
        vm.prank(alice);
        token.approve(address(offpay), 5);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        vm.prank(alice);
        offpay.deposit(5);
    }

    // --- All holdings stay below 2^96

    function test_holdingsReachTheirBoundAndNoFurther() public {
        give(alice, type(uint96).max);
        fund(bob, 1);
        vm.expectRevert(abi.encodeWithSelector(HoldingsTooLarge.selector, uint256(1) << 96));
        vm.prank(bob);
        offpay.deposit(1);
        vm.prank(alice);
        offpay.withdraw(alice, 1);
        vm.prank(bob);
        offpay.deposit(1);
        checkBooks();
    }

    function test_collateralCountsAsHolding() public {
        give(alice, type(uint96).max - HEALTHY + 1);
        fund(bob, HEALTHY);
        vm.expectRevert(abi.encodeWithSelector(HoldingsTooLarge.selector, uint256(1) << 96));
        vm.prank(bob);
        offpay.register(HEALTHY);
    }

    function testFuzz_holdingsCountTokensSentByMistake(uint96 stray, uint96 amount) public {
        stray = uint96(bound(stray, 1, type(uint96).max));
        amount = uint96(bound(amount, 1, type(uint96).max));
        token.mint(address(offpay), stray);
        fund(alice, amount);
        uint256 total = uint256(stray) + amount;
        if (total > type(uint96).max) {
            vm.expectRevert(abi.encodeWithSelector(HoldingsTooLarge.selector, total));
        }
        vm.prank(alice);
        offpay.deposit(amount);
        assertEq(offpay.balanceOf(alice), total > type(uint96).max ? 0 : amount);
    }
}

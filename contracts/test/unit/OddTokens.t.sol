// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {TokenTookFee} from "../../src/types/Errors.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {Fixture} from "../shared/Fixture.sol";
import {FalseToken, FeeToken, SilentToken} from "../shared/OddTokens.sol";

/// @dev Tokens that are not quite ERC-20.
contract OddTokensTest is Fixture {
    address private alice = person("alice");

    // --- Attack: a token that takes a fee on transfer

    function feeToken(uint256 percent, uint256 amount) private returns (FeeToken taking) {
        taking = new FeeToken();
        offpay = deploy(address(taking));
        taking.mint(alice, amount);
        vm.prank(alice);
        taking.approve(address(offpay), type(uint256).max);
        taking.setFee(percent);
    }

    function testFuzz_feeOnTransferIsRefused(uint256 percent, uint96 amount) public {
        percent = bound(percent, 1, 100);
        amount = uint96(bound(amount, 100, type(uint96).max));
        FeeToken taking = feeToken(0, uint256(amount) + 7);
        vm.prank(alice);
        offpay.deposit(7);
        taking.setFee(percent);
        uint256 received = amount - uint256(amount) * percent / 100;
        bytes memory refusal = abi.encodeWithSelector(TokenTookFee.selector, amount, received);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        offpay.deposit(amount);
        vm.expectRevert(refusal);
        offpay.depositFor(alice, amount);
        vm.expectRevert(refusal);
        offpay.depositCollateral(amount);
        vm.expectRevert(refusal);
        offpay.register(amount);
    }

    function test_tokenThatTakesFromItsReceiverIsRefused() public {
        FeeToken taking = feeToken(0, 1000);
        vm.startPrank(alice);
        offpay.deposit(500);
        taking.setFee(150);
        vm.expectRevert(abi.encodeWithSelector(TokenTookFee.selector, 100, 0));
        offpay.deposit(100);
    }

    function test_tokenThatGivesMoreThanWasSentIsRefused() public {
        FeeToken giving = feeToken(0, 1000);
        giving.setBonus(10);
        vm.expectRevert(abi.encodeWithSelector(TokenTookFee.selector, 100, 110));
        vm.prank(alice);
        offpay.deposit(100);
    }

    function test_withoutItsFeeTheTokenIsTaken() public {
        feeToken(0, 1000);
        vm.prank(alice);
        offpay.deposit(1000);
        assertEq(offpay.balanceOf(alice), 1000);
    }

    // --- Tokens that answer otherwise

    function test_falseIsAFailure() public {
        FalseToken lying = new FalseToken();
        offpay = deploy(address(lying));
        lying.mint(alice, 10);
        vm.startPrank(alice);
        lying.approve(address(offpay), 10);
        offpay.deposit(5);
        lying.refuse();
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        offpay.deposit(5);
        vm.expectRevert(SafeTransferLib.TransferFailed.selector);
        offpay.withdraw(alice, 5);
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_noValueIsASuccess() public {
        SilentToken silent = new SilentToken();
        offpay = deploy(address(silent));
        silent.mint(alice, HEALTHY + 5);
        vm.startPrank(alice);
        silent.approve(address(offpay), HEALTHY + 5);
        offpay.deposit(5);
        offpay.register(HEALTHY);
        offpay.withdraw(alice, 5);
        offpay.withdrawCollateral(alice, HEALTHY);
        assertEq(silent.balanceOf(alice), HEALTHY + 5);
        assertEq(silent.balanceOf(address(offpay)), 0);
    }
}

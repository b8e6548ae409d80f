// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InsufficientBalance, InvalidRecipient, ZeroAddress} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Free money: withdrawing it, moving it inside, collecting it from tills.
contract BalancesTest is Fixture {
    address private alice = person("alice");
    address private bob = person("bob");

    function till(address owner, uint256 index) private pure returns (address) {
        bytes32 typeHash = keccak256("Till(address owner,uint256 index)");
        return address(uint160(uint256(keccak256(abi.encode(typeHash, owner, index)))));
    }

    // --- withdraw

    function testFuzz_withdrawSendsBalanceAtOnce(uint96 balance, uint96 amount) public {
        balance = uint96(bound(balance, 1, type(uint96).max));
        amount = uint96(bound(amount, 0, balance));
        give(alice, balance);
        vm.expectEmit(address(offpay));
        emit Events.Withdrawn(alice, bob, amount);
        vm.prank(alice);
        offpay.withdraw(bob, amount);
        assertEq(offpay.balanceOf(alice), balance - amount);
        assertEq(token.balanceOf(bob), amount);
        checkBooks();
    }

    function testFuzz_withdrawRefusesMoreThanTheBalance(uint96 balance, uint96 amount) public {
        balance = uint96(bound(balance, 0, type(uint96).max - 1));
        amount = uint96(bound(amount, uint256(balance) + 1, type(uint96).max));
        give(alice, balance);
        give(bob, type(uint96).max - balance);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, alice, balance, amount));
        vm.prank(alice);
        offpay.withdraw(alice, amount);
    }

    function test_withdrawRefusesPlacesWhereTokensAreLost() public {
        give(alice, 5);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(InvalidRecipient.selector, address(0)));
        offpay.withdraw(address(0), 5);
        vm.expectRevert(abi.encodeWithSelector(InvalidRecipient.selector, address(offpay)));
        offpay.withdraw(address(offpay), 5);
    }

    function test_collateralIsNotBalance() public {
        register(alice, HEALTHY);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, alice, 0, 1));
        vm.prank(alice);
        offpay.withdraw(alice, 1);
    }

    // --- transfer

    function testFuzz_transferMovesBalanceInside(uint96 balance, uint96 amount) public {
        balance = uint96(bound(balance, 1, type(uint96).max));
        amount = uint96(bound(amount, 0, balance));
        give(alice, balance);
        track(bob);
        vm.expectEmit(address(offpay));
        emit Events.Transferred(alice, bob, amount);
        vm.prank(alice);
        offpay.transfer(bob, amount);
        assertEq(offpay.balanceOf(alice), balance - amount);
        assertEq(offpay.balanceOf(bob), amount);
        assertEq(token.balanceOf(bob), 0);
        checkBooks();
    }

    function testFuzz_transferToOneselfChangesNothing(uint96 amount) public {
        amount = uint96(bound(amount, 0, 100));
        give(alice, 100);
        vm.prank(alice);
        offpay.transfer(alice, amount);
        assertEq(offpay.balanceOf(alice), 100);
        checkBooks();
    }

    function test_transferRefusesMoreThanTheBalance() public {
        give(alice, 5);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, alice, 5, 6));
        vm.prank(alice);
        offpay.transfer(bob, 6);
    }

    function test_transferRefusesTheZeroAddress() public {
        give(alice, 5);
        vm.expectRevert(ZeroAddress.selector);
        vm.prank(alice);
        offpay.transfer(address(0), 5);
    }

    // --- sweep

    function testFuzz_tillAddress(address owner, uint256 index) public view {
        assertEq(offpay.tillOf(owner, index), till(owner, index));
    }

    function testFuzz_sweepMovesAllThatATillReceived(uint256 index, uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        give(till(alice, index), amount);
        track(alice);
        vm.expectEmit(address(offpay));
        emit Events.Transferred(till(alice, index), alice, amount);
        vm.prank(alice);
        offpay.sweep(index);
        assertEq(offpay.balanceOf(alice), amount);
        assertEq(offpay.balanceOf(till(alice, index)), 0);
        checkBooks();
    }

    function test_sweepOfAnEmptyTillMovesNothing() public {
        vm.expectEmit(address(offpay));
        emit Events.Transferred(till(alice, 3), alice, 0);
        vm.prank(alice);
        offpay.sweep(3);
        assertEq(offpay.balanceOf(alice), 0);
    }

    /// @dev Attack: somebody else's till.
    function test_tillsBelongToTheirOwnerAlone() public {
        give(till(alice, 0), 5);
        vm.startPrank(bob);
        offpay.sweep(0);
        assertEq(offpay.balanceOf(bob), 0);
        assertEq(offpay.balanceOf(till(alice, 0)), 5);
    }

    function test_eachTillIsSweptAlone() public {
        give(till(alice, 0), 5);
        give(till(alice, 1), 7);
        vm.prank(alice);
        offpay.sweep(1);
        assertEq(offpay.balanceOf(alice), 7);
        assertEq(offpay.balanceOf(till(alice, 0)), 5);
    }
}

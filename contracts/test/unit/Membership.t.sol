// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NotClosable} from "../../src/types/Errors.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Who reserves: members at a presentation in default, then or earlier.
contract MembershipTest is Scene {
    address private frank = person("frank");

    function setUp() public override {
        super.setUp();
        drain();
    }

    function assertReserves(address payee, uint96 reserved, bool wasMember) private view {
        assertEq(offpay.pairOf(device, payee).reserved, reserved);
        assertEq(offpay.pairOf(device, payee).wasMember, wasMember);
    }

    function dismiss(address payee) private {
        vm.prank(circle);
        offpay.dismiss(payee);
    }

    function test_strangerReservesNothing() public {
        defaultOn(frank, 10e18);
        assertReserves(frank, 0, false);
        assertGt(offpay.pairOf(device, frank).inDefaultSince, 0);
    }

    function test_pendingMemberReservesOnceItsMembershipCounts() public {
        admit(circle, frank);
        skip(DELAY - 1);
        defaultOn(frank, 10e18);
        assertReserves(frank, 0, false);
        skip(1);
        defaultOn(frank, 10e18);
        assertReserves(frank, 10e18, true);
    }

    /// @dev Attack: a circle's operator dismisses a payee that holds claims.
    function test_dismissedPayeeKeepsItsReservation() public {
        defaultOn(alice, 10e18);
        dismiss(alice);
        skip(DELAY);
        assertFalse(offpay.isMember(circle, alice));
        defaultOn(alice, 10e18);
        assertReserves(alice, 10e18, true);
        settle(device, payment(alice, 10e18, 5e18, 15e18));
        assertReserves(alice, 15e18, true);
        resolve(alice);
        assertEq(offpay.balanceOf(alice), 15e18);
    }

    /// @dev Dismissal counts CLOSE_DELAY later: time to hand in.
    function test_dismissedPayeeReservesUntilItsDismissalCounts() public {
        dismiss(alice);
        dismiss(bob);
        skip(DELAY - 1);
        defaultOn(alice, 10e18);
        assertReserves(alice, 10e18, true);
        skip(1);
        defaultOn(bob, 10e18);
        assertReserves(bob, 0, false);
    }

    function test_membershipCountsAtPresentationsInDefaultOnly() public {
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        settle(device, first(alice, 5));
        dismiss(alice);
        skip(DELAY);
        settle(device, payment(alice, 5, 5e18, 5e18 + 5));
        assertReserves(alice, 0, false);
    }

    /// @dev Attack: a default towards a non-member that nobody resolves, to lock the owner's money.
    function test_defaultThatNobodyResolvesBlocksClosingUntilAnyoneDoes() public {
        defaultOn(frank, 10e18);
        uint40 closesAt = offpay.purseOf(device).closesAt;
        vm.warp(closesAt + 100 days);
        vm.expectRevert(abi.encodeWithSelector(NotClosable.selector, device, closesAt, 1));
        offpay.closePurse(device);
        resolve(frank);
        assertEq(offpay.balanceOf(frank), 0);
        offpay.closePurse(device);
        assertEq(offpay.balanceOf(treasury), PLEDGE);
        checkBooks();
    }

    // --- The open circle

    function openToAll() private {
        device = person("open device");
        openPurse(owner, device, FUNDS, PLEDGE, 2, address(0));
        drain();
    }

    function test_openCircleCoversWhoIsRegisteredForCloseDelay() public {
        openToAll();
        register(frank, HEALTHY);
        skip(DELAY - 1);
        defaultOn(frank, 100e18);
        assertReserves(frank, 0, false);
        skip(1);
        defaultOn(frank, 100e18);
        // Half of the pledge, for two.
        assertReserves(frank, 25e18, true);
    }

    function test_openCircleDoesNotCoverTheUnregistered() public {
        openToAll();
        defaultOn(alice, 100e18);
        assertReserves(alice, 0, false);
    }

    function test_openCircleForgetsARegistrationThatEnded() public {
        openToAll();
        register(frank, HEALTHY);
        skip(DELAY);
        vm.prank(frank);
        offpay.withdrawCollateral(frank, 1);
        fund(frank, 1);
        vm.prank(frank);
        offpay.depositCollateral(1);
        defaultOn(frank, 10e18);
        assertReserves(frank, 0, false);
    }

    // --- Attacks: the payer claims against itself

    function test_payerThatClaimsAllCoversItselfLosesTheOpenPenalty() public {
        address[2] memory friends = [person("friend 1"), person("friend 2")];
        register(friends[0], HEALTHY);
        register(friends[1], HEALTHY);
        openToAll();
        skip(DELAY);
        defaultOn(friends[0], 100e18);
        defaultOn(friends[1], 100e18);
        defaultOn(alice, 100e18);
        skip(PERIOD);
        resolve(friends[0]);
        resolve(friends[1]);
        resolve(alice);
        close();
        assertEq(offpay.balanceOf(friends[0]) + offpay.balanceOf(friends[1]), PLEDGE / 2);
        assertEq(offpay.balanceOf(treasury), PLEDGE / 2);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL - PLEDGE);
        checkBooks();
    }

    /// @dev Attack: the payer names a circle of its own. Its members are its own accounts; strangers that believed
    /// in it are not covered, and the payer still loses the penalty.
    function test_payerThatNamesItsOwnCircleLosesTheCirclePenalty() public {
        address friend = person("friend");
        device = person("own circle's device");
        openPurse(owner, device, FUNDS, PLEDGE, 1, owner);
        admit(owner, friend);
        skip(DELAY);
        settle(device, first(frank, FUNDS));
        defaultOn(friend, FUNDS);
        defaultOn(alice, 10e18);
        assertReserves(friend, PAYABLE, true);
        assertReserves(alice, 0, false);
        skip(PERIOD);
        resolve(friend);
        resolve(alice);
        close();
        assertEq(offpay.balanceOf(friend), PAYABLE);
        assertEq(offpay.balanceOf(treasury), PLEDGE - PAYABLE);
        checkBooks();
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NotDismissable, NotPrunable, ZeroAddress} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Membership} from "../../src/types/Types.sol";
import {stdStorage, StdStorage} from "forge-std/Test.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Who is a member of a circle, since when, until when, and how many there are.
contract CirclesTest is Fixture {
    using stdStorage for StdStorage;

    uint40 private constant NEVER = type(uint40).max;

    address private circle = person("circle");
    address private alice = person("alice");
    address private bob = person("bob");

    function dismiss(address payee) private {
        vm.prank(circle);
        offpay.dismiss(payee);
    }

    function setSize(uint16 size) private {
        stdstore.enable_packed_slots().target(address(offpay)).sig("circleSize(address)").with_key(circle)
            .checked_write(size);
    }

    function assertMembership(uint40 from, uint40 until) private view {
        Membership memory membership = offpay.membershipOf(circle, alice);
        assertEq(membership.from, from);
        assertEq(membership.until, until);
    }

    // --- admit

    function test_admissionCountsCloseDelayLater() public {
        uint40 from = now40() + DELAY;
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, alice, from, 1);
        admit(circle, alice);
        assertMembership(from, NEVER);
        assertEq(offpay.circleSize(circle), 1);
        assertFalse(offpay.isMember(circle, alice));
        vm.warp(from - 1);
        assertFalse(offpay.isMember(circle, alice));
        vm.warp(from);
        assertTrue(offpay.isMember(circle, alice));
    }

    function test_admittingAPendingOneOrAMemberChangesNothing() public {
        admit(circle, alice);
        uint40 from = now40() + DELAY;
        skip(DELAY - 1);
        watch();
        admit(circle, alice);
        skip(1);
        admit(circle, alice);
        assertNoEvents();
        assertNoWrites();
        assertMembership(from, NEVER);
    }

    function test_zeroIsNotAdmitted() public {
        vm.expectRevert(ZeroAddress.selector);
        admit(circle, address(0));
    }

    /// @dev Attack: joining somebody else's circle.
    function test_admissionIsToTheActorsOwnCircle() public {
        admit(alice, alice);
        skip(DELAY);
        assertTrue(offpay.isMember(alice, alice));
        assertFalse(offpay.isMember(circle, alice));
    }

    // --- dismiss

    function test_dismissalCountsCloseDelayLater() public {
        admit(circle, alice);
        uint40 from = now40() + DELAY;
        skip(DELAY);
        uint40 until = now40() + DELAY;
        vm.expectEmit(address(offpay));
        emit Events.Dismissed(circle, alice, until);
        dismiss(alice);
        assertMembership(from, until);
        vm.warp(until - 1);
        assertTrue(offpay.isMember(circle, alice));
        vm.warp(until);
        assertFalse(offpay.isMember(circle, alice));
        assertEq(offpay.circleSize(circle), 1, "counts until it is pruned");
    }

    function test_pendingOneDismissedAtOnceIsNeverAMember() public {
        admit(circle, alice);
        uint40 from = now40() + DELAY;
        dismiss(alice);
        vm.warp(from - 1);
        assertFalse(offpay.isMember(circle, alice));
        vm.warp(from);
        assertFalse(offpay.isMember(circle, alice));
    }

    function testFuzz_memberIfFromToUntil(uint40 pending, uint40 time) public {
        uint40 from = now40() + DELAY;
        pending = uint40(bound(pending, 0, 1000 days));
        admit(circle, alice);
        skip(pending);
        dismiss(alice);
        uint40 until = now40() + DELAY;
        time = uint40(bound(time, now40(), uint256(until) + 1000 days));
        vm.warp(time);
        assertEq(offpay.isMember(circle, alice), from <= time && time < until);
    }

    function test_dismissalIsRefusedToStrangersAndTwice() public {
        vm.expectRevert(abi.encodeWithSelector(NotDismissable.selector, circle, alice));
        dismiss(alice);
        admit(circle, alice);
        dismiss(alice);
        vm.expectRevert(abi.encodeWithSelector(NotDismissable.selector, circle, alice));
        dismiss(alice);
        skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(NotDismissable.selector, circle, alice));
        dismiss(alice);
        offpay.prune(circle, alice);
        vm.expectRevert(abi.encodeWithSelector(NotDismissable.selector, circle, alice));
        dismiss(alice);
    }

    /// @dev Attack: throwing a payee out of somebody else's circle.
    function test_onlyTheCircleDismisses() public {
        admit(circle, alice);
        vm.expectRevert(abi.encodeWithSelector(NotDismissable.selector, bob, alice));
        vm.prank(bob);
        offpay.dismiss(alice);
    }

    function test_admittingTakesBackADismissalUntilItCounts() public {
        admit(circle, alice);
        uint40 from = now40() + DELAY;
        dismiss(alice);
        skip(DELAY - 1);
        vm.expectEmit(address(offpay));
        emit Events.DismissalRevoked(circle, alice);
        admit(circle, alice);
        assertMembership(from, NEVER);
        assertEq(offpay.circleSize(circle), 1);
        skip(1);
        assertTrue(offpay.isMember(circle, alice));
    }

    function test_afterItsEndAMembershipStartsAnewAndCountsOnce() public {
        admit(circle, alice);
        dismiss(alice);
        skip(DELAY);
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, alice, now40() + DELAY, 1);
        admit(circle, alice);
        assertMembership(now40() + DELAY, NEVER);
        assertFalse(offpay.isMember(circle, alice));
        skip(DELAY);
        assertTrue(offpay.isMember(circle, alice));
        assertEq(offpay.circleSize(circle), 1);
    }

    // --- prune and size

    function test_anyonePrunesOnceAfterTheEnd() public {
        admit(circle, alice);
        admit(circle, bob);
        assertEq(offpay.circleSize(circle), 2);
        dismiss(alice);
        skip(DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(NotPrunable.selector, circle, alice));
        offpay.prune(circle, alice);
        skip(1);
        vm.expectEmit(address(offpay));
        emit Events.Pruned(circle, alice, 1);
        offpay.prune(circle, alice);
        assertMembership(0, 0);
        assertEq(offpay.circleSize(circle), 1);
        vm.expectRevert(abi.encodeWithSelector(NotPrunable.selector, circle, alice));
        offpay.prune(circle, alice);
    }

    function test_strangersAndMembersAreNotPruned() public {
        vm.expectRevert(abi.encodeWithSelector(NotPrunable.selector, circle, alice));
        offpay.prune(circle, alice);
        admit(circle, alice);
        vm.expectRevert(abi.encodeWithSelector(NotPrunable.selector, circle, alice));
        offpay.prune(circle, alice);
    }

    function test_prunedPayeeIsAdmittedAndCountedAnew() public {
        admit(circle, alice);
        dismiss(alice);
        skip(DELAY);
        offpay.prune(circle, alice);
        assertEq(offpay.circleSize(circle), 0);
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, alice, now40() + DELAY, 1);
        admit(circle, alice);
        assertEq(offpay.circleSize(circle), 1);
    }

    function test_sizeOfOneBelowSaturationStillShrinks() public {
        admit(circle, alice);
        setSize(65_533);
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, bob, now40() + DELAY, 65_534);
        admit(circle, bob);
        dismiss(alice);
        skip(DELAY);
        vm.expectEmit(address(offpay));
        emit Events.Pruned(circle, alice, 65_533);
        offpay.prune(circle, alice);
    }

    /// @dev Attack: overflowing the size, to make every member's cover look certain.
    function test_saturatedSizeNeitherOverflowsNorShrinks() public {
        admit(circle, alice);
        setSize(65_534);
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, bob, now40() + DELAY, 65_535);
        admit(circle, bob);
        address carol = makeAddr("carol");
        vm.expectEmit(address(offpay));
        emit Events.Admitted(circle, carol, now40() + DELAY, 65_535);
        admit(circle, carol);
        assertEq(offpay.circleSize(circle), 65_535);
        dismiss(alice);
        skip(DELAY);
        assertTrue(offpay.isMember(circle, carol));
        vm.expectEmit(address(offpay));
        emit Events.Pruned(circle, alice, 65_535);
        offpay.prune(circle, alice);
        assertEq(offpay.circleSize(circle), 65_535);
    }

    // --- The open circle

    function test_openCircleIsAlwaysOfTheHighestSize() public view {
        assertEq(offpay.circleSize(address(0)), 65_535);
    }

    function test_openCircleIsWhoeverIsRegisteredForCloseDelay() public {
        assertFalse(offpay.isMember(address(0), alice));
        register(alice, HEALTHY);
        skip(DELAY - 1);
        assertFalse(offpay.isMember(address(0), alice));
        skip(1);
        assertTrue(offpay.isMember(address(0), alice));
        vm.prank(alice);
        offpay.withdrawCollateral(alice, 1);
        assertFalse(offpay.isMember(address(0), alice));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    NotClosable,
    NotPurseOwner,
    PurseClosing,
    PurseIsClosed,
    UnknownPurse
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {Payment, PurseState, Refusal} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Closing a purse that owes nothing to anybody.
contract PurseClosingTest is Scene {
    // --- requestPurseClose

    function testFuzz_requestedCloseIsDueCloseDelayLater(uint32 time) public {
        vm.warp(uint256(now40()) + time);
        vm.expectEmit(address(offpay));
        emit Events.PurseCloseStarted(device, now40() + DELAY);
        requestClose();
        assertEq(offpay.purseOf(device).closesAt, now40() + DELAY);
    }

    function test_requestedCloseNeitherMovesNorIsUndone() public {
        requestClose();
        uint40 closesAt = offpay.purseOf(device).closesAt;
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(PurseClosing.selector, device, closesAt));
        requestClose();
        drain();
        defaultOn(alice, 1);
        assertEq(offpay.purseOf(device).closesAt, closesAt);
    }

    function test_onlyTheOwnerRequestsAClose() public {
        vm.expectRevert(abi.encodeWithSelector(NotPurseOwner.selector, device, alice));
        vm.prank(alice);
        offpay.requestPurseClose(device);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, alice));
        vm.prank(owner);
        offpay.requestPurseClose(alice);
    }

    // --- closePurse

    function testFuzz_anyoneClosesAndAllGoesBack(uint96 paid, uint32 late, address anyone) public {
        paid = uint96(bound(paid, 1, FUNDS));
        vm.assume(anyone != address(offpay));
        settle(device, first(alice, paid));
        requestClose();
        vm.warp(uint256(offpay.purseOf(device).closesAt) + late);
        vm.expectEmit(address(offpay));
        emit Events.PurseClosed(device, owner, FUNDS - paid, PLEDGE, 0);
        vm.prank(anyone);
        offpay.closePurse(device);
        assertEq(offpay.balanceOf(owner), BALANCE - paid);
        assertEq(offpay.balanceOf(treasury), 0);
        assertEq(offpay.securityOf(owner).pledged, 0);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        checkBooks();
    }

    function test_onlyTheTombstoneIsLeft() public {
        settle(device, first(alice, 7));
        requestClose();
        uint40 closesAt = offpay.purseOf(device).closesAt;
        close();
        PurseState memory left;
        (left.funds, left.paid, left.coverCount) = (7, 7, COVER_COUNT);
        (left.closesAt, left.closed) = (closesAt, true);
        assertEq(abi.encode(offpay.purseOf(device)), abi.encode(left));
        assertEq(offpay.paidTo(device, alice), 7);
    }

    function test_purseClosesNotASecondTooEarly() public {
        vm.expectRevert(abi.encodeWithSelector(NotClosable.selector, device, 0, 0));
        offpay.closePurse(device);
        requestClose();
        uint40 closesAt = offpay.purseOf(device).closesAt;
        vm.warp(closesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(NotClosable.selector, device, closesAt, 0));
        offpay.closePurse(device);
        vm.warp(closesAt);
        offpay.closePurse(device);
    }

    function test_unknownPurseIsNotClosed() public {
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, alice));
        offpay.closePurse(alice);
    }

    function test_settlingGoesOnUntilThePurseCloses() public {
        requestClose();
        vm.warp(offpay.purseOf(device).closesAt + 30 days);
        settle(device, first(alice, 7));
        assertEq(offpay.balanceOf(alice), 7);
        offpay.closePurse(device);
        assertEq(offpay.balanceOf(owner), BALANCE - 7);
        checkBooks();
    }

    /// @dev Attack: paying out of a purse, or changing it, after its money went back.
    function test_closedPurseTakesNothingMore() public {
        settle(device, first(alice, 7));
        requestClose();
        close();
        bytes memory refusal = abi.encodeWithSelector(PurseIsClosed.selector, device);
        vm.startPrank(owner);
        vm.expectRevert(refusal);
        offpay.closePurse(device);
        vm.expectRevert(refusal);
        offpay.requestPurseClose(device);
        vm.expectRevert(refusal);
        offpay.topUpPurse(device, 1);
        vm.expectRevert(refusal);
        offpay.addPledge(device, 1);
        vm.expectRevert(refusal);
        offpay.makeGood(device, new address[](0), 0);
        vm.stopPrank();
        expectPaymentRefused(Refusal.PurseClosed, device);
        settle(device, payment(alice, 7, 1, 8));
        expectPaymentRefused(Refusal.PurseClosed, device);
        settle(device, first(bob, 1));
    }

    function test_paymentThatWasPaidIsANoOpAfterClosing() public {
        settle(device, first(alice, 7));
        settle(device, payment(alice, 7, 3, 10));
        requestClose();
        close();
        Payment memory p = payment(alice, 7, 3, 10);
        bytes memory signature = signPayment(device, p);
        vm.recordLogs();
        offpay.settlePayment(p, signature);
        offpay.settlePayment(first(alice, 7), signPayment(device, first(alice, 7)));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(offpay.balanceOf(alice), 10);
        assertEq(offpay.purseOf(device).paid, 10);
    }

    function test_twoPursesOfOneOwnerCloseApart() public {
        address other = person("other");
        openPurse(owner, other, 40e18, 50e18, 1, address(0));
        requestClose();
        close();
        assertEq(offpay.securityOf(owner).pledged, 50e18);
        assertEq(offpay.balanceOf(owner), BALANCE - 40e18);
        assertTrue(offpay.purseOf(other).open);
        checkBooks();
    }
}

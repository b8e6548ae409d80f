// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelIsClosed, InvalidDeadline, InvalidSignature, NotFinalizable} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {ChannelState, ChannelTerms} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Two-way channels: vouchers count at close.
contract TwoWayChannelsTest is Fixture {
    address private a = person("a");
    address private b = person("b");
    address private keyA = person("key of a");
    address private keyB = person("key of b");
    ChannelTerms private t;

    function setUp() public override {
        super.setUp();
        give(a, 1000);
        give(b, 1000);
        t = twoWay(a, b, keyA, keyB);
        openChannel(t, 100);
        vm.prank(b);
        offpay.fundChannel(t, 60);
    }

    function present(address key, uint96 cumulative) private {
        offpay.presentVoucher(t, cumulative, REFERENCE, signVoucher(key, t, cumulative));
    }

    function requestClose(address by) private {
        vm.prank(by);
        offpay.requestChannelClose(t);
    }

    function finalize() private {
        vm.warp(offpay.channelOf(channelIdOf(t)).closesAt);
        offpay.finalizeChannel(t);
    }

    function assertPaid(uint96 toA, uint96 toB) private view {
        assertEq(offpay.balanceOf(a), 900 + toA);
        assertEq(offpay.balanceOf(b), 940 + toB);
        checkBooks();
    }

    function expectPresented(uint96 fromA, uint96 fromB) private {
        vm.expectEmit(address(offpay));
        emit Events.VoucherPresented(channelIdOf(t), fromA, fromB);
    }

    // --- presentVoucher

    function test_eitherSidesVoucherIsPresentedByAnyoneAtAnyTime() public {
        expectPresented(10, 0);
        present(keyA, 10);
        requestClose(a);
        expectPresented(10, 7);
        present(keyB, 7);
        skip(DELAY + 5);
        vm.prank(makeAddr("watchtower"));
        expectPresented(25, 7);
        present(keyA, 25);
        expectPresented(25, 9);
        present(keyB, 9);
        ChannelState memory state = offpay.channelOf(channelIdOf(t));
        assertEq(state.fromA, 25);
        assertEq(state.fromB, 9);
        assertEq(offpay.balanceOf(b), 940, "nothing is credited before the close");
        finalize();
        assertPaid(84, 76);
    }

    /// @dev Attack: closing with a stale voucher. The newer one is worth more to whom it is for, and stays.
    function test_staleVoucherIsANoOp() public {
        present(keyA, 50);
        present(keyB, 40);
        watch();
        present(keyA, 50);
        present(keyA, 10);
        present(keyB, 40);
        present(keyB, 0);
        assertNoEvents();
        assertNoWrites();
    }

    /// @dev Attack: stale-voucher close. A asks to close with nothing presented; b's newest counts until the end.
    function test_newerVoucherCountsUntilTheChannelIsFinalized() public {
        present(keyA, 10);
        requestClose(a);
        skip(DELAY - 1);
        present(keyA, 80);
        skip(1);
        offpay.finalizeChannel(t);
        assertPaid(20, 140);
        bytes memory signature = signVoucher(keyA, t, 90);
        vm.expectRevert(abi.encodeWithSelector(ChannelIsClosed.selector, channelIdOf(t)));
        offpay.presentVoucher(t, 90, REFERENCE, signature);
    }

    function test_onlyTheChannelsKeysSign() public {
        bytes memory signature = signVoucher(a, t, 5);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, a));
        offpay.presentVoucher(t, 5, REFERENCE, signature);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, address(0)));
        offpay.presentVoucher(t, 5, REFERENCE, "");
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, address(0)));
        offpay.presentVoucher(t, 5, REFERENCE, new bytes(65));
    }

    function test_voucherHasEitherForm() public {
        (bytes32 r, bytes32 vs) = signCompact(keyB, voucherDigest(channelIdOf(t), 5, REFERENCE));
        offpay.presentVoucher(t, 5, REFERENCE, abi.encodePacked(r, vs));
        assertEq(offpay.channelOf(channelIdOf(t)).fromB, 5);
    }

    // --- finalizeChannel

    function testFuzz_bGetsItsDepositAndFromALessFromBWithinTheTotal(uint96 fromA, uint96 fromB) public {
        fromA = uint96(bound(fromA, 1, type(uint96).max));
        fromB = uint96(bound(fromB, 1, type(uint96).max));
        checkClose(fromA, fromB);
    }

    function testFuzz_smallVouchers(uint96 fromA, uint96 fromB) public {
        checkClose(uint96(bound(fromA, 1, 300)), uint96(bound(fromB, 1, 300)));
    }

    function checkClose(uint96 fromA, uint96 fromB) private {
        present(keyA, fromA);
        present(keyB, fromB);
        requestClose(b);
        int256 share = 60 + int256(uint256(fromA)) - int256(uint256(fromB));
        uint96 toB = share < 0 ? 0 : share > 160 ? 160 : uint96(uint256(share));
        vm.warp(now40() + DELAY);
        vm.expectEmit(address(offpay));
        emit Events.ChannelClosed(channelIdOf(t), fromA, fromB, 160 - toB, toB);
        offpay.finalizeChannel(t);
        assertPaid(160 - toB, toB);
        ChannelState memory state = offpay.channelOf(channelIdOf(t));
        assertEq(abi.encode(state), abi.encode(ChannelState(0, 0, fromA, fromB, now40(), false, true)));
    }

    function test_neitherPartyClosesATwoWayChannelAtOnce() public {
        bytes32 id = channelIdOf(t);
        vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, 0));
        vm.prank(b);
        offpay.finalizeChannel(t);
        vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, 0));
        vm.prank(a);
        offpay.finalizeChannel(t);
    }

    // --- closeChannelTogether

    function closeTogether(uint96 fromA, uint96 fromB, uint40 deadline) private {
        offpay.closeChannelTogether(
            t,
            fromA,
            fromB,
            deadline,
            signClose(keyA, t, fromA, fromB, deadline),
            signClose(keyB, t, fromA, fromB, deadline)
        );
    }

    function testFuzz_bothTogetherCloseAtOnce(uint96 fromA, uint96 fromB, uint40 left) public {
        fromA = uint96(bound(fromA, 0, 100));
        fromB = uint96(bound(fromB, 0, fromA + 60));
        left = uint40(bound(left, 0, 1 hours));
        uint96 toB = 60 + fromA - fromB;
        vm.expectEmit(address(offpay));
        emit Events.ChannelClosed(channelIdOf(t), fromA, fromB, 160 - toB, toB);
        closeTogether(fromA, fromB, now40() + left);
        assertPaid(160 - toB, toB);
    }

    function test_whatTheyAgreeOnReplacesWhatWasPresented() public {
        present(keyA, 90);
        present(keyB, 10);
        requestClose(a);
        closeTogether(20, 0, now40());
        assertPaid(80, 80);
        ChannelState memory state = offpay.channelOf(channelIdOf(t));
        assertEq(state.fromA, 20);
        assertEq(state.fromB, 0);
    }

    /// @dev Attack: a signed cooperative close that is held back.
    function test_heldBackCloseExpiresWithinAnHour() public {
        uint40 deadline = now40() + 1 hours + 1;
        bytes memory sigA = signClose(keyA, t, 0, 0, deadline);
        bytes memory sigB = signClose(keyB, t, 0, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(InvalidDeadline.selector, deadline));
        offpay.closeChannelTogether(t, 0, 0, deadline, sigA, sigB);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(InvalidDeadline.selector, deadline));
        offpay.closeChannelTogether(t, 0, 0, deadline, sigA, sigB);
        vm.warp(deadline);
        offpay.closeChannelTogether(t, 0, 0, deadline, sigA, sigB);
    }

    function test_bothKeysMustHaveSignedTheSame() public {
        uint40 deadline = now40();
        bytes memory sigA = signClose(keyA, t, 5, 3, deadline);
        bytes memory sigB = signClose(keyB, t, 5, 3, deadline);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.closeChannelTogether(t, 5, 3, deadline, sigB, sigA);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyB));
        offpay.closeChannelTogether(t, 5, 3, deadline, sigA, sigA);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.closeChannelTogether(t, 6, 3, deadline, sigA, sigB);
        bytes memory other = signClose(keyB, t, 5, 4, deadline);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyB));
        offpay.closeChannelTogether(t, 5, 3, deadline, sigA, other);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.closeChannelTogether(t, 5, 3, deadline + 1, sigA, sigB);
    }

    function test_closeTogetherCountsOnce() public {
        closeTogether(5, 0, now40());
        bytes memory sigA = signClose(keyA, t, 5, 0, now40());
        bytes memory sigB = signClose(keyB, t, 5, 0, now40());
        vm.expectRevert(abi.encodeWithSelector(ChannelIsClosed.selector, channelIdOf(t)));
        offpay.closeChannelTogether(t, 5, 0, now40(), sigA, sigB);
    }

    function test_allToOneSideCreditsTheOtherNothing() public {
        closeTogether(100, 0, now40());
        assertPaid(0, 160);
    }

    function test_allToTheOtherSideLikewise() public {
        closeTogether(0, 60, now40());
        assertPaid(160, 0);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidSignature, NotFinalizable, WrongDirection} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {ChannelState, ChannelTerms} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev One-way channels: b's vouchers are brought in at any time, and b may close at once.
contract OneWayChannelsTest is Fixture {
    address private a = person("a");
    address private b = person("b");
    address private keyA = person("key of a");
    address private mallory = person("mallory");
    ChannelTerms private t;

    function setUp() public override {
        super.setUp();
        give(a, 1000);
        t = oneWay(a, b, keyA);
        openChannel(t, 100);
    }

    function claim(uint96 cumulative) private {
        offpay.claimVoucher(t, cumulative, REFERENCE, signVoucher(keyA, t, cumulative));
    }

    // --- claimVoucher

    function testFuzz_anyoneBringsAVoucherIn(uint96 cumulative, bytes32 reference_, address anyone) public {
        vm.assume(anyone != address(offpay));
        cumulative = uint96(bound(cumulative, 1, 100));
        bytes memory signature = sign(keyA, voucherDigest(channelIdOf(t), cumulative, reference_));
        vm.expectEmit(address(offpay));
        emit Events.VoucherClaimed(channelIdOf(t), b, cumulative);
        vm.prank(anyone);
        offpay.claimVoucher(t, cumulative, reference_, signature);
        assertEq(offpay.balanceOf(b), cumulative);
        assertEq(offpay.channelOf(channelIdOf(t)).fromA, cumulative);
        assertEq(offpay.channelOf(channelIdOf(t)).depositA, 100);
        checkBooks();
    }

    function testFuzz_voucherAddsWhatIsNewUpToTheDeposit(uint96 x, uint96 y) public {
        x = uint96(bound(x, 1, 200));
        y = uint96(bound(y, 1, 200));
        claim(x);
        uint96 before = x < 100 ? x : 100;
        uint96 after_ = y < 100 ? y : 100;
        vm.recordLogs();
        claim(y);
        assertEq(vm.getRecordedLogs().length, after_ > before ? 1 : 0);
        assertEq(offpay.balanceOf(b), after_ > before ? after_ : before);
        checkBooks();
    }

    function test_voucherBeyondTheDepositPaysTheRestAfterFunding() public {
        vm.expectEmit(address(offpay));
        emit Events.VoucherClaimed(channelIdOf(t), b, 100);
        claim(150);
        vm.prank(a);
        offpay.fundChannel(t, 70);
        vm.expectEmit(address(offpay));
        emit Events.VoucherClaimed(channelIdOf(t), b, 150);
        claim(150);
        assertEq(offpay.balanceOf(b), 150);
        checkBooks();
    }

    /// @dev Attack: the same voucher again, or an older one.
    function test_olderVoucherIsANoOp() public {
        claim(50);
        watch();
        claim(50);
        claim(30);
        assertNoEvents();
        assertNoWrites();
        assertEq(offpay.balanceOf(b), 50);
    }

    function test_vouchersComeInWhileClosingAndAfter() public {
        vm.prank(a);
        offpay.requestChannelClose(t);
        claim(10);
        skip(DELAY + 100 days);
        claim(20);
        assertEq(offpay.balanceOf(b), 20);
    }

    function test_voucherMustBeSignedByKeyA() public {
        bytes memory refusal = abi.encodeWithSelector(InvalidSignature.selector, keyA);
        address[3] memory others = [a, b, mallory];
        for (uint256 i; i < 3; ++i) {
            bytes memory signature = signVoucher(others[i], t, 5);
            vm.expectRevert(refusal);
            offpay.claimVoucher(t, 5, REFERENCE, signature);
        }
        bytes memory good = signVoucher(keyA, t, 5);
        vm.expectRevert(refusal);
        offpay.claimVoucher(t, 6, REFERENCE, good);
        vm.expectRevert(refusal);
        offpay.claimVoucher(t, 5, keccak256("another"), good);
        vm.expectRevert(refusal);
        offpay.claimVoucher(t, 5, REFERENCE, "");
    }

    function test_twoWayVouchersAreNotClaimed() public {
        ChannelTerms memory two = twoWay(a, b, keyA, mallory);
        openChannel(two, 10);
        bytes memory signature = signVoucher(keyA, two, 5);
        vm.expectRevert(abi.encodeWithSelector(WrongDirection.selector, channelIdOf(two)));
        offpay.claimVoucher(two, 5, REFERENCE, signature);
    }

    function test_oneWayChannelHasNoCloseTogetherAndPresentsNothing() public {
        bytes memory refusal = abi.encodeWithSelector(WrongDirection.selector, channelIdOf(t));
        bytes memory signature = signVoucher(keyA, t, 5);
        vm.expectRevert(refusal);
        offpay.presentVoucher(t, 5, REFERENCE, signature);
        signature = signClose(keyA, t, 5, 0, now40());
        vm.expectRevert(refusal);
        offpay.closeChannelTogether(t, 5, 0, now40(), signature, new bytes(65));
    }

    // --- Closing

    function testFuzz_bClosesAtOnceAndARestGoesToA(uint96 claimed, bool closing) public {
        claimed = uint96(bound(claimed, 0, 100));
        claim(claimed);
        if (closing) {
            vm.prank(a);
            offpay.requestChannelClose(t);
        }
        uint40 closesAt = closing ? now40() + DELAY : 0;
        vm.expectEmit(address(offpay));
        emit Events.ChannelClosed(channelIdOf(t), claimed, 0, 100 - claimed, 0);
        vm.prank(b);
        offpay.finalizeChannel(t);
        assertEq(offpay.balanceOf(a), 1000 - claimed);
        assertEq(offpay.balanceOf(b), claimed);
        ChannelState memory state = offpay.channelOf(channelIdOf(t));
        assertEq(abi.encode(state), abi.encode(ChannelState(0, 0, claimed, 0, closesAt, false, true)));
        checkBooks();
    }

    /// @dev Attack: a takes its deposit back before b's vouchers come.
    function test_onlyBClosesAtOnce() public {
        address[3] memory others = [a, keyA, mallory];
        bytes32 id = channelIdOf(t);
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, 0));
            vm.prank(others[i]);
            offpay.finalizeChannel(t);
        }
        vm.prank(a);
        offpay.requestChannelClose(t);
        vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, now40() + DELAY));
        vm.prank(a);
        offpay.finalizeChannel(t);
    }

    function test_anyoneFinalizesWhenTheTimeHasCome() public {
        claim(30);
        vm.prank(a);
        offpay.requestChannelClose(t);
        skip(DELAY);
        vm.prank(mallory);
        offpay.finalizeChannel(t);
        assertEq(offpay.balanceOf(a), 970);
        assertEq(offpay.balanceOf(b), 30);
        checkBooks();
    }

    function test_bClosesAtOnceThroughARelayToo() public {
        relayOne(b, abi.encodeCall(offpay.finalizeChannel, (t)), 0);
        assertTrue(offpay.channelOf(channelIdOf(t)).closed);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ChannelClosing,
    ChannelIsClosed,
    ChannelUsed,
    InsufficientBalance,
    InvalidTerms,
    NotFinalizable,
    NotParty,
    UnknownChannel,
    ZeroAmount
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {ChannelState, ChannelTerms} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev What channels of both kinds have in common: opening, funding, asking to close.
contract ChannelsTest is Fixture {
    address private a = person("a");
    address private b = person("b");
    address private keyA = person("key of a");
    address private keyB = person("key of b");
    ChannelTerms private one;
    ChannelTerms private two;

    function setUp() public override {
        super.setUp();
        give(a, 1000);
        give(b, 1000);
        one = oneWay(a, b, keyA);
        two = twoWay(a, b, keyA, keyB);
    }

    function expectBadTerms(ChannelTerms memory t) private {
        vm.expectRevert(InvalidTerms.selector);
        vm.prank(t.a);
        offpay.openChannel(t, 1);
    }

    // --- openChannel

    function testFuzz_openingMovesBalance(uint96 deposit, uint40 closeDelay, bytes32 salt, bool isTwoWay)
        public
    {
        deposit = uint96(bound(deposit, 0, 1000));
        ChannelTerms memory t = isTwoWay ? two : one;
        (t.closeDelay, t.salt) = (uint40(bound(closeDelay, PERIOD, 30 days)), salt);
        vm.expectEmit(address(offpay));
        emit Events.ChannelOpened(channelIdOf(t), a, b, keyA, t.keyB, t.closeDelay, salt, deposit);
        openChannel(t, deposit);
        assertEq(offpay.balanceOf(a), 1000 - deposit);
        ChannelState memory state = offpay.channelOf(channelIdOf(t));
        assertEq(abi.encode(state), abi.encode(ChannelState(deposit, 0, 0, 0, 0, true, false)));
        checkBooks();
    }

    function testFuzz_channelIdIsTheDigestOfTheTerms(ChannelTerms memory t) public view {
        assertEq(offpay.channelId(t), channelIdOf(t));
    }

    function test_badTermsAreRefused() public {
        ChannelTerms memory t = twoWay(a, a, keyA, keyB);
        expectBadTerms(t);
        t = twoWay(address(0), b, keyA, keyB);
        expectBadTerms(t);
        t = twoWay(a, address(0), keyA, keyB);
        expectBadTerms(t);
        t = twoWay(a, b, address(0), keyB);
        expectBadTerms(t);
        t = oneWay(a, b, address(0));
        expectBadTerms(t);
        t = twoWay(a, b, keyA, keyA);
        expectBadTerms(t);
    }

    function test_closeDelayIsSettlementPeriodTo30Days() public {
        one.closeDelay = PERIOD - 1;
        expectBadTerms(one);
        one.closeDelay = 30 days + 1;
        expectBadTerms(one);
        one.closeDelay = PERIOD;
        openChannel(one, 1);
        one.closeDelay = 30 days;
        openChannel(one, 1);
    }

    function test_onlyAOpens() public {
        bytes32 id = channelIdOf(two);
        vm.expectRevert(abi.encodeWithSelector(NotParty.selector, id, b));
        vm.prank(b);
        offpay.openChannel(two, 1);
    }

    function test_depositComesOutOfTheBalance() public {
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, a, 1000, 1001));
        openChannel(one, 1001);
    }

    function test_usedIdIsRefused() public {
        openChannel(one, 1);
        vm.expectRevert(abi.encodeWithSelector(ChannelUsed.selector, channelIdOf(one)));
        openChannel(one, 1);
        one.salt = keccak256("another");
        openChannel(one, 1);
    }

    /// @dev Attack: reopening with an old salt, so that old vouchers count again.
    function test_idOfAFinishedChannelIsRefused() public {
        openChannel(one, 1);
        vm.prank(b);
        offpay.finalizeChannel(one);
        vm.expectRevert(abi.encodeWithSelector(ChannelUsed.selector, channelIdOf(one)));
        openChannel(one, 1);
    }

    // --- fundChannel

    function fund(address who, ChannelTerms memory t, uint96 amount) private {
        vm.prank(who);
        offpay.fundChannel(t, amount);
    }

    function testFuzz_eitherSideFundsATwoWayChannel(uint96 fromA, uint96 fromB) public {
        fromA = uint96(bound(fromA, 1, 900));
        fromB = uint96(bound(fromB, 2, 1000));
        openChannel(two, 100);
        vm.expectEmit(address(offpay));
        emit Events.ChannelFunded(channelIdOf(two), a, fromA);
        fund(a, two, fromA);
        vm.expectEmit(address(offpay));
        emit Events.ChannelFunded(channelIdOf(two), b, fromB - 1);
        fund(b, two, fromB - 1);
        fund(b, two, 1);
        ChannelState memory state = offpay.channelOf(channelIdOf(two));
        assertEq(state.depositA, 100 + fromA);
        assertEq(state.depositB, fromB);
        assertEq(offpay.balanceOf(a), 900 - fromA);
        assertEq(offpay.balanceOf(b), 1000 - fromB);
        checkBooks();
    }

    function test_onlyAFundsAOneWayChannel() public {
        openChannel(one, 1);
        vm.expectRevert(abi.encodeWithSelector(NotParty.selector, channelIdOf(one), b));
        fund(b, one, 1);
        fund(a, one, 5);
        assertEq(offpay.channelOf(channelIdOf(one)).depositA, 6);
    }

    function test_strangersFundNothing() public {
        openChannel(two, 1);
        address stranger = person("stranger");
        give(stranger, 5);
        vm.expectRevert(abi.encodeWithSelector(NotParty.selector, channelIdOf(two), stranger));
        fund(stranger, two, 5);
    }

    function test_fundingRefusals() public {
        openChannel(two, 1);
        vm.expectRevert(ZeroAmount.selector);
        fund(a, two, 0);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, a, 999, 1000));
        fund(a, two, 1000);
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, b, 1000, 1001));
        fund(b, two, 1001);
        vm.expectRevert(abi.encodeWithSelector(UnknownChannel.selector, channelIdOf(one)));
        fund(a, one, 1);
    }

    function test_closingChannelIsNotFunded() public {
        openChannel(two, 1);
        vm.prank(b);
        offpay.requestChannelClose(two);
        bytes memory refusal =
            abi.encodeWithSelector(ChannelClosing.selector, channelIdOf(two), now40() + DELAY);
        vm.expectRevert(refusal);
        fund(a, two, 1);
        vm.expectRevert(refusal);
        fund(b, two, 1);
    }

    // --- requestChannelClose

    function test_eitherPartyAsksToClose() public {
        one.closeDelay = PERIOD + 5;
        openChannel(one, 1);
        openChannel(two, 1);
        vm.expectEmit(address(offpay));
        emit Events.ChannelCloseRequested(channelIdOf(one), a, now40() + PERIOD + 5);
        vm.prank(a);
        offpay.requestChannelClose(one);
        vm.expectEmit(address(offpay));
        emit Events.ChannelCloseRequested(channelIdOf(two), b, now40() + DELAY);
        vm.prank(b);
        offpay.requestChannelClose(two);
        assertEq(offpay.channelOf(channelIdOf(one)).closesAt, now40() + PERIOD + 5);
        assertEq(offpay.channelOf(channelIdOf(two)).closesAt, now40() + DELAY);
    }

    function test_strangersDoNotAskToClose() public {
        openChannel(two, 1);
        bytes32 id = channelIdOf(two);
        vm.expectRevert(abi.encodeWithSelector(NotParty.selector, id, keyA));
        vm.prank(keyA);
        offpay.requestChannelClose(two);
    }

    function test_closesAtNeverMoves() public {
        openChannel(two, 1);
        vm.prank(a);
        offpay.requestChannelClose(two);
        uint40 closesAt = now40() + DELAY;
        skip(1);
        bytes32 id = channelIdOf(two);
        vm.expectRevert(abi.encodeWithSelector(ChannelClosing.selector, id, closesAt));
        vm.prank(b);
        offpay.requestChannelClose(two);
    }

    // --- finalizeChannel

    function test_channelClosesNotASecondTooEarly() public {
        bytes32 id = channelIdOf(two);
        openChannel(two, 10);
        vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, 0));
        offpay.finalizeChannel(two);
        vm.prank(a);
        offpay.requestChannelClose(two);
        uint40 closesAt = now40() + DELAY;
        vm.warp(closesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(NotFinalizable.selector, id, closesAt));
        offpay.finalizeChannel(two);
        vm.warp(closesAt);
        vm.expectEmit(address(offpay));
        emit Events.ChannelClosed(id, 0, 0, 10, 0);
        offpay.finalizeChannel(two);
        assertEq(offpay.balanceOf(a), 1000);
        checkBooks();
    }

    function test_finishedChannelTakesNothingMore() public {
        openChannel(one, 10);
        vm.prank(b);
        offpay.finalizeChannel(one);
        bytes memory refusal = abi.encodeWithSelector(ChannelIsClosed.selector, channelIdOf(one));
        bytes memory signature = signVoucher(keyA, one, 5);
        vm.expectRevert(refusal);
        fund(a, one, 1);
        vm.expectRevert(refusal);
        vm.prank(a);
        offpay.requestChannelClose(one);
        vm.expectRevert(refusal);
        vm.prank(b);
        offpay.finalizeChannel(one);
        vm.expectRevert(refusal);
        offpay.claimVoucher(one, 5, REFERENCE, signature);
    }

    function test_unknownChannelsAreRefused() public {
        bytes memory refusal = abi.encodeWithSelector(UnknownChannel.selector, channelIdOf(two));
        vm.expectRevert(refusal);
        vm.prank(a);
        offpay.requestChannelClose(two);
        vm.expectRevert(refusal);
        vm.prank(b);
        offpay.finalizeChannel(two);
        vm.expectRevert(refusal);
        offpay.presentVoucher(two, 1, REFERENCE, "");
        vm.expectRevert(refusal);
        offpay.claimVoucher(two, 1, REFERENCE, "");
        vm.expectRevert(refusal);
        offpay.closeChannelTogether(two, 0, 0, now40(), "", "");
    }

    /// @dev Bits beyond a field are not hashed: they count for nothing, or the call is refused.
    function test_dirtyBitsNameNoOtherChannel() public {
        bytes memory clean = abi.encodeCall(offpay.openChannel, (two, 10));
        for (uint256 word; word < 5; ++word) {
            bytes memory dirty = bytes.concat(clean);
            dirty[4 + 32 * word] = 0xff;
            uint256 snapshot = vm.snapshotState();
            vm.prank(a);
            (bool success,) = address(offpay).call(dirty);
            assertEq(offpay.channelOf(channelIdOf(two)).open, success);
            assertEq(offpay.balanceOf(a), success ? 990 : 1000);
            vm.revertToState(snapshot);
        }
    }
}

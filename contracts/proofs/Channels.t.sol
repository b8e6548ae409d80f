// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelState, ChannelTerms} from "../src/types/Types.sol";
import {Proofs} from "./Proofs.sol";

/// @title What is in a channel is paid to its two sides, to the unit
contract ChannelProofs is Proofs {
    /// @dev A channel as it can be: of a one-way one `fromA` is within the deposit, and there is no other side.
    function arrangeChannel(State memory s, ChannelTerms memory t, uint96 depositB, uint96 fromB)
        private
        returns (bytes32 id, uint256 inChannel)
    {
        t.a = OWNER;
        t.b = PAYEE;
        vm.assume(both(t.keyA != address(0), t.keyA != t.keyB));
        id = offpay.channelId(t);
        bool oneWay = t.keyB == address(0);
        vm.assume(both(s.head >> 248 == 1, uint16(s.head >> 232) == 0));
        vm.assume(
            either(!oneWay, both(uint96(s.head >> 96) <= uint96(s.head), both(depositB == 0, fromB == 0)))
        );
        offpay.setChannel(id, s.head, depositB, fromB);
        unchecked {
            inChannel = uint256(uint96(s.head)) + depositB;
            if (oneWay) inChannel -= uint96(s.head >> 96);
        }
        vm.assume(both(uint96(s.head) < MOST, uint96(s.head >> 96) < MOST));
        vm.assume(both(depositB < MOST, fromB < MOST));
        arrangeMoney(s);
        vm.warp(s.time);
    }

    function check_finalizeChannel(
        State memory s,
        ChannelTerms memory t,
        uint96 depositB,
        uint96 fromB,
        uint8 caller
    ) public {
        (bytes32 id, uint256 inChannel) = arrangeChannel(s, t, depositB, fromB);
        View memory before = look(PAYEE);
        vm.prank(anybody(caller));
        offpay.finalizeChannel(t);
        assertPaidOut(before, t, id, inChannel);
    }

    function check_closeChannelTogether(
        State memory s,
        ChannelTerms memory t,
        uint96 depositB,
        uint96 fromB,
        uint96[2] memory agreed,
        bytes32[2] memory sigA,
        bytes32[2] memory sigB
    ) public {
        (bytes32 id, uint256 inChannel) = arrangeChannel(s, t, depositB, fromB);
        View memory before = look(PAYEE);
        vm.prank(STRANGER);
        offpay.closeChannelTogether(
            t, agreed[0], agreed[1], s.time, abi.encodePacked(sigA), abi.encodePacked(sigB)
        );
        assertPaidOut(before, t, id, inChannel);
    }

    function check_claimVoucher(
        State memory s,
        ChannelTerms memory t,
        uint96 cumulative,
        bytes32 reference_,
        bytes32[2] memory signature
    ) public {
        (bytes32 id,) = arrangeChannel(s, t, 0, 0);
        View memory before = look(PAYEE);
        vm.prank(STRANGER);
        offpay.claimVoucher(t, cumulative, reference_, abi.encodePacked(signature));
        View memory later = look(PAYEE);
        ChannelState memory channel = offpay.channelOf(id);
        assert(channel.fromA <= channel.depositA);
        unchecked {
            uint256 x = uint256(channel.fromA) - uint96(s.head >> 96);
            assert(channel.fromA >= uint96(s.head >> 96));
            assertBalances(before, later, address(0), t.b, x);
        }
        assertSame(uint96(s.head), channel.depositA);
        assertSame(before.tokens, later.tokens);
        assertSame(before.collateral, later.collateral);
    }

    function check_presentVoucher(
        State memory s,
        ChannelTerms memory t,
        uint96 depositB,
        uint96 fromB,
        uint96 cumulative,
        bytes32[2] memory signature
    ) public {
        (bytes32 id,) = arrangeChannel(s, t, depositB, fromB);
        View memory before = look(PAYEE);
        vm.prank(STRANGER);
        offpay.presentVoucher(t, cumulative, 0, abi.encodePacked(signature));
        View memory later = look(PAYEE);
        assertBalances(before, later, address(0), address(0), 0);
        // What a side has sent only grows; deposits and the clock stay.
        ChannelState memory channel = offpay.channelOf(id);
        assert(both(channel.fromA >= uint96(s.head >> 96), channel.fromB >= fromB));
        assert(both(channel.depositA == uint96(s.head), channel.depositB == depositB));
        assert(channel.closesAt == uint40(s.head >> 192));
    }

    /// @dev All that was in the channel became the balances of its two sides, and nobody else's changed.
    function assertPaidOut(View memory before, ChannelTerms memory t, bytes32 id, uint256 inChannel)
        private
        view
    {
        View memory later = look(PAYEE);
        uint256 toA;
        uint256 toB;
        unchecked {
            for (uint8 i = 0; i < 4; ++i) {
                uint256 more = later.balances[i] - before.balances[i];
                if (anybody(i) == t.a) toA = more;
                else if (anybody(i) == t.b) toB = more;
                else assertSame(before.balances[i], later.balances[i]);
            }
            assert(both(toA <= inChannel, toB <= inChannel));
            assert(toA + toB == inChannel);
        }
        assertSame(before.tokens, later.tokens);
        assertSame(before.collateral, later.collateral);
        assert(offpay.channelOf(id).closed);
    }
}

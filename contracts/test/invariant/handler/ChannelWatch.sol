// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelState, ChannelTerms} from "../../../src/types/Types.sol";
import {Watch} from "./Watch.sol";

/// @title Channels as section 7 has them, and what their honest parties are due
abstract contract ChannelWatch is Watch {
    struct Channel {
        ChannelTerms terms;
        bytes32 id;
        bool twoWay;
        // Deposits.
        uint256 inA;
        uint256 inB;
        // The highest cumulative that each side signed; that reached the other side; that the contract was shown.
        uint256 signedA;
        uint256 signedB;
        uint256 heldA;
        uint256 heldB;
        uint256 shownA;
        uint256 shownB;
        uint256 closesAt;
        bool closed;
        // A close that both signed.
        uint96 agreedA;
        uint96 agreedB;
        uint40 deadline;
    }

    struct Voucher {
        uint256 channel;
        bool byA;
        uint96 cumulative;
    }

    Channel[] internal channels;
    Voucher[] internal vouchers;

    /// @dev An honest party of a closing channel that holds something newer than the contract has seen.
    function _mustPresent(uint256 i) internal view returns (bool) {
        Channel storage c = channels[i];
        if (c.closed || c.closesAt == 0) return false;
        return (!_isCheat(c.terms.b) && c.heldA > c.shownA) || (!_isCheat(c.terms.a) && c.heldB > c.shownB);
    }

    /// @dev Wallets sign and accept only in an open channel, and not while a signed close could still be used.
    function _usable(Channel storage c) internal view returns (bool) {
        return !c.closed && c.closesAt == 0 && time > c.deadline;
    }

    /// @dev The least that a party that keeps to the protocol gets.
    function _dueA(Channel storage c) internal view returns (uint256) {
        return c.inA + c.heldB - c.signedA;
    }

    function _dueB(Channel storage c) internal view returns (uint256) {
        return c.twoWay ? c.inB + c.heldA - c.signedB : 0;
    }

    /// @dev What both were paid must be the deposits, to the last unit, and no honest party's due may be missing.
    function _checkClose(uint256 i, uint256 fromA, uint256 fromB, uint256 gotA, uint256 gotB) internal {
        Channel storage c = channels[i];
        uint256 toB;
        uint256 toA;
        if (c.twoWay) {
            toB = c.inB + fromA;
            toB = _min(toB > fromB ? toB - fromB : 0, c.inA + c.inB);
            toA = c.inA + c.inB - toB;
        } else {
            toA = c.inA - fromA;
        }
        _require(23, gotA == toA && gotB == toB, "a channel did not pay out its deposits");
        if (!_isCheat(c.terms.a)) _require(24, gotA >= _dueA(c), "a got less than it is due");
        if (!_isCheat(c.terms.b)) {
            _require(24, gotB >= _dueB(c), "b got less than it is due");
            _require(24, c.twoWay || fromA >= c.heldA, "b of a one-way channel got less than it is due");
        }
        c.closed = true;
        c.shownA = fromA;
        c.shownB = fromB;
        _matchChannel(i);
    }

    function _matchChannel(uint256 i) internal {
        Channel storage c = channels[i];
        ChannelState memory seen = offpay.channelOf(c.id);
        _require(17, seen.open == !c.closed && seen.closed == c.closed, "a channel came back");
        _require(16, c.closed || seen.closesAt == c.closesAt, "a channel's closesAt moved");
        _require(23, seen.depositA == (c.closed ? 0 : c.inA), "a channel's deposit of a");
        _require(23, seen.depositB == (c.closed ? 0 : c.inB), "a channel's deposit of b");
        _require(23, seen.fromA == c.shownA && seen.fromB == c.shownB, "what a channel was shown");
    }

    function _signVoucher(Voucher memory v) internal view returns (bytes memory) {
        Channel storage c = channels[v.channel];
        return signVoucher(v.byA ? c.terms.keyA : c.terms.keyB, c.terms, v.cumulative);
    }

    /// @dev Shows a voucher in whichever way its channel takes it. Anyone can.
    function _show(Voucher memory v) internal {
        Channel storage c = channels[v.channel];
        bytes memory signature = _signVoucher(v);
        bytes memory data = c.twoWay
            ? abi.encodeCall(offpay.presentVoucher, (c.terms, v.cumulative, REFERENCE, signature))
            : abi.encodeCall(offpay.claimVoucher, (c.terms, v.cumulative, REFERENCE, signature));
        uint256 before = offpay.balanceOf(c.terms.b);
        bool ok = _do(_someone(), data);
        _require(23, ok == !c.closed, "a voucher counts while its channel is open");
        if (ok) _applyVoucher(v, offpay.balanceOf(c.terms.b) - before);
    }

    function _applyVoucher(Voucher memory v, uint256 credited) internal {
        Channel storage c = channels[v.channel];
        if (v.cumulative < (v.byA ? c.shownA : c.shownB)) _hit("stale voucher");
        uint256 claimed = c.shownA;
        if (!c.twoWay) {
            c.shownA = _max(c.shownA, _min(v.cumulative, c.inA));
            if (v.cumulative > c.inA) _hit("voucher above the deposit");
        } else if (v.byA) {
            c.shownA = _max(c.shownA, v.cumulative);
        } else {
            c.shownB = _max(c.shownB, v.cumulative);
        }
        _require(23, credited == (c.twoWay ? 0 : c.shownA - claimed), "what a voucher credited");
        _matchChannel(v.channel);
    }

    /// @dev What an honest watchtower does before a channel closes.
    function _presentHeld(uint256 i) internal {
        Channel storage c = channels[i];
        if (c.heldA > c.shownA) _show(Voucher(i, true, uint96(c.heldA)));
        if (c.twoWay && c.heldB > c.shownB) _show(Voucher(i, false, uint96(c.heldB)));
        _hit("presented in the last second");
    }
}

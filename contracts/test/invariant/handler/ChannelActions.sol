// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelTerms} from "../../../src/types/Types.sol";
import {ChannelWatch} from "./ChannelWatch.sol";

/// @title Opening, paying through and closing channels, with honest parties and cheats on either side
abstract contract ChannelActions is ChannelWatch {
    uint256 private constant MOST_CHANNELS = 8;

    function openChannel(uint256 seed) external act(seed) {
        if (channels.length >= MOST_CHANNELS) return _reopenChannel();
        (address a, address b) = (_someone(), _someone());
        if (a == b) return;
        _openChannel(a, b, _between(0, 500), _chance(2));
    }

    function _openChannel(address a, address b, uint96 amount, bool twoWay) internal {
        string memory name = vm.toString(channels.length);
        address keyA = person(string(abi.encodePacked("channel key a", name)));
        address keyB = twoWay ? person(string(abi.encodePacked("channel key b", name))) : address(0);
        uint40 closeDelay = uint40(_chance(2) ? PERIOD : _between(PERIOD, 30 days));
        ChannelTerms memory terms = ChannelTerms(a, b, keyA, keyB, closeDelay, bytes32(_pick(3)));
        uint256 balance = offpay.balanceOf(a);
        bool ok = _do(a, abi.encodeCall(offpay.openChannel, (terms, amount)));
        _require(23, ok == (amount <= balance), "opening a channel");
        if (!ok) return;
        Channel storage c = channels.push();
        c.terms = terms;
        c.id = channelIdOf(terms);
        c.twoWay = twoWay;
        c.inA = amount;
        _matchChannel(channels.length - 1);
    }

    function _reopenChannel() private {
        Channel storage c = channels[_pick(channels.length)];
        _require(
            17,
            !_do(c.terms.a, abi.encodeCall(offpay.openChannel, (c.terms, 0))),
            "a used id opened a channel"
        );
        _hit(c.closed ? bytes32("reopening a closed channel") : bytes32("reopening an open channel"));
    }

    function fundChannel(uint256 seed) external act(seed) {
        if (channels.length == 0) return;
        uint256 i = _someChannel();
        Channel storage c = channels[i];
        address by = _chance(8) ? _someone() : _chance(2) ? c.terms.a : c.terms.b;
        uint256 balance = offpay.balanceOf(by);
        uint96 amount = _between(1, 300);
        bool party = by == c.terms.a || (by == c.terms.b && c.twoWay);
        bool ok = _do(by, abi.encodeCall(offpay.fundChannel, (c.terms, amount)));
        bool due = party && !c.closed && c.closesAt == 0 && amount <= balance;
        _require(23, ok == due, "funding a channel");
        if (!ok) return;
        if (by == c.terms.a) c.inA += amount;
        else c.inB += amount;
        _matchChannel(i);
    }

    /// @dev An honest side promises what it has, and the other takes what it can be sure of. A cheat signs anything.
    function signVoucher(uint256 seed) external act(seed) {
        if (channels.length == 0) return;
        uint256 i = _someChannel();
        Channel storage c = channels[i];
        bool byA = !c.twoWay || _chance(2);
        (address from, address to) = byA ? (c.terms.a, c.terms.b) : (c.terms.b, c.terms.a);
        uint256 signed = byA ? c.signedA : c.signedB;
        uint256 own = byA ? c.inA + c.heldB : c.inB + c.heldA;
        uint256 most = _isCheat(from) ? 2 * (c.inA + c.inB) + own : own;
        if (!_isCheat(from) && (!_usable(c) || signed >= most)) return;
        uint96 cumulative = _isCheat(from) ? _between(0, most) : _between(signed, most);
        vouchers.push(Voucher(i, byA, cumulative));

        // What the receiver counts on: the other's deposit, and what it sent itself.
        uint256 sure = byA ? c.inA + c.signedB : c.inB + c.signedA;
        bool taken = _usable(c) && cumulative <= sure && !_chance(6);
        if (byA) {
            c.signedA = _max(c.signedA, cumulative);
            if (taken) c.heldA = _max(c.heldA, cumulative);
        } else {
            c.signedB = _max(c.signedB, cumulative);
            if (taken) c.heldB = _max(c.heldB, cumulative);
        }
        _hit(_isCheat(to) ? bytes32("voucher to a cheat") : bytes32("voucher to an honest party"));
    }

    /// @dev Anyone shows any voucher, stale or not.
    function showVoucher(uint256 seed) external act(seed) {
        if (vouchers.length == 0) return;
        Voucher memory v = vouchers[_pick(vouchers.length)];
        if (!channels[v.channel].twoWay && _chance(2)) _claimMany(v);
        else _show(v);
    }

    /// @dev A batch of vouchers to one payee, some of them of the same channel, and a row of no channel.
    function _claimMany(Voucher memory first) private {
        address b = channels[first.channel].terms.b;
        Voucher[] memory rows = new Voucher[](3);
        uint256 count;
        uint256 start = _pick(vouchers.length);
        bytes memory packed = _chance(4) ? new bytes(185) : bytes("");
        for (uint256 k; k < vouchers.length && count < 3; ++k) {
            Voucher memory v = vouchers[(start + k) % vouchers.length];
            if (channels[v.channel].twoWay || channels[v.channel].terms.b != b) continue;
            rows[count++] = v;
            packed = bytes.concat(packed, _packedClaim(v));
        }
        uint256 before = offpay.balanceOf(b);
        bool ok = _do(_someone(), abi.encodeCall(offpay.claimVouchers, (b, packed)));
        _require(23, ok, "a batch of vouchers was refused");
        uint256 credited = offpay.balanceOf(b) - before;
        for (uint256 k; k < count; ++k) {
            Channel storage c = channels[rows[k].channel];
            if (c.closed) continue;
            uint256 part = _max(c.shownA, _min(rows[k].cumulative, c.inA)) - c.shownA;
            _require(23, part <= credited, "a batch of vouchers credited too little");
            credited -= _min(part, credited);
            c.shownA += part;
        }
        _require(23, credited == 0, "a batch of vouchers credited too much");
        for (uint256 k; k < count; ++k) {
            _matchChannel(rows[k].channel);
        }
        _hit("voucher batch");
    }

    function _packedClaim(Voucher memory v) private view returns (bytes memory) {
        Channel storage c = channels[v.channel];
        (bytes32 r, bytes32 vs) = signCompact(c.terms.keyA, voucherDigest(c.id, v.cumulative, REFERENCE));
        return abi.encodePacked(
            c.terms.a, c.terms.keyA, c.terms.closeDelay, c.terms.salt, v.cumulative, REFERENCE, r, vs
        );
    }

    function requestChannelClose(uint256 seed) external act(seed) {
        if (channels.length == 0) return;
        uint256 i = _someChannel();
        Channel storage c = channels[i];
        address by = _chance(8) ? _someone() : _chance(2) ? c.terms.a : c.terms.b;
        _requestChannelClose(i, by);
    }

    function _requestChannelClose(uint256 i, address by) internal {
        Channel storage c = channels[i];
        bool party = by == c.terms.a || by == c.terms.b;
        bool ok = _do(by, abi.encodeCall(offpay.requestChannelClose, (c.terms)));
        _require(16, ok == (party && !c.closed && c.closesAt == 0), "a channel's close can be requested once");
        if (ok) c.closesAt = time + c.terms.closeDelay;
        _matchChannel(i);
    }

    /// @dev Both sign a close, for what both know. Somebody may hold it back; until its deadline both sides rest.
    function agreeOnClose(uint256 seed) external act(seed) {
        if (channels.length == 0) return;
        uint256 i = _someChannel();
        Channel storage c = channels[i];
        if (!c.twoWay || c.closed || time <= c.deadline) return;
        bool cheats = _isCheat(c.terms.a) && _isCheat(c.terms.b);
        c.agreedA = uint96(_isCheat(c.terms.a) ? c.heldA : c.signedA);
        c.agreedB = uint96(_isCheat(c.terms.b) ? c.heldB : c.signedB);
        if (cheats) (c.agreedA, c.agreedB) = (_between(0, 2000), _between(0, 2000));
        c.deadline = uint40(time + _pick(1 hours + 1));
        if (_chance(2)) _closeTogether(i);
    }

    function closeTogether(uint256 seed) external act(seed) {
        if (channels.length != 0) _closeTogether(_someChannel());
    }

    function _closeTogether(uint256 i) private {
        Channel storage c = channels[i];
        if (!c.twoWay || c.deadline == 0) return;
        ChannelTerms memory t = c.terms;
        bytes memory data = abi.encodeCall(
            offpay.closeChannelTogether,
            (
                t,
                c.agreedA,
                c.agreedB,
                c.deadline,
                signClose(t.keyA, t, c.agreedA, c.agreedB, c.deadline),
                signClose(t.keyB, t, c.agreedA, c.agreedB, c.deadline)
            )
        );
        uint256 a = offpay.balanceOf(t.a);
        uint256 b = offpay.balanceOf(t.b);
        bool ok = _do(_someone(), data);
        _require(23, ok == (!c.closed && time <= c.deadline), "closing a channel together");
        if (!ok) return;
        _checkClose(i, c.agreedA, c.agreedB, offpay.balanceOf(t.a) - a, offpay.balanceOf(t.b) - b);
        _hit("channel closed together");
    }

    function finalizeChannel(uint256 seed) external act(seed) {
        if (channels.length == 0) return;
        uint256 i = _someChannel();
        Channel storage c = channels[i];
        bool receiver = !c.twoWay && _chance(4);
        // An honest receiver claims all that it holds before it closes.
        if (receiver && !_isCheat(c.terms.b) && !c.closed && c.heldA > c.shownA) _presentHeld(i);
        _finalize(i, receiver ? c.terms.b : _someone());
    }

    function _finalize(uint256 i, address by) internal {
        Channel storage c = channels[i];
        // An honest receiver does not close before it has claimed.
        if (by == c.terms.b && !_isCheat(by) && _early(c) && c.heldA > c.shownA) return;
        uint256 a = offpay.balanceOf(c.terms.a);
        uint256 b = offpay.balanceOf(c.terms.b);
        bool ok = _do(by, abi.encodeCall(offpay.finalizeChannel, (c.terms)));
        bool due = !c.closed && (!_early(c) || (!c.twoWay && by == c.terms.b));
        _require(21, ok == due, "a channel is finalized if and only if it is due");
        if (!ok) return;
        uint256 gotA = offpay.balanceOf(c.terms.a) - a;
        uint256 gotB = offpay.balanceOf(c.terms.b) - b;
        _hit(c.twoWay ? bytes32("two-way channel finalized") : bytes32("one-way channel finalized"));
        _checkClose(i, c.shownA, c.shownB, gotA, gotB);
    }

    function _early(Channel storage c) private view returns (bool) {
        return c.closesAt == 0 || time < c.closesAt;
    }

    /// @dev Open ones more often than closed ones.
    function _someChannel() private returns (uint256 i) {
        i = _pick(channels.length);
        if (channels[i].closed) i = _pick(channels.length);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ChannelClosing,
    ChannelIsClosed,
    ChannelUsed,
    InvalidDeadline,
    InvalidRows,
    InvalidSignature,
    InvalidTerms,
    NotFinalizable,
    NotParty,
    UnknownChannel,
    WrongDirection,
    ZeroAmount
} from "../types/Errors.sol";
import {ChannelState, ChannelTerms, Refusal} from "../types/Types.sol";
import {Hashes} from "../lib/Hashes.sol";
import {Head, Heads} from "../lib/Heads.sol";
import {Rows} from "../lib/Rows.sol";
import {Signatures} from "../lib/Signatures.sol";
import {Ledger} from "./Ledger.sol";

/// @title Channels: money set aside for one counterparty
/// @notice Each side signs only its own outflow, a cumulative amount that only grows. The terms travel in calldata;
/// their digest is the channel's id. A finished channel keeps its tombstone.
abstract contract Channels is Ledger {
    uint256 private constant LONGEST_CLOSE_DELAY = 30 days;
    uint256 private constant LONGEST_DEADLINE = 1 hours;
    /// @dev Bytes of a packed claim.
    uint256 private constant PACKED_CLAIM = 185;

    /// @notice Opens a channel out of the balance of the acting account, which must be `terms.a`.
    function openChannel(ChannelTerms calldata terms, uint96 deposit_) external guarded {
        (ChannelTerms memory t, bytes32 id) = _read(terms);
        if (
            t.a == t.b || t.a == address(0) || t.b == address(0) || t.keyA == address(0) || t.keyA == t.keyB
                || t.closeDelay < SETTLEMENT_PERIOD || t.closeDelay > LONGEST_CLOSE_DELAY
        ) revert InvalidTerms();
        if (_actor() != t.a) revert NotParty(id, _actor());
        if (_channels[id].head.exists()) revert ChannelUsed(id);
        _debit(t.a, deposit_);
        _channels[id].head = Heads.opened(deposit_, 0);
        emit ChannelOpened(id, t.a, t.b, t.keyA, t.keyB, t.closeDelay, t.salt, deposit_);
    }

    /// @notice Adds balance of the acting account to its deposit: `a`, or in a two-way channel `b`.
    function fundChannel(ChannelTerms calldata terms, uint96 amount) external guarded {
        if (amount == 0) revert ZeroAmount();
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        if (head.closesAt() != 0) revert ChannelClosing(id, head.closesAt());
        address from = _actor();
        if (from == t.a) {
            _channels[id].head = head.withFunds(head.funds() + amount);
        } else if (from == t.b && t.keyB != address(0)) {
            _sidesB[id].deposit += amount;
        } else {
            revert NotParty(id, from);
        }
        _debit(from, amount);
        emit ChannelFunded(id, from, amount);
    }

    /// @notice Credits `b` of a one-way channel what the voucher adds, up to the deposit. Anyone can bring it.
    function claimVoucher(
        ChannelTerms calldata terms,
        uint96 cumulative,
        bytes32 reference_,
        bytes calldata signature
    ) external guarded {
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        if (t.keyB != address(0)) revert WrongDirection(id);
        _requireSigner(Hashes.voucher(id, cumulative, reference_), signature, t.keyA);
        (uint256 credit, uint256 fromA) = _applyVoucher(_channels[id], head, cumulative);
        if (credit == 0) return;
        _credit(t.b, credit);
        emit VoucherClaimed(id, t.b, uint96(fromA));
    }

    /// @notice Brings in vouchers of many one-way channels towards `b`, in the fewest bytes and with one event. A
    /// row that fails is skipped with an event.
    /// @param rows Each row is 185 bytes: a, keyA (20 each), closeDelay (5), salt (32), then of the voucher cumulative
    /// (12), reference, r, vs (32 each).
    function claimVouchers(address b, bytes calldata rows) external guarded {
        if (rows.length % PACKED_CLAIM != 0) revert InvalidRows(rows.length);
        bytes32[] memory log = Rows.withRoom(rows.length / PACKED_CLAIM);
        bytes32 domain = _domainSeparator();
        uint256 total;
        ChannelTerms memory t = Hashes.blankTerms();
        t.b = b;
        for (uint256 offset; offset < rows.length;) {
            (bytes32 id, Refusal refusal, uint256 credit, uint256 fromA) = _claim(domain, rows, offset, t);
            if (refusal != Refusal.None) emit RowSkipped(offset / PACKED_CLAIM, refusal);
            unchecked {
                offset += PACKED_CLAIM;
                total += credit;
            }
            if (credit != 0) Rows.push(log, (uint256(id) >> 96 << 96) | fromA);
        }
        if (total == 0) return;
        _credit(b, total);
        emit VouchersClaimed(b, log);
    }

    /// @notice Begins to close a channel: it can be finalized `closeDelay` from now.
    function requestChannelClose(ChannelTerms calldata terms) external guarded {
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        address by = _actor();
        if (by != t.a && by != t.b) revert NotParty(id, by);
        if (head.closesAt() != 0) revert ChannelClosing(id, head.closesAt());
        uint40 closesAt = _now() + t.closeDelay;
        _channels[id].head = head.withClosesAt(closesAt);
        emit ChannelCloseRequested(id, by, closesAt);
    }

    /// @notice Shows a voucher of either side of a two-way channel, at any time until it is finalized. Anyone can.
    /// An older one than the contract has seen is a no-op.
    function presentVoucher(
        ChannelTerms calldata terms,
        uint96 cumulative,
        bytes32 reference_,
        bytes calldata signature
    ) external guarded {
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        if (t.keyB == address(0)) revert WrongDirection(id);
        address signer = _recover(Hashes.voucher(id, cumulative, reference_), signature);
        uint256 fromA = head.paid();
        uint256 fromB = _sidesB[id].from;
        if (signer == t.keyA) {
            if (cumulative <= fromA) return;
            fromA = cumulative;
            _channels[id].head = head.withPaid(cumulative);
        } else if (signer == t.keyB) {
            if (cumulative <= fromB) return;
            fromB = cumulative;
            _sidesB[id].from = cumulative;
        } else {
            revert InvalidSignature(signer);
        }
        emit VoucherPresented(id, uint96(fromA), uint96(fromB));
    }

    /// @notice Closes a two-way channel at once, as both of its keys agreed.
    /// @param deadline Until when, at most an hour from now: nobody can hold a signed close back for long.
    function closeChannelTogether(
        ChannelTerms calldata terms,
        uint96 fromA,
        uint96 fromB,
        uint40 deadline,
        bytes calldata sigA,
        bytes calldata sigB
    ) external guarded {
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        if (t.keyB == address(0)) revert WrongDirection(id);
        if (deadline < block.timestamp || deadline > block.timestamp + LONGEST_DEADLINE) {
            revert InvalidDeadline(deadline);
        }
        bytes32 structHash = Hashes.channelClose(id, fromA, fromB, deadline);
        _requireSigner(structHash, sigA, t.keyA);
        _requireSigner(structHash, sigB, t.keyB);
        _close(t, id, head, fromA, fromB);
    }

    /// @notice Closes a channel whose time has come. In a one-way channel, `b` can do so at once, at any time.
    function finalizeChannel(ChannelTerms calldata terms) external guarded {
        (ChannelTerms memory t, bytes32 id, Head head) = _requireOpenChannel(terms);
        uint40 closesAt = head.closesAt();
        bool due = closesAt != 0 && block.timestamp >= closesAt;
        if (!due && !(t.keyB == address(0) && _actor() == t.b)) revert NotFinalizable(id, closesAt);
        _close(t, id, head, head.paid(), _sidesB[id].from);
    }

    /// @notice All about a channel.
    function channelOf(bytes32 id) external view returns (ChannelState memory state) {
        Head head = _channels[id].head;
        SideB memory sideB = _sidesB[id];
        state.closed = head.has(Heads.CLOSED);
        state.open = head.exists() && !state.closed;
        state.closesAt = head.closesAt();
        state.fromA = uint96(head.paid());
        state.fromB = state.closed ? uint96(head.funds()) : sideB.from;
        state.depositA = state.closed ? 0 : uint96(head.funds());
        state.depositB = sideB.deposit;
    }

    /// @notice A channel's id: the EIP-712 digest of its terms.
    function channelId(ChannelTerms calldata terms) external view returns (bytes32) {
        (, bytes32 id) = _read(terms);
        return id;
    }

    /// @dev Pays both sides. What each has sent stays in the tombstone: a finished channel has no deposit, so its
    /// place holds `fromB`.
    function _close(ChannelTerms memory t, bytes32 id, Head head, uint256 fromA, uint256 fromB) private {
        uint256 depositB = _sidesB[id].deposit;
        uint256 total = head.funds() + depositB;
        uint256 toB;
        if (t.keyB == address(0)) {
            // Already credited by claims.
            total -= fromA;
        } else {
            toB = depositB + fromA;
            toB = toB > fromB ? toB - fromB : 0;
            if (toB > total) toB = total;
        }
        _channels[id].head = head.withFunds(fromB).withPaid(fromA).withFlag(Heads.CLOSED);
        delete _sidesB[id];
        if (total != toB) _credit(t.a, total - toB);
        if (toB != 0) _credit(t.b, toB);
        emit ChannelClosed(id, uint96(fromA), uint96(fromB), uint96(total - toB), uint96(toB));
    }

    /// @dev Raises `fromA` of a one-way channel to the voucher, but not above the deposit. The caller credits `b`.
    function _applyVoucher(HeadWord storage channel, Head head, uint256 cumulative)
        private
        returns (uint256 credit, uint256 fromA)
    {
        uint256 deposit_ = head.funds();
        uint256 before = head.paid();
        fromA = cumulative < deposit_ ? cumulative : deposit_;
        if (fromA <= before) return (0, before);
        unchecked {
            credit = fromA - before;
        }
        channel.head = head.withMorePaid(credit);
    }

    /// @dev Applies the packed claim at `offset`, read into `t`. The caller credits `b`.
    function _claim(bytes32 domain, bytes calldata rows, uint256 offset, ChannelTerms memory t)
        private
        returns (bytes32 id, Refusal refusal, uint256 credit, uint256 fromA)
    {
        assembly ("memory-safe") {
            let row := add(rows.offset, offset)
            mstore(t, shr(96, calldataload(row)))
            mstore(add(t, 0x40), shr(96, calldataload(add(row, 20))))
            mstore(add(t, 0x80), shr(216, calldataload(add(row, 40))))
            mstore(add(t, 0xa0), calldataload(add(row, 45)))
        }
        id = Hashes.typed(domain, Hashes.channelTerms(t));
        HeadWord storage channel = _channels[id];
        Head head = channel.head;
        if (!head.exists()) return (id, Refusal.UnknownChannel, 0, 0);
        if (head.has(Heads.CLOSED)) return (id, Refusal.ChannelClosed, 0, 0);
        (uint256 cumulative, address signer) = _readVoucher(domain, rows, offset, id);
        if (signer != t.keyA) return (id, Refusal.BadSignature, 0, 0);
        (credit, fromA) = _applyVoucher(channel, head, cumulative);
    }

    /// @dev The voucher of the packed claim at `offset`, and who signed it for channel `id`.
    function _readVoucher(bytes32 domain, bytes calldata rows, uint256 offset, bytes32 id)
        private
        view
        returns (uint256 cumulative, address signer)
    {
        bytes32 reference_;
        bytes32 r;
        bytes32 vs;
        assembly ("memory-safe") {
            let row := add(rows.offset, offset)
            cumulative := shr(160, calldataload(add(row, 77)))
            reference_ := calldataload(add(row, 89))
            r := calldataload(add(row, 121))
            vs := calldataload(add(row, 153))
        }
        signer = Signatures.recover(domain, Hashes.voucher(id, cumulative, reference_), r, vs);
    }

    /// @dev Reads terms, cleaned as they are hashed: bits beyond a field count for nothing.
    function _read(ChannelTerms calldata terms) private view returns (ChannelTerms memory t, bytes32 id) {
        t = Hashes.blankTerms();
        assembly ("memory-safe") {
            mstore(t, shr(96, shl(96, calldataload(terms))))
            mstore(add(t, 0x20), shr(96, shl(96, calldataload(add(terms, 0x20)))))
            mstore(add(t, 0x40), shr(96, shl(96, calldataload(add(terms, 0x40)))))
            mstore(add(t, 0x60), shr(96, shl(96, calldataload(add(terms, 0x60)))))
            mstore(add(t, 0x80), shr(216, shl(216, calldataload(add(terms, 0x80)))))
            mstore(add(t, 0xa0), calldataload(add(terms, 0xa0)))
        }
        id = Hashes.typed(_domainSeparator(), Hashes.channelTerms(t));
    }

    function _requireOpenChannel(ChannelTerms calldata terms)
        private
        view
        returns (ChannelTerms memory t, bytes32 id, Head head)
    {
        (t, id) = _read(terms);
        head = _channels[id].head;
        if (!head.exists()) revert UnknownChannel(id);
        if (head.has(Heads.CLOSED)) revert ChannelIsClosed(id);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    BeyondFunds,
    InvalidRows,
    InvalidSignature,
    MalformedPayment,
    NoConflict,
    PurseIsClosed,
    UnknownPurse
} from "../types/Errors.sol";
import {Payment, Refusal, SignedPayment} from "../types/Types.sol";
import {Conflicts} from "../lib/Conflicts.sol";
import {Hashes} from "../lib/Hashes.sol";
import {Head, Heads} from "../lib/Heads.sol";
import {Rows} from "../lib/Rows.sol";
import {Signatures} from "../lib/Signatures.sol";
import {Defaults} from "./Defaults.sol";

/// @title Payments: settling them, alone and in batches, and proving double spends
/// @notice Anyone can bring a payment. One of which nothing is owed any more is a no-op, so whoever loses a race
/// loses nothing.
abstract contract Payments is Defaults {
    /// @dev Bytes of a packed row: start, amount and cumulative (12 each), reference, r and vs (32 each).
    uint256 private constant PACKED_ROW = 132;

    /// @notice Credits the payee what the purse owes it, out of the purse's funds. What these cannot pay puts the
    /// pair in default.
    /// @param signature By the purse's key: 65 bytes, or 64 as in EIP-2098.
    function settlePayment(Payment calldata payment, bytes calldata signature) external guarded {
        Payment memory p = payment;
        address key = Signatures.recover(_paymentId(p), signature);
        (Refusal refusal, uint256 pay, uint256 paid) = _settle(key, p);
        if (refusal != Refusal.None) _revertWith(refusal, key, p);
        _creditPayee(key, p, pay, paid);
    }

    /// @notice Settles many payments. A row that `settlePayment` would refuse is skipped with an event.
    function settlePayments(SignedPayment[] calldata rows) external guarded {
        Payment memory p;
        for (uint256 i; i < rows.length; ++i) {
            SignedPayment calldata row = rows[i];
            _load(row, p);
            address key = Signatures.recover(_paymentId(p), row.r, row.vs);
            (Refusal refusal, uint256 pay, uint256 paid) = _settle(key, p);
            if (refusal != Refusal.None) emit RowSkipped(i, refusal);
            _creditPayee(key, p, pay, paid);
        }
    }

    /// @notice Settles many payments to one payee, in the fewest bytes and with one event.
    /// @param rows Each row is 132 bytes: start, amount, cumulative (12 bytes each), reference, r, vs (32 each).
    function settlePaymentsPacked(address payee, bytes calldata rows) external guarded {
        if (rows.length % PACKED_ROW != 0) revert InvalidRows(rows.length);
        bytes32[] memory log = Rows.withRoom(rows.length / PACKED_ROW);
        uint256 credit;
        Payment memory p;
        p.payee = payee;
        for (uint256 offset; offset < rows.length; offset += PACKED_ROW) {
            (bytes32 r, bytes32 vs) = _unpack(rows, offset, p);
            address key = Signatures.recover(_paymentId(p), r, vs);
            (Refusal refusal, uint256 pay, uint256 paid) = _settle(key, p);
            if (refusal != Refusal.None) emit RowSkipped(offset / PACKED_ROW, refusal);
            if (pay == 0) continue;
            unchecked {
                credit += pay;
            }
            Rows.push(log, (uint256(uint160(key)) << 96) | paid, p.reference_);
        }
        if (credit == 0) return;
        _credit(payee, credit);
        emit PaymentsSettled(payee, log);
    }

    /// @notice Stops a purse that signed two conflicting payments: it begins to close.
    function reportDoubleSpend(
        Payment calldata a,
        bytes calldata sigA,
        Payment calldata b,
        bytes calldata sigB
    ) external guarded {
        Payment memory first = a;
        Payment memory second = b;
        bytes32 idA = _paymentId(first);
        bytes32 idB = _paymentId(second);
        address key = Signatures.recover(idA, sigA);
        if (key == address(0) || Signatures.recover(idB, sigB) != key) revert InvalidSignature(key);
        if (
            !Conflicts.isWellFormed(first, type(uint256).max)
                || !Conflicts.isWellFormed(second, type(uint256).max)
        ) revert MalformedPayment();
        if (idA == idB || !Conflicts.conflict(first, second)) revert NoConflict();
        Head head = _requireOpen(key);
        if (head.has(Heads.REPORTED)) return;
        if (head.closesAt() == 0) head = _startClosing(key, head);
        _purses[key].head = head.withFlag(Heads.REPORTED);
        emit DoubleSpendReported(key, idA, idB);
    }

    /// @notice A payment's id: its EIP-712 digest, which the purse's key signs.
    function paymentId(Payment calldata payment) external view returns (bytes32) {
        return _paymentId(payment);
    }

    function _paymentId(Payment memory p) private view returns (bytes32) {
        return _hashTypedData(Hashes.payment(p));
    }

    /// @dev Settles all but the credit to the payee, which the caller makes, of `pay`. `paid` is the new `paidTo`.
    function _settle(address key, Payment memory p)
        private
        returns (Refusal refusal, uint256 pay, uint256 paid)
    {
        HeadWord storage purse = _purses[key];
        Head head = purse.head;
        // An unknown purse has no funds, so this one test lets only good payments of open purses through.
        if (!Conflicts.isWellFormed(p, head.funds()) || head.has(Heads.CLOSED)) {
            return (_refuse(key, head, p), 0, 0);
        }

        Word storage pair = paidTo[key][p.payee];
        paid = pair.value;
        uint256 target = p.cumulative;
        bool defaulted = head.has(Heads.DEFAULTED);
        if (defaulted) {
            uint256 presented = _presented(key, p.payee);
            if (presented > target) target = presented;
        }
        if (target <= paid) return (Refusal.None, 0, paid);

        unchecked {
            uint256 owed = target - paid;
            pay = head.funds() - head.paid();
            if (pay >= owed) {
                pay = owed;
                owed = 0;
            } else {
                owed -= pay;
            }
            paid += pay;
            pair.value = paid;
            head = head.withMorePaid(pay);
            if (defaulted || owed != 0) {
                head = _afterPresentation(
                    head, Presentation(key, p.payee, p.cumulative, target, owed, pay != 0)
                );
            }
        }
        purse.head = head;
    }

    /// @dev Why a payment is refused; None if it is one of a closed purse, of which nothing is owed any more.
    function _refuse(address key, Head head, Payment memory p) private view returns (Refusal) {
        if (key == address(0)) return Refusal.BadSignature;
        if (!head.exists()) return Refusal.UnknownPurse;
        if (!Conflicts.isWellFormed(p, type(uint256).max)) return Refusal.Malformed;
        if (!head.has(Heads.CLOSED)) return Refusal.BeyondFunds;
        return p.cumulative > paidTo[key][p.payee].value ? Refusal.PurseClosed : Refusal.None;
    }

    /// @dev Reads a row into `p`, cleaned as it is signed: bits beyond a field count for nothing.
    function _load(SignedPayment calldata row, Payment memory p) private pure {
        assembly ("memory-safe") {
            mstore(p, shr(96, shl(96, calldataload(row))))
            mstore(add(p, 0x20), shr(160, shl(160, calldataload(add(row, 0x20)))))
            mstore(add(p, 0x40), shr(160, shl(160, calldataload(add(row, 0x40)))))
            mstore(add(p, 0x60), shr(160, shl(160, calldataload(add(row, 0x60)))))
            mstore(add(p, 0x80), calldataload(add(row, 0x80)))
        }
    }

    function _creditPayee(address key, Payment memory p, uint256 pay, uint256 paid) private {
        if (pay == 0) return;
        _credit(p.payee, pay);
        emit PaymentSettled(key, p.payee, uint96(pay), uint96(paid), p.reference_);
    }

    /// @dev Reads the packed row at `offset` into `p`.
    function _unpack(bytes calldata rows, uint256 offset, Payment memory p)
        private
        pure
        returns (bytes32 r, bytes32 vs)
    {
        assembly ("memory-safe") {
            let row := add(rows.offset, offset)
            mstore(add(p, 0x20), shr(160, calldataload(row)))
            mstore(add(p, 0x40), shr(160, calldataload(add(row, 12))))
            mstore(add(p, 0x60), shr(160, calldataload(add(row, 24))))
            mstore(add(p, 0x80), calldataload(add(row, 36)))
            r := calldataload(add(row, 68))
            vs := calldataload(add(row, 100))
        }
    }

    function _revertWith(Refusal refusal, address key, Payment memory p) private view {
        if (refusal == Refusal.BadSignature) revert InvalidSignature(address(0));
        if (refusal == Refusal.UnknownPurse) revert UnknownPurse(key);
        if (refusal == Refusal.Malformed) revert MalformedPayment();
        if (refusal == Refusal.BeyondFunds) revert BeyondFunds(Conflicts.end(p), _purses[key].head.funds());
        revert PurseIsClosed(key);
    }
}

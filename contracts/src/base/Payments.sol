// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidRows, MalformedPayment, NoConflict, PaymentRefused} from "../types/Errors.sol";
import {Payment, Refusal, SignedPayment} from "../types/Types.sol";
import {Conflicts} from "../lib/Conflicts.sol";
import {Hashes} from "../lib/Hashes.sol";
import {Head, Heads} from "../lib/Heads.sol";
import {Ordinary} from "../lib/Ordinary.sol";
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
        Payment memory p = _read(payment, Hashes.blankPayment());
        (bytes32 r, bytes32 vs) = Signatures.compact(signature);
        (address key, uint256 pay, uint256 paid) = _settle(_domainSeparator(), p, r, vs);
        if (pay != 0) _creditPayee(key, p, pay, paid);
        else if (paid != 0) revert PaymentRefused(Refusal(paid), key);
    }

    /// @notice Settles many payments. A row that `settlePayment` would refuse is skipped with an event.
    function settlePayments(SignedPayment[] calldata rows) external guarded {
        bytes32 domain = _domainSeparator();
        Payment memory p = Hashes.blankPayment();
        for (uint256 i; i < rows.length; ++i) {
            SignedPayment calldata row = rows[i];
            _read(row.payment, p);
            (address key, uint256 pay, uint256 paid) = _settle(domain, p, row.r, row.vs);
            if (pay != 0) _creditPayee(key, p, pay, paid);
            else if (paid != 0) _skip(i, paid);
        }
    }

    /// @notice Settles many payments to one payee, in the fewest bytes and with one event.
    /// @param rows Each row is 132 bytes: start, amount, cumulative (12 bytes each), reference, r, vs (32 each).
    function settlePaymentsPacked(address payee, bytes calldata rows) external guarded {
        if (rows.length % PACKED_ROW != 0) revert InvalidRows(rows.length);
        bytes32[] memory log = Rows.withRoom(rows.length / PACKED_ROW);
        bytes32 domain = _domainSeparator();
        uint256 credit;
        Payment memory p = Hashes.blankPayment();
        p.payee = payee;
        for (uint256 offset; offset < rows.length;) {
            (bytes32 r, bytes32 vs) = _unpack(rows, offset, p);
            (address key, uint256 pay, uint256 paid) = _settle(domain, p, r, vs);
            unchecked {
                if (pay != 0) {
                    credit += pay;
                    Rows.push(log, (uint256(uint160(key)) << 96) | paid);
                } else if (paid != 0) {
                    _skip(offset / PACKED_ROW, paid);
                }
                offset += PACKED_ROW;
            }
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
        Payment memory first = _read(a, Hashes.blankPayment());
        Payment memory second = _read(b, Hashes.blankPayment());
        bytes32 hashA = Hashes.payment(first);
        bytes32 hashB = Hashes.payment(second);
        address key = _recover(hashA, sigA);
        _requireSigner(hashB, sigB, key);
        if (!Conflicts.isWellFormed(first) || !Conflicts.isWellFormed(second)) revert MalformedPayment();
        if (hashA == hashB || !Conflicts.conflict(first, second)) revert NoConflict();
        Head head = _requireOpen(key);
        if (head.has(Heads.REPORTED)) return;
        if (head.closesAt() == 0) head = _startClosing(key, head);
        _purses[key].head = head.withFlag(Heads.REPORTED);
        emit DoubleSpendReported(key, _hashTypedData(hashA), _hashTypedData(hashB));
    }

    /// @notice A payment's id: its EIP-712 digest, which the purse's key signs.
    function paymentId(Payment calldata payment) external view returns (bytes32) {
        return _hashTypedData(Hashes.payment(_read(payment, Hashes.blankPayment())));
    }

    /// @dev Settles all but the credit to the payee, which the caller makes, of `pay`. `paid` is the new `paidTo`; or,
    /// where nothing is to be credited, why (a Refusal).
    function _settle(bytes32 domain, Payment memory p, bytes32 r, bytes32 vs)
        private
        returns (address key, uint256 pay, uint256 paid)
    {
        key = Signatures.recover(domain, Hashes.payment(p), r, vs);
        HeadWord storage purse = _purses[key];
        Head head = purse.head;
        Word storage pair = paidTo[key][p.payee];
        paid = pair.value;
        pay = Ordinary.pay(p, head, paid);
        if (pay == 0) {
            Refusal refusal = _refuse(key, head, p, paid);
            if (refusal != Refusal.None) return (key, 0, uint256(refusal));
            (head, pay) = _settleOtherwise(key, head, p, paid);
            if (pay == 0) {
                purse.head = head;
                return (key, 0, 0);
            }
        }
        unchecked {
            paid += pay;
            pair.value = paid;
            purse.head = head.withMorePaid(pay);
        }
    }

    /// @dev A payment that is not ordinary: nothing is owed, or not all of it can be paid, or the purse has been in
    /// default. What is not paid puts the pair in default.
    function _settleOtherwise(address key, Head head, Payment memory p, uint256 paid)
        private
        returns (Head, uint256 pay)
    {
        uint256 target = p.cumulative;
        uint256 presented = _presented(key, p.payee);
        if (presented > target) target = presented;
        if (target <= paid || head.has(Heads.CLOSED)) return (head, 0);
        uint256 owed = target - paid;
        pay = head.funds() - head.paid();
        if (pay > owed) pay = owed;
        head =
            _afterPresentation(head, Presentation(key, p.payee, p.cumulative, target, owed - pay, pay != 0));
        return (head, pay);
    }

    /// @dev Why a payment is refused; None if it is not, or is one of a closed purse that was paid in full.
    function _refuse(address key, Head head, Payment memory p, uint256 paid) private pure returns (Refusal) {
        if (key == address(0)) return Refusal.BadSignature;
        if (!head.exists()) return Refusal.UnknownPurse;
        if (!Conflicts.isWellFormed(p)) return Refusal.Malformed;
        if (head.has(Heads.CLOSED)) return p.cumulative > paid ? Refusal.PurseClosed : Refusal.None;
        return Conflicts.end(p) > head.funds() ? Refusal.BeyondFunds : Refusal.None;
    }

    /// @dev Reads a payment into `p`, cleaned as it is signed: bits beyond a field count for nothing.
    function _read(Payment calldata payment, Payment memory p) private pure returns (Payment memory) {
        assembly ("memory-safe") {
            mstore(p, shr(96, shl(96, calldataload(payment))))
            mstore(add(p, 0x20), shr(160, shl(160, calldataload(add(payment, 0x20)))))
            mstore(add(p, 0x40), shr(160, shl(160, calldataload(add(payment, 0x40)))))
            mstore(add(p, 0x60), shr(160, shl(160, calldataload(add(payment, 0x60)))))
            mstore(add(p, 0x80), calldataload(add(payment, 0x80)))
        }
        return p;
    }

    function _skip(uint256 row, uint256 refusal) private {
        emit RowSkipped(row, Refusal(refusal));
    }

    function _creditPayee(address key, Payment memory p, uint256 pay, uint256 paid) private {
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
}

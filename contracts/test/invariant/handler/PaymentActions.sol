// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment, SignedPayment} from "../../../src/types/Types.sol";
import {PurseActions} from "./PurseActions.sol";

/// @title Signing payments, honestly and not, presenting them in every form, and reporting double spends
abstract contract PaymentActions is PurseActions {
    struct Note {
        uint256 purse;
        Payment payment;
    }

    /// @dev All that was ever signed, and not kept secret.
    Note[] internal notes;
    /// @dev The highest cumulative that was signed for a pair.
    mapping(uint256 purse => mapping(address payee => uint96)) internal signedUpTo;
    /// @dev The newest note for a pair.
    mapping(uint256 purse => mapping(address payee => uint256)) internal newest;
    /// @dev What `paidTo` and the reservation of a pair can never fall below again, since it claimed among the first N.
    mapping(uint256 purse => mapping(address payee => uint256)) internal sureOf;

    // --- Signing

    function pay(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        address payee = _somePayee();
        uint256 before = notes.length;
        if (purses[i].owner == honest) _signHonestly(i, payee, _between(1, purses[i].funds / 4));
        else _note(i, _anything(i, payee));
        // Some are brought in at once: a cheat races its purse's funds out to itself.
        if (notes.length > before && _chance(2)) _presentAlone(before, true);
    }

    /// @dev A payer that takes its purse's funds back through an account of its own, before others come.
    function drain(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        Purse storage purse = purses[i];
        uint256 rest = purse.funds - purse.paid;
        if (purse.owner == honest || purse.closed || rest == 0) return;
        address payee = payees[4 + _pick(3)];
        uint96 cumulative = uint96(_min(pairs[i][payee].paid + rest, purse.funds));
        uint96 amount = _between(1, cumulative);
        _note(i, Payment(payee, uint96(purse.funds) - amount, amount, cumulative, bytes32(notes.length)));
        _presentAlone(notes.length - 1, false);
        _hit("drained");
    }

    /// @dev The next serials, and a cumulative that counts all that was signed for the payee.
    function _signHonestly(uint256 i, address payee, uint256 amount) internal returns (bool) {
        Purse storage purse = purses[i];
        if (purse.closed || amount == 0 || purse.next + amount > purse.funds) return false;
        uint96 cumulative = signedUpTo[i][payee] + uint96(amount);
        _note(i, Payment(payee, uint96(purse.next), uint96(amount), cumulative, bytes32(notes.length)));
        purse.next += amount;
        return true;
    }

    function _note(uint256 i, Payment memory p) internal {
        newest[i][p.payee] = notes.length;
        notes.push(Note(i, p));
        if (p.cumulative > signedUpTo[i][p.payee]) signedUpTo[i][p.payee] = p.cumulative;
    }

    /// @dev Whatever a device key can sign: reused serials, lying cumulatives, more than the funds, nonsense.
    function _anything(uint256 i, address payee) private returns (Payment memory p) {
        uint96 funds = uint96(purses[i].funds);
        uint96 before = signedUpTo[i][payee];
        p.payee = payee;
        p.reference_ = bytes32(notes.length);
        p.amount = _between(1, funds);
        uint256 kind = _pick(8);
        if (kind < 2) {
            // Honest-looking, out of serials that others have had too.
            p.amount = _between(1, funds / 3);
            p.cumulative = before + p.amount;
            p.start = _between(p.cumulative - p.amount, funds - _min(funds, p.amount));
        } else if (kind < 5) {
            // All that is left of the funds, or nearly, with any cumulative.
            p.start = funds - uint96(_min(funds, p.amount));
            p.cumulative = _between(p.amount, funds);
        } else if (kind == 5) {
            p.start = _between(0, funds - _min(funds, p.amount));
            p.cumulative = p.start + p.amount;
        } else if (kind == 6) {
            // Good once the purse is topped up.
            p.start = funds - _between(0, _min(funds, p.amount));
            p.cumulative = _between(p.amount, uint256(p.start) + p.amount);
        } else {
            p.start = _between(0, funds);
            p.cumulative = _between(0, 2 * uint256(funds));
            if (_chance(4)) p.amount = 0;
        }
    }

    // --- Presenting

    function present(uint256 seed) external act(seed) {
        if (notes.length == 0) return;
        uint256 form = _pick(4);
        if (form < 2) _presentAlone(_someNote(), form == 0);
        else if (form == 2) _presentBatch();
        else _presentPacked();
    }

    /// @dev Any; but more often one that is still worth something, or of the purse in focus.
    function _someNote() private returns (uint256 n) {
        bool focused = _chance(2);
        for (uint256 k; k < 6; ++k) {
            n = _pick(notes.length);
            Note storage note = notes[n];
            if (focused && note.purse == focus) break;
            if (!focused && note.payment.cumulative > pairs[note.purse][note.payment.payee].paid) break;
        }
    }

    /// @dev A signature of 65 bytes or of 64.
    function _presentAlone(uint256 n, bool long) internal {
        (uint256 i, Payment memory p) = (notes[n].purse, notes[n].payment);
        SignedPayment memory row = signedRow(purses[i].key, p);
        bytes memory signature = long ? signPayment(purses[i].key, p) : bytes.concat(row.r, row.vs);
        bool ok =
            _do(_someone(), address(0), Pays.Purse, abi.encodeCall(offpay.settlePayment, (p, signature)));
        bool refused = _modelPresent(n);
        _require(22, ok != refused, ok ? "a bad payment was settled" : "a good payment was refused");
        _match(i);
    }

    /// @dev Rows of any purses and payees, and one that nobody signed.
    function _presentBatch() private {
        uint256[] memory rows = new uint256[](1 + _pick(4));
        SignedPayment[] memory batch = new SignedPayment[](rows.length + 1);
        uint256 bad = _pick(batch.length);
        for (uint256 k; k < rows.length; ++k) {
            rows[k] = _someNote();
            Note storage note = notes[rows[k]];
            batch[k < bad ? k : k + 1] = signedRow(purses[note.purse].key, note.payment);
        }
        batch[bad].payment = notes[rows[0]].payment;
        batch[bad].r = bytes32(uint256(1));
        bool ok = _do(_someone(), address(0), Pays.Purse, abi.encodeCall(offpay.settlePayments, (batch)));
        _require(22, ok, "a batch was refused");
        _modelRows(rows);
        _hit("batch");
    }

    /// @dev Rows of one payee, from any purses.
    function _presentPacked() private {
        uint256[] memory rows = new uint256[](4);
        uint256 n = _someNote();
        address payee = notes[n].payment.payee;
        bytes memory packed;
        uint256 count;
        for (uint256 k; k < notes.length && count < rows.length; ++k) {
            Note storage note = notes[(n + k) % notes.length];
            if (note.payment.payee != payee || (k != 0 && _chance(2))) continue;
            rows[count++] = (n + k) % notes.length;
            packed = bytes.concat(packed, packedRow(purses[note.purse].key, note.payment));
        }
        assembly ("memory-safe") {
            mstore(rows, count)
        }
        bytes memory data = abi.encodeCall(offpay.settlePaymentsPacked, (payee, packed));
        _require(22, _do(_someone(), address(0), Pays.Purse, data), "a packed batch was refused");
        _modelRows(rows);
        _hit("packed batch");
    }

    function _modelRows(uint256[] memory rows) private {
        for (uint256 k; k < rows.length; ++k) {
            _modelPresent(rows[k]);
        }
        for (uint256 k; k < rows.length; ++k) {
            _match(notes[rows[k]].purse);
        }
    }

    function _modelPresent(uint256 n) private returns (bool refused) {
        uint256 i = notes[n].purse;
        Payment memory p = notes[n].payment;
        refused = _modelSettle(i, p);
        _require(5, purses[i].owner != honest || !purses[i].defaulted, "an honest payer is in default");
        if (!refused) _markFirst(i, p.payee);
    }

    /// @dev One of the first N members that claim is sure of its cover from here on.
    function _markFirst(uint256 i, address payee) private {
        Pair storage pair = pairs[i][payee];
        if (pair.since == 0 || !pair.wasMember) return;
        (,, uint256 claiming) = _claims(i, payee);
        if (claiming >= purses[i].coverCount) return;
        uint256 sure = pair.paid + _min(pair.presented - pair.paid, _cover(i) - pair.had);
        if (sure > sureOf[i][payee]) sureOf[i][payee] = sure;
    }

    // --- Double spends

    function report(uint256 seed) external act(seed) {
        if (notes.length < 2) return;
        uint256 a = _someNote();
        uint256 b = a;
        // Another one of the same purse.
        for (uint256 k; k < 8 && (b == a || notes[b].purse != notes[a].purse); ++k) {
            b = _pick(notes.length);
        }
        if (notes[a].purse != notes[b].purse) return;
        uint256 i = notes[a].purse;
        Payment memory pa = notes[a].payment;
        Payment memory pb = notes[b].payment;
        address key = purses[i].key;
        bytes memory data =
            abi.encodeCall(offpay.reportDoubleSpend, (pa, signPayment(key, pa), pb, signPayment(key, pb)));
        bool ok = _do(_someone(), data);
        bool due = a != b && !purses[i].closed && _wellFormed(pa) && _wellFormed(pb) && _conflict(pa, pb);
        _require(22, ok == due, "reporting a double spend");
        _require(5, !ok || purses[i].owner != honest, "an honest purse was reported");
        if (!ok) return;
        purses[i].reported = true;
        if (purses[i].closesAt == 0) purses[i].closesAt = time + DELAY;
        _hit("double spend reported");
        _match(i);
    }

    function _wellFormed(Payment memory p) private pure returns (bool) {
        return p.amount != 0 && p.amount <= p.cumulative && p.cumulative <= uint256(p.start) + p.amount;
    }

    /// @dev Section 6, as it is written.
    function _conflict(Payment memory a, Payment memory b) private pure returns (bool) {
        uint256 endA = uint256(a.start) + a.amount;
        uint256 endB = uint256(b.start) + b.amount;
        if (_overlap(a.start, endA, b.start, endB)) return true;
        if (a.payee == b.payee) {
            return _overlap(a.cumulative - a.amount, a.cumulative, b.cumulative - b.amount, b.cumulative);
        }
        return uint256(a.cumulative) + b.cumulative > _max(endA, endB);
    }

    function _overlap(uint256 a, uint256 endA, uint256 b, uint256 endB) private pure returns (bool) {
        return _max(a, b) < _min(endA, endB);
    }
}

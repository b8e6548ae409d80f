// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment, SignedPayment} from "../src/types/Types.sol";
import {SettlingProofs} from "./Settling.sol";

/// @title Settling, by anybody, whatever was signed
/// @notice Who signed is the purse's key, a key of no purse, or nobody. What is owed can be paid out of the purse's funds
/// in full, or not; then the pair is in default already, or this begins it.
contract PaymentProofs is SettlingProofs {
    function check_settlePaymentInFullToPayee(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, PAYEE, settlePayment);
    }

    function check_settlePaymentInFullToOwner(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, OWNER, settlePayment);
    }

    function check_settlePaymentInFullToTreasury(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, TREASURY, settlePayment);
    }

    function check_settlePaymentThatBeginsADefaultOfOpenPurse(
        State memory s,
        Payment memory p,
        address caller
    ) public {
        inDefault(s, true, p, caller, false);
    }

    function check_settlePaymentThatBeginsADefaultOfCirclePurse(
        State memory s,
        Payment memory p,
        address caller
    ) public {
        inDefault(s, false, p, caller, false);
    }

    function check_settlePaymentThatStaysInDefaultOfOpenPurse(
        State memory s,
        Payment memory p,
        address caller
    ) public {
        inDefault(s, true, p, caller, true);
    }

    function check_settlePaymentThatStaysInDefaultOfCirclePurse(
        State memory s,
        Payment memory p,
        address caller
    ) public {
        inDefault(s, false, p, caller, true);
    }

    function check_settlePaymentOfNoPurse(State memory s, bool open, Payment memory p, bool nobody) public {
        p.payee = PAYEE;
        Words memory before = place(s, open, PAYEE);
        (bytes32 r, bytes32 vs) = signedBy(nobody ? address(0) : OTHER_KEY);
        try offpay.settlePayment(p, abi.encodePacked(r, vs)) {
            assert(false);
        } catch {}
        assertNothing(before, read(PAYEE));
    }

    function check_settlePaymentsInFullToPayee(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, PAYEE, settlePayments);
    }

    function check_settlePaymentsInFullToOwner(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, OWNER, settlePayments);
    }

    function check_settlePaymentsInFullToTreasury(State memory s, bool open, Payment memory p, address caller)
        public
    {
        inFull(s, open, p, caller, TREASURY, settlePayments);
    }

    function check_settlePaymentsOfNoPurse(State memory s, bool open, Payment memory p, bool nobody) public {
        p.payee = PAYEE;
        Words memory before = place(s, open, PAYEE);
        offpay.settlePayments(rowOf(p, nobody ? address(0) : OTHER_KEY));
        assertNothing(before, read(PAYEE));
    }

    function check_settlePaymentsPackedInFullToPayee(
        State memory s,
        bool open,
        Payment memory p,
        address caller
    ) public {
        inFull(s, open, p, caller, PAYEE, settlePaymentsPacked);
    }

    function check_settlePaymentsPackedInFullToOwner(
        State memory s,
        bool open,
        Payment memory p,
        address caller
    ) public {
        inFull(s, open, p, caller, OWNER, settlePaymentsPacked);
    }

    function check_settlePaymentsPackedInFullToTreasury(
        State memory s,
        bool open,
        Payment memory p,
        address caller
    ) public {
        inFull(s, open, p, caller, TREASURY, settlePaymentsPacked);
    }

    function check_settlePaymentsPackedOfNoPurse(State memory s, bool open, Payment memory p, bool nobody)
        public
    {
        Words memory before = place(s, open, PAYEE);
        offpay.settlePaymentsPacked(PAYEE, packed(p, nobody ? address(0) : OTHER_KEY));
        assertNothing(before, read(PAYEE));
    }

    /// @dev The purse's funds are enough for all that `payee` is owed.
    function inFull(
        State memory s,
        bool open,
        Payment memory p,
        address caller,
        address payee,
        function(Payment memory, address) settle
    ) private {
        p.payee = payee;
        Words memory before = place(s, open, payee);
        vm.assume(isPaidInFull(before, p));
        settle(p, caller);
        assertSettled(s, before, payee);
    }

    /// @dev They are not, and the pair is in default already, or this begins it.
    function inDefault(State memory s, bool open, Payment memory p, address caller, bool already) private {
        p.payee = PAYEE;
        Words memory before = place(s, open, PAYEE);
        vm.assume(both(!isPaidInFull(before, p), (uint40(before.purse.pair >> 192) != 0) == already));
        settlePayment(p, caller);
        assertSettled(s, before, PAYEE);
    }

    function settlePayment(Payment memory p, address caller) private {
        (bytes32 r, bytes32 vs) = signedBy(KEY);
        bytes memory signature = abi.encodePacked(r, vs);
        by(caller);
        offpay.settlePayment(p, signature);
    }

    function settlePayments(Payment memory p, address caller) private {
        SignedPayment[] memory rows = rowOf(p, KEY);
        by(caller);
        offpay.settlePayments(rows);
    }

    function settlePaymentsPacked(Payment memory p, address caller) private {
        bytes memory row = packed(p, KEY);
        by(caller);
        offpay.settlePaymentsPacked(p.payee, row);
    }

    function rowOf(Payment memory p, address signer) private pure returns (SignedPayment[] memory rows) {
        rows = new SignedPayment[](1);
        (bytes32 r, bytes32 vs) = signedBy(signer);
        rows[0] = SignedPayment(p, r, vs);
    }

    function packed(Payment memory p, address signer) private pure returns (bytes memory) {
        (bytes32 r, bytes32 vs) = signedBy(signer);
        return abi.encodePacked(p.start, p.amount, p.cumulative, p.reference_, r, vs);
    }

    /// @dev `caller`, who is anybody, is next.
    function by(address caller) private {
        vm.assume(caller != address(offpay));
        vm.prank(caller);
    }

    /// @dev The purse has left what the pair is owed, by this payment or by one that was presented before.
    function isPaidInFull(Words memory w, Payment memory p) private pure returns (bool) {
        unchecked {
            uint256 most = uint96(w.purse.head) - fundsPaid(w) + w.purse.paid;
            return both(p.cumulative <= most, uint96(w.purse.pair) <= most);
        }
    }

    /// @dev What left the purse's funds came to the payee's balance and to `paidTo`, to the unit; all else is as it was.
    function assertSettled(State memory s, Words memory before, address payee) private view {
        Words memory later = read(payee);
        unchecked {
            uint256 x = later.purse.paid - before.purse.paid;
            bool holds = x <= uint96(before.purse.head) - fundsPaid(before);
            holds = both(holds, fundsPaid(later) == fundsPaid(before) + x);
            holds = both(holds, isCredited(before, later, payee, x));
            holds = both(holds, both(isKept(before, later), later.security == before.security));
            assert(both(holds, isSound(later, s.time)));
        }
    }

    /// @dev Nothing of the purse, nor anybody's money, changed.
    function assertNothing(Words memory before, Words memory later) private pure {
        bool same = both(later.purse.head == before.purse.head, later.purse.owned == before.purse.owned);
        same = both(
            same, both(later.purse.claims == before.purse.claims, later.purse.pair == before.purse.pair)
        );
        same = both(same, both(later.purse.paid == before.purse.paid, later.purse.had == before.purse.had));
        same = both(same, both(isKept(before, later), later.security == before.security));
        assert(both(same, isCredited(before, later, address(0), 0)));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment, SignedPayment} from "../src/types/Types.sol";
import {Proofs} from "./Proofs.sol";

/// @title Settling, by anybody, whatever was signed
contract PaymentProofs is Proofs {
    function check_settlePayment(State memory s, Payment memory p, uint8 payee, bytes32 r, bytes32 vs)
        public
    {
        p.payee = anybody(payee);
        arrange(s, p.payee);
        View memory before = look(p.payee);
        vm.prank(STRANGER);
        offpay.settlePayment(p, abi.encodePacked(r, vs));
        assertSettled(before, p.payee);
    }

    function check_settlePayments(State memory s, SignedPayment memory row, uint8 payee) public {
        row.payment.payee = anybody(payee);
        arrange(s, row.payment.payee);
        View memory before = look(row.payment.payee);
        SignedPayment[] memory rows = new SignedPayment[](1);
        rows[0] = row;
        vm.prank(STRANGER);
        offpay.settlePayments(rows);
        assertSettled(before, row.payment.payee);
    }

    function check_settlePaymentsPacked(State memory s, Payment memory p, uint8 payee, bytes32 r, bytes32 vs)
        public
    {
        p.payee = anybody(payee);
        arrange(s, p.payee);
        View memory before = look(p.payee);
        bytes memory row = abi.encodePacked(p.start, p.amount, p.cumulative, p.reference_, r, vs);
        vm.prank(STRANGER);
        offpay.settlePaymentsPacked(p.payee, row);
        assertSettled(before, p.payee);
    }

    /// @dev What left the purse's funds came to the payee's balance and to `paidTo`, to the unit; all else is as it was.
    function assertSettled(View memory before, address payee) private view {
        View memory later = look(payee);
        unchecked {
            uint256 x = before.inPurse - later.inPurse;
            assert(x <= before.inPurse);
            assertBalances(before, later, address(0), payee, x);
            assert(later.paid == before.paid + x);
        }
        assertSame(before.collateral, later.collateral);
        assertSame(before.pledged, later.pledged);
        assertSame(before.tokens, later.tokens);
        assertSound(payee);
    }
}

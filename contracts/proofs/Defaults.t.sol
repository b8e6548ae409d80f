// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Proofs} from "./Proofs.sol";

/// @title Making good, and claiming on the pledge
contract DefaultProofs is Proofs {
    function check_makeGood(State memory s, uint8 caller, uint8 payee, uint96 max) public {
        arrange(s, anybody(payee));
        View memory before = look(anybody(payee));
        address[] memory payees = new address[](1);
        payees[0] = anybody(payee);
        vm.prank(anybody(caller));
        offpay.makeGood(KEY, payees, max);
        View memory later = look(anybody(payee));
        // Nobody but the owner makes good, and it costs no more than it said; the payee has all of it.
        assert(anybody(caller) == OWNER);
        unchecked {
            uint256 x = later.paid - before.paid;
            assert(x <= max);
            assertBalances(before, later, OWNER, anybody(payee), x);
        }
        assertSame(before.inPurse, later.inPurse);
        assertSame(before.collateral, later.collateral);
        assertSame(before.pledged, later.pledged);
        assertSame(before.tokens, later.tokens);
        assertSound(anybody(payee));
    }

    function check_settlePaymentAfterSettlementPeriod(State memory s, uint8 caller, uint8 payee) public {
        arrange(s, anybody(payee));
        View memory before = look(anybody(payee));
        vm.prank(anybody(caller));
        offpay.settlePaymentAfterSettlementPeriod(KEY, anybody(payee));
        View memory later = look(anybody(payee));
        // What was reserved went from the collateral to the payee; and only of a default that was not made good in time.
        uint256 x = s.pair.claim;
        unchecked {
            assertBalances(before, later, address(0), anybody(payee), x);
            assert(x <= before.collateral);
            assert(later.collateral == before.collateral - x);
            assert(later.pledged == before.pledged - x);
            assert(later.paid == before.paid + x);
            assert(both(s.pair.since != 0, uint256(s.time) >= uint256(s.pair.since) + 1 days));
        }
        assert(offpay.purseOf(KEY).condemned);
        assertSame(before.inPurse, later.inPurse);
        assertSame(before.tokens, later.tokens);
        assertSound(anybody(payee));
    }
}

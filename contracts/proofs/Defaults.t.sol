// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Proofs} from "./Proofs.sol";

/// @title Making good
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
}

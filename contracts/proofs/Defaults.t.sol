// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SettlingProofs} from "./Settling.sol";

/// @title Making good
contract DefaultProofs is SettlingProofs {
    function check_makeGoodToPayee(State memory s, bool open, address caller, uint96 max) public {
        step(s, open, caller, PAYEE, max);
    }

    function check_makeGoodToOwner(State memory s, bool open, address caller, uint96 max) public {
        step(s, open, caller, OWNER, max);
    }

    function check_makeGoodToTreasury(State memory s, bool open, address caller, uint96 max) public {
        step(s, open, caller, TREASURY, max);
    }

    function step(State memory s, bool open, address caller, address payee, uint96 max) private {
        Words memory before = place(s, open, payee);
        address[] memory payees = new address[](1);
        payees[0] = payee;
        vm.assume(caller != address(offpay));
        vm.prank(caller);
        offpay.makeGood(KEY, payees, max);
        Words memory later = read(payee);
        // Nobody but the owner makes good, and it costs no more than it said; the payee has all of it, and nothing comes
        // out of the purse or the collateral.
        unchecked {
            uint256 x = later.purse.paid - before.purse.paid;
            bool holds = both(caller == OWNER, x <= max);
            holds = both(holds, x <= before.balances[0]);
            before.balances[0] -= x;
            holds = both(holds, isCredited(before, later, payee, x));
            holds = both(holds, fundsPaid(later) == fundsPaid(before));
            holds = both(holds, both(isKept(before, later), later.security == before.security));
            assert(both(holds, isSound(later, s.time)));
        }
    }
}

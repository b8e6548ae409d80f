// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SettlingProofs} from "./Settling.sol";

/// @title Claiming on the pledge, by anybody, after the settlement period
contract ClaimProofs is SettlingProofs {
    function check_settlePaymentAfterSettlementPeriodToPayee(State memory s, bool open, address caller)
        public
    {
        step(s, open, caller, PAYEE);
    }

    function check_settlePaymentAfterSettlementPeriodToOwner(State memory s, bool open, address caller)
        public
    {
        step(s, open, caller, OWNER);
    }

    function check_settlePaymentAfterSettlementPeriodToTreasury(State memory s, bool open, address caller)
        public
    {
        step(s, open, caller, TREASURY);
    }

    function step(State memory s, bool open, address caller, address payee) private {
        Words memory before = place(s, open, payee);
        vm.assume(caller != address(offpay));
        vm.prank(caller);
        offpay.settlePaymentAfterSettlementPeriod(KEY, payee);
        Words memory later = read(payee);
        // What was reserved went from the collateral to the payee; and only of a default that was not made good in time.
        uint256 x = uint96(before.purse.pair >> 96);
        uint256 since = uint40(before.purse.pair >> 192);
        bool holds = isCredited(before, later, payee, x);
        unchecked {
            holds = both(holds, both(since != 0, uint256(s.time) >= since + 1 days));
            holds = both(holds, later.purse.paid == before.purse.paid + x);
            holds = both(holds, x <= uint96(before.security));
            holds = both(holds, uint96(later.security) == uint96(before.security) - x);
            holds = both(holds, uint96(later.security >> 96) == uint96(before.security >> 96) - x);
        }
        // The purse is condemned, its funds are untouched.
        holds = both(holds, both(later.purse.head == before.purse.head | (8 << 248), isKept(before, later)));
        assert(holds);
    }

    function check_settlePaymentAfterSettlementPeriodStaysSound(State memory s, bool open, address caller)
        public
    {
        Words memory before = place(s, open, PAYEE);
        vm.assume(caller != address(offpay));
        vm.prank(caller);
        offpay.settlePaymentAfterSettlementPeriod(KEY, PAYEE);
        Words memory later = read(PAYEE);
        // What is claimed in all is as it was, and so is what is pledged less what was paid of it: with these two,
        // which are easy, the rest is.
        unchecked {
            uint256 was = uint96(before.purse.claims >> 96);
            uint256 is_ = uint96(later.purse.claims >> 96);
            assert(uint96(later.purse.claims) + is_ == uint96(before.purse.claims) + was);
            assert(uint96(later.security >> 96) + is_ == uint96(before.security >> 96) + was);
        }
        assert(isSound(later, s.time));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment} from "../src/types/Types.sol";
import {SettlingProofs} from "./Settling.sol";

/// @title Reporting a double spend, by anybody
contract ReportProofs is SettlingProofs {
    /// @dev Of a purse, with any two payments that its key signed.
    function check_reportDoubleSpend(
        State memory s,
        bool open,
        Payment memory a,
        Payment memory b,
        address caller
    ) public {
        Words memory before = place(s, open, PAYEE);
        (bytes32 r, bytes32 vs) = signedBy(KEY);
        bytes memory signature = abi.encodePacked(r, vs);
        vm.assume(caller != address(offpay));
        vm.prank(caller);
        offpay.reportDoubleSpend(a, signature, b, signature);
        Words memory later = read(PAYEE);
        assert(isReported(before, later, s.time));
    }

    /// @dev With a payment that another key or nobody signed: refused, whichever of the two it is.
    function check_reportDoubleSpendOfOthers(State memory s, Payment memory a, Payment memory b, uint8 n)
        public
    {
        Words memory before = place(s, false, PAYEE);
        (address first, address second) = (KEY, OTHER_KEY);
        if (n == 0) (first, second) = (OTHER_KEY, KEY);
        else if (n == 1) (first, second) = (OTHER_KEY, OTHER_KEY);
        else if (n == 2) (first, second) = (address(0), KEY);
        else if (n == 3) (first, second) = (KEY, address(0));
        else if (n == 4) (first, second) = (address(0), address(0));
        (bytes32 rA, bytes32 vs) = signedBy(first);
        (bytes32 rB,) = signedBy(second);
        try offpay.reportDoubleSpend(a, abi.encodePacked(rA, vs), b, abi.encodePacked(rB, vs)) {
            assert(false);
        } catch {}
        Words memory later = read(PAYEE);
        assert(both(later.purse.head == before.purse.head, isUntouched(before, later)));
    }

    /// @dev It is reported, and begins to close; what was set stays; nothing else changed.
    function isReported(Words memory before, Words memory later, uint256 time) private pure returns (bool) {
        uint256 reported = before.purse.head | (2 << 248);
        bool begins = uint40(before.purse.head >> 192) == 0;
        begins = both(begins, later.purse.head == reported | ((time + 7 days) << 192));
        bool sound = both(isUntouched(before, later), isSound(later, time));
        return both(sound, either(later.purse.head == reported, begins));
    }

    function isUntouched(Words memory before, Words memory later) private pure returns (bool same) {
        same = both(later.purse.claims == before.purse.claims, later.purse.pair == before.purse.pair);
        same = both(same, both(later.purse.paid == before.purse.paid, later.purse.had == before.purse.had));
        same = both(same, both(isKept(before, later), later.security == before.security));
        same = both(same, isCredited(before, later, address(0), 0));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment} from "../types/Types.sol";

/// @title When two payments of one purse prove that it lied
/// @notice Pure, so that the Rust rule and this one can be compared on the same pairs.
library Conflicts {
    /// @dev `0 < amount <= cumulative <= start + amount`, and a payee.
    function isWellFormed(Payment memory p) internal pure returns (bool) {
        return p.payee != address(0) && p.amount != 0 && p.amount <= p.cumulative && p.cumulative <= end(p);
    }

    /// @dev One past the last serial that the payment spends.
    function end(Payment memory p) internal pure returns (uint256) {
        unchecked {
            return uint256(p.start) + p.amount;
        }
    }

    /// @dev Whether two different, well-formed payments by the same key conflict: (i) their serials overlap; (ii)
    /// they go to one payee and their steps of its cumulative overlap; (iii) they go to different payees and promise
    /// more in all than there were serials.
    function conflict(Payment memory a, Payment memory b) internal pure returns (bool) {
        uint256 endA = end(a);
        uint256 endB = end(b);
        if (a.start < endB && b.start < endA) return true;
        if (a.payee == b.payee) {
            return a.cumulative - a.amount < b.cumulative && b.cumulative - b.amount < a.cumulative;
        }
        return uint256(a.cumulative) + b.cumulative > (endA > endB ? endA : endB);
    }
}

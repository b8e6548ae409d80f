// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Payment} from "../types/Types.sol";
import {Head} from "./Heads.sol";

/// @title The ordinary payment
/// @notice Nearly every payment is well-formed, by an open purse that was never in default and can pay all that it
/// owes. This recognizes such a one without a jump; whatever it does not recognize takes the longer way, which
/// decides alone: answering 0 too often costs gas, never money.
library Ordinary {
    /// @dev What is to be paid of an ordinary payment; 0 if it is not one.
    /// @param paid What the payee was credited before.
    function pay(Payment memory p, Head head, uint256 paid) internal pure returns (uint256 owed) {
        assembly ("memory-safe") {
            let mask := sub(shl(96, 1), 1)
            let amount := mload(add(p, 0x40))
            let cumulative := mload(add(p, 0x60))
            let end := add(mload(add(p, 0x20)), amount)
            let funds := and(head, mask)
            owed := sub(cumulative, paid)
            // 0 < amount <= cumulative <= end <= funds, and a payee.
            let odd := or(or(iszero(amount), gt(amount, cumulative)), or(gt(cumulative, end), gt(end, funds)))
            odd := or(odd, iszero(mload(p)))
            // DEFAULTED, CONDEMNED or CLOSED.
            odd := or(odd, shr(250, head))
            // Owed less than nothing (which wraps to a lot) or more than the purse has left.
            odd := or(odd, gt(owed, sub(funds, and(shr(96, head), mask))))
            owed := mul(owed, iszero(odd))
        }
    }
}

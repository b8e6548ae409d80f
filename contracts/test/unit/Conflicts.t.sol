// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Conflicts} from "../../src/lib/Conflicts.sol";
import {Payment} from "../../src/types/Types.sol";

/// @dev The rules of a conflict, against sets of units that are counted one by one.
contract ConflictsTest is Test {
    address private constant ALICE = address(1);
    address private constant BOB = address(2);

    function small(address payee, uint256 random) private pure returns (Payment memory p) {
        uint96 start = uint96(random % 16);
        uint96 amount = 1 + uint96(random >> 16) % 6;
        uint96 cumulative = amount + uint96(random >> 32) % (start + 1);
        return Payment(payee, start, amount, cumulative, bytes32(random));
    }

    /// @dev Bit i is set if unit i is in `[from, to)`.
    function units(uint256 from, uint256 to) private pure returns (uint256 set) {
        for (uint256 i = from; i < to; ++i) {
            set |= 1 << i;
        }
    }

    function testFuzz_conflictIsWhatTheRulesSay(uint256 x, uint256 y, bool samePayee) public pure {
        Payment memory a = small(ALICE, x);
        Payment memory b = small(samePayee ? ALICE : BOB, y);
        uint256 endA = a.start + a.amount;
        uint256 endB = b.start + b.amount;
        bool expected = units(a.start, endA) & units(b.start, endB) != 0;
        if (samePayee) {
            uint256 stepA = units(a.cumulative - a.amount, a.cumulative);
            expected = expected || stepA & units(b.cumulative - b.amount, b.cumulative) != 0;
        } else {
            expected = expected || a.cumulative + b.cumulative > (endA < endB ? endB : endA);
        }
        assertEq(Conflicts.conflict(a, b), expected);
        assertEq(Conflicts.conflict(b, a), expected);
    }

    function testFuzz_conflictIsSymmetricAndNeverOverflows(Payment memory a, Payment memory b) public pure {
        vm.assume(Conflicts.isWellFormed(a) && Conflicts.isWellFormed(b));
        assertEq(Conflicts.conflict(a, b), Conflicts.conflict(b, a));
    }

    function testFuzz_wellFormedIsWhatTheProtocolSays(
        address payee,
        uint96 start,
        uint96 amount,
        uint96 cumulative
    ) public pure {
        (start, amount, cumulative) = (start % 8, amount % 4, cumulative % 12);
        bool expected =
            payee != address(0) && 0 < amount && amount <= cumulative && cumulative <= start + amount;
        assertEq(Conflicts.isWellFormed(Payment(payee, start, amount, cumulative, 0)), expected);
    }

    function test_highestSerialsDoNotWrapAround() public pure {
        uint96 max = type(uint96).max;
        Payment memory p = Payment(ALICE, max, max, max, 0);
        assertEq(Conflicts.end(p), 2 * uint256(max));
        assertTrue(Conflicts.isWellFormed(p));
        assertFalse(Conflicts.conflict(p, Payment(BOB, 0, max, max, 0)), "2 max out of 2 max");
        assertTrue(Conflicts.conflict(p, Payment(BOB, 1, max, max, 0)), "serial max twice");
    }
}

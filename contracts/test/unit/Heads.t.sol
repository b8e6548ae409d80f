// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Head, Heads} from "../../src/lib/Heads.sol";

/// @dev The packing of heads: every field is where it was put, and touches no other.
contract HeadsTest is Test {
    function assertHead(Head head, uint96 funds, uint96 paid, uint40 closesAt, uint16 coverCount, uint8 flags)
        private
        pure
    {
        assertEq(head.funds(), funds);
        assertEq(head.paid(), paid);
        assertEq(head.closesAt(), closesAt);
        assertEq(head.coverCount(), coverCount);
        for (uint256 bit; bit < 8; ++bit) {
            assertEq(head.has(1 << bit), flags >> bit & 1 == 1);
        }
    }

    function testFuzz_openedHeadHasFundsAndCoverCount(uint96 funds, uint16 coverCount) public pure {
        Head head = Heads.opened(funds, coverCount);
        assertTrue(head.exists());
        assertHead(head, funds, 0, 0, coverCount, uint8(Heads.OPENED));
    }

    function test_emptyHeadDoesNotExist() public pure {
        assertFalse(Head.wrap(0).exists());
        assertTrue(Heads.opened(0, 0).exists());
    }

    function testFuzz_fieldsAreApart(
        uint96 funds,
        uint96 paid,
        uint40 closesAt,
        uint16 coverCount,
        uint8 flags,
        uint96 newFunds
    ) public pure {
        Head head = Heads.opened(newFunds, coverCount).withPaid(newFunds);
        head = head.withFunds(funds).withPaid(paid).withClosesAt(closesAt).withFlag(flags);
        flags |= uint8(Heads.OPENED);
        assertHead(head, funds, paid, closesAt, coverCount, flags);
        assertHead(head.withFunds(newFunds), newFunds, paid, closesAt, coverCount, flags);
        assertHead(head.withPaid(newFunds), funds, newFunds, closesAt, coverCount, flags);
    }

    function testFuzz_morePaidTouchesNothingElse(uint96 funds, uint96 paid, uint96 more, uint40 closesAt)
        public
        pure
    {
        more = uint96(bound(more, 0, type(uint96).max - paid));
        Head head = Heads.opened(funds, 7).withPaid(paid).withClosesAt(closesAt).withMorePaid(more);
        assertHead(head, funds, paid + more, closesAt, 7, uint8(Heads.OPENED));
    }

    function test_flagsAreApart() public pure {
        uint256[5] memory flags =
            [Heads.OPENED, Heads.REPORTED, Heads.DEFAULTED, Heads.CONDEMNED, Heads.CLOSED];
        uint256 seen;
        for (uint256 i; i < flags.length; ++i) {
            assertEq(seen & flags[i], 0);
            assertEq(flags[i] & (flags[i] - 1), 0, "one bit");
            seen |= flags[i];
        }
        assertLt(seen, 256);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Payment} from "../../src/types/Types.sol";
import {Head, Heads} from "../../src/lib/Heads.sol";
import {Ordinary} from "../../src/lib/Ordinary.sol";

/// @dev The short way of a payment is taken by the ordinary payments and by no others.
contract OrdinaryTest is Test {
    function model(Payment memory p, Head head, uint256 paid) private pure returns (uint256) {
        uint256 end = uint256(p.start) + p.amount;
        bool wellFormed =
            p.payee != address(0) && p.amount != 0 && p.amount <= p.cumulative && p.cumulative <= end;
        bool odd = head.has(Heads.DEFAULTED) || head.has(Heads.CONDEMNED) || head.has(Heads.CLOSED);
        if (!wellFormed || odd || !head.exists() || end > head.funds() || p.cumulative <= paid) return 0;
        uint256 owed = p.cumulative - paid;
        return owed <= head.funds() - head.paid() ? owed : 0;
    }

    function headOf(uint256 funds, uint256 paid, uint256 flags) private pure returns (Head) {
        return Heads.opened(funds, 3).withPaid(paid).withClosesAt(uint40(flags)).withFlag(flags);
    }

    function testFuzz_small(Payment memory p, uint256 random, bool nobody) public pure {
        p.start = uint96(random % 8);
        p.amount = uint96(random >> 8 & 7);
        p.cumulative = uint96(random >> 16 & 15);
        if (nobody) p.payee = address(0);
        uint256 funds = random >> 24 & 15;
        uint256 paidInAll = (random >> 32 & 15) % (funds + 1);
        uint256 flags = 1 | (random >> 40 & 3 == 0 ? random >> 48 & 31 : 0);
        uint256 paid = random >> 56 & 7;
        Head head = headOf(funds, paidInAll, flags);
        assertEq(Ordinary.pay(p, head, paid), model(p, head, paid));
    }

    function testFuzz_any(Payment memory p, uint96 funds, uint96 paidInAll, uint96 paid, uint8 flags)
        public
        pure
    {
        paidInAll = uint96(bound(paidInAll, 0, funds));
        Head head = headOf(funds, paidInAll, flags & 31);
        assertEq(Ordinary.pay(p, head, paid), model(p, head, paid));
    }

    function testFuzz_wellFormed(uint96 start, uint96 amount, uint96 cumulative, uint96 rest, uint96 paid)
        public
        pure
    {
        uint96 max = type(uint96).max;
        amount = uint96(bound(amount, 1, max));
        start = uint96(bound(start, 0, max - amount));
        cumulative = uint96(bound(cumulative, amount, start + amount));
        paid = uint96(bound(paid, 0, cumulative));
        uint96 funds = uint96(bound(rest, start + amount, max));
        Payment memory p = Payment(address(1), start, amount, cumulative, 0);
        Head head = headOf(funds, funds - uint96(bound(rest, 0, funds)), Heads.REPORTED);
        assertEq(Ordinary.pay(p, head, paid), model(p, head, paid));
    }

    function test_unknownPurseHasNone() public pure {
        assertEq(Ordinary.pay(Payment(address(1), 0, 1, 1, 0), Head.wrap(0), 0), 0);
    }
}

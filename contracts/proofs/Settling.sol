// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Harness} from "./Harness.sol";
import {Proofs} from "./Proofs.sol";
import {Recovery} from "./Recovery.sol";

/// @title One step of what is signed by a purse's key, or claimed on its pledge
/// @notice The same sound states as in Proofs, put in place and looked at as words of storage. Nothing that is only
/// packing or decoding branches here, and whether a state is sound is asked with the contract's own division: these are
/// the proofs that a solver takes longest over.
abstract contract SettlingProofs is Proofs {
    /// @dev A key that no purse was opened with.
    address internal constant OTHER_KEY = address(0x2002);
    /// @dev Where the recovery of signers stands; one byte, as the address of the chain's.
    address private constant RECOVERY = address(0xee);

    /// @dev All that a step may change.
    struct Words {
        Harness.PurseWords purse;
        uint256[4] balances;
        uint256 security;
        uint256 tokens;
    }

    /// @dev As in Proofs; and the one call of the chain's recovery in the contract's code goes to `Recovery`.
    function setUp() public override {
        super.setUp();
        vm.etch(RECOVERY, address(new Recovery()).code);
        bytes memory code = address(offpay).code;
        vm.etch(address(offpay), redirected(code));
    }

    /// @dev The code in which `PUSH1 1, GAS, STATICCALL` is `PUSH1 0xee, GAS, STATICCALL`, which is once.
    function redirected(bytes memory code) private pure returns (bytes memory) {
        uint256 found;
        assembly ("memory-safe") {
            let last := sub(add(code, mload(code)), 4)
            for { let at := code } lt(at, last) { at := add(at, 1) } {
                let word := mload(add(at, 0x20))
                if eq(shr(224, word), 0x60015afa) {
                    mstore8(add(at, 0x21), 0xee)
                    found := add(found, 1)
                }
            }
        }
        require(found == 1);
        return code;
    }

    /// @dev An EIP-2098 signature by `signer`, or (zero) one from which nobody is recovered.
    function signedBy(address signer) internal pure returns (bytes32 r, bytes32 vs) {
        return (bytes32(uint256(uint160(signer))), bytes32(0));
    }

    /// @dev Puts a sound state in place: of a purse in the open circle or in one, and its pair with `payee`.
    function place(State memory s, bool open, address payee) internal returns (Words memory before) {
        vm.assume(both(s.time > 1_000_000_000, s.time < type(uint40).max - 365 days));
        // Opened and not closed.
        s.head = s.head & ~(uint256(0xf1) << 248) | (1 << 248);
        Harness.PurseWords memory purse;
        purse.head = s.head;
        purse.owned = uint256(uint160(OWNER)) | (uint256(s.pledge) << 160);
        purse.circle = open ? address(0) : CIRCLE;
        purse.claims = uint256(s.reserved) | (uint256(s.fromCollateral) << 96) | (uint256(s.pairs) << 192);
        purse.pair = s.pairWord & ((1 << 233) - 1) | (s.pairWord & (1 << 240));
        purse.had = s.had;
        purse.paid = s.paid;
        offpay.setWords(KEY, payee, purse);
        arrangeMoney(s);
        vm.warp(s.time);
        before = read(payee);
        vm.assume(isSound(before, s.time));
        vm.assume(uint96(purse.head) < MOST);
        vm.assume(both(s.paid < MOST, uint96(purse.pair) < MOST));
        vm.assume(s.pairs < type(uint64).max);
    }

    function read(address payee) internal view returns (Words memory w) {
        w.purse = offpay.words(KEY, payee);
        w.balances = [
            offpay.balanceOf(OWNER),
            offpay.balanceOf(PAYEE),
            offpay.balanceOf(STRANGER),
            offpay.balanceOf(TREASURY)
        ];
        w.security = offpay.securityWord(OWNER);
        w.tokens = token.balanceOf(address(offpay));
    }

    /// @dev What `arrange` assumes and `assertSound` asserts in Proofs, with the payable share as the contract has it: a
    /// division of which the solver need not know anything. It is no more than the pledge, so neither is what was paid
    /// from collateral.
    function isSound(Words memory w, uint256 time) internal pure returns (bool sound) {
        unchecked {
            uint256 fromCollateral = uint96(w.purse.claims >> 96);
            uint256 pledge = w.purse.owned >> 160;
            uint256 pledged = uint96(w.security >> 96);
            sound = both(fundsPaid(w) <= uint96(w.purse.head), uint16(w.purse.head >> 232) != 0);
            sound = both(sound, pledge != 0);
            sound = both(sound, uint96(w.purse.claims) + fromCollateral <= payableShare(w));
            sound = both(sound, both(pledge <= pledged + fromCollateral, pledged <= uint96(w.security)));
            uint256 since = uint40(w.purse.pair >> 192);
            bool counted =
                both(w.purse.claims >> 192 != 0, uint96(w.purse.pair >> 96) <= uint96(w.purse.claims));
            // Without the purse's mark of it, a payment would be taken for an ordinary one.
            bool marked = (w.purse.head >> 248) & 4 != 0;
            counted = both(counted, both(marked, w.purse.paid < uint96(w.purse.pair)));
            sound = both(sound, both(since <= time, either(since == 0, counted)));
        }
    }

    function fundsPaid(Words memory w) internal pure returns (uint256) {
        return uint96(w.purse.head >> 96);
    }

    /// @dev What may be paid out of the pledge. The circle is a number in every proof, so this does not branch.
    function payableShare(Words memory w) internal pure returns (uint256) {
        unchecked {
            return (w.purse.circle == address(0) ? 5000 : 9000) * (w.purse.owned >> 160) / 10_000;
        }
    }

    /// @dev What is the owner's and the purse's for good is as it was: its terms, its funds, its flags, its end.
    function isKept(Words memory before, Words memory later) internal pure returns (bool kept) {
        kept = both(later.purse.owned == before.purse.owned, later.purse.circle == before.purse.circle);
        kept = both(kept, uint96(later.purse.head) == uint96(before.purse.head));
        kept = both(kept, uint16(later.purse.head >> 232) == uint16(before.purse.head >> 232));
        kept = both(kept, (before.purse.head & ~later.purse.head) >> 248 == 0);
        uint256 closesAt = uint40(before.purse.head >> 192);
        kept = both(kept, either(closesAt == 0, uint40(later.purse.head >> 192) == closesAt));
        kept = both(kept, later.tokens == before.tokens);
    }

    /// @dev `x` came to the balance of `to`, and no other balance changed.
    function isCredited(Words memory before, Words memory later, address to, uint256 x)
        internal
        pure
        returns (bool credited)
    {
        credited = true;
        unchecked {
            for (uint8 i = 0; i < 4; ++i) {
                uint256 expected = before.balances[i];
                if (anybody(i) == to) expected += x;
                credited = both(credited, later.balances[i] == expected);
            }
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPayToken} from "../src/OffPayToken.sol";
import {Configuration, PairState, PurseState, Security} from "../src/types/Types.sol";
import {Ledger} from "../src/base/Ledger.sol";
import {Harness} from "./Harness.sol";

/// @dev Of the cheats, those that the proofs use.
interface Vm {
    function assume(bool) external;
    function warp(uint256) external;
    function prank(address) external;
    function etch(address, bytes calldata) external;
}

/// @title One step from any sound state
/// @notice Each `check_` function puts an arbitrary sound state in place, lets an arbitrary caller do one thing with
/// arbitrary arguments, and asserts what must hold afterwards, soundness included: what holds after one step from any
/// sound state holds after any number of steps. What reverts has changed nothing. Run by scripts/proofs.
abstract contract Proofs {
    uint256 internal constant MOST = 1 << 92;

    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    address internal constant OWNER = address(0x1001);
    address internal constant PAYEE = address(0x1002);
    address internal constant STRANGER = address(0x1003);
    address internal constant TREASURY = address(0x1004);
    address internal constant KEY = address(0x2001);
    address internal constant CIRCLE = address(0x3001);

    OffPayToken internal token;
    Harness internal offpay;

    /// @dev A state: of one purse, one pair of it, and everybody who can be named.
    struct State {
        uint40 time;
        uint256 head;
        uint96 pledge;
        bool open;
        uint96 reserved;
        uint96 fromCollateral;
        uint64 pairs;
        uint96 paid;
        Ledger.PairDefault pair;
        uint256 pairWord;
        uint96 had;
        uint96[4] balances;
        uint96 collateral;
        uint96 pledged;
        uint40 registeredAt;
        uint96 held;
    }

    /// @dev What is compared before and after.
    struct View {
        uint256[4] balances;
        uint256 collateral;
        uint256 pledged;
        uint256 inPurse;
        uint256 paid;
        uint256 tokens;
    }

    function setUp() public virtual {
        token = new OffPayToken(address(this));
        offpay = new Harness(Configuration(address(token), TREASURY, 1 days, 7 days, 100e18, 5000, 1000));
    }

    /// @dev Anybody: the contract treats all addresses alike, so one of each part is all there are.
    function anybody(uint8 n) internal pure returns (address) {
        if (n == 0) return OWNER;
        if (n == 1) return PAYEE;
        if (n == 2) return STRANGER;
        return TREASURY;
    }

    function both(bool a, bool b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := and(a, b)
        }
    }

    function either(bool a, bool b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := or(a, b)
        }
    }

    /// @dev `x` is no more than the payable share of a pledge, a half or nine tenths. The same as x <= share * pledge /
    /// 10_000, and a question without a division and with small factors, which is what a solver takes longest over.
    function isPayable(uint256 x, uint256 pledge, bool open) internal pure returns (bool) {
        unchecked {
            return open ? 2 * x <= pledge : 10 * x <= 9 * pledge;
        }
    }

    /// @dev Puts a sound state in place.
    function arrange(State memory s, address payee) internal {
        uint256 funds = uint96(s.head);
        uint256 paid = uint96(s.head >> 96);
        uint256 flags = s.head >> 248;
        uint256 cover = uint16(s.head >> 232);
        vm.assume(s.time > 1_000_000_000);
        vm.assume(s.time < type(uint40).max - 365 days);
        // An open purse. The tombstone of a closed one is the subject of its own proof.
        vm.assume(both(flags & 17 == 1, flags < 32));
        vm.assume(both(cover != 0, cover != type(uint16).max));
        vm.assume(both(paid <= funds, funds < MOST));
        vm.assume(both(s.paid < MOST, s.pair.presented < MOST));
        vm.assume(s.pledge != 0);
        vm.assume(s.fromCollateral <= s.pledge);
        vm.assume(isPayable(uint256(s.reserved) + s.fromCollateral, s.pledge, s.open));
        vm.assume(both(s.pledge - s.fromCollateral <= s.pledged, s.pledged <= s.collateral));
        // A pair that is in default is counted, and what is reserved for it is part of what is reserved.
        vm.assume(s.pair.since <= s.time);
        vm.assume(either(s.pair.since == 0, both(s.pairs != 0, s.pair.claim <= s.reserved)));
        vm.assume(either(s.pair.since == 0, both(flags & 4 != 0, s.paid < s.pair.presented)));
        vm.assume(s.pairs < type(uint64).max);
        offpay.setPurse(KEY, s.head, OWNER, s.pledge, s.open ? address(0) : CIRCLE);
        offpay.setClaims(KEY, s.reserved, s.fromCollateral, s.pairs);
        offpay.setPair(KEY, payee, s.paid, s.pair, s.had);
        arrangeMoney(s);
        vm.warp(s.time);
    }

    /// @dev Balances and the owner's collateral, each less than 2^92, so that no sum of what one step moves is 2^96; and
    /// the contract's tokens.
    function arrangeMoney(State memory s) internal {
        vm.assume(both(s.balances[0] < MOST, s.balances[1] < MOST));
        vm.assume(both(s.balances[2] < MOST, s.balances[3] < MOST));
        vm.assume(both(s.pledged <= s.collateral, s.collateral < MOST));
        vm.assume(s.held < MOST);
        offpay.setBalance(OWNER, s.balances[0]);
        offpay.setBalance(PAYEE, s.balances[1]);
        offpay.setBalance(STRANGER, s.balances[2]);
        offpay.setBalance(TREASURY, s.balances[3]);
        offpay.setSecurity(OWNER, Security(s.collateral, s.pledged, s.registeredAt));
        token.mint(address(offpay), s.held);
    }

    function look(address payee) internal view returns (View memory v) {
        v.balances = [
            offpay.balanceOf(OWNER),
            offpay.balanceOf(PAYEE),
            offpay.balanceOf(STRANGER),
            offpay.balanceOf(TREASURY)
        ];
        Security memory security = offpay.securityOf(OWNER);
        v.collateral = security.collateral;
        v.pledged = security.pledged;
        PurseState memory purse = offpay.purseOf(KEY);
        unchecked {
            v.inPurse = uint256(purse.funds) - purse.paid;
        }
        v.paid = offpay.paidTo(KEY, payee);
        v.tokens = token.balanceOf(address(offpay));
    }

    /// @dev Of the balances, `x` left that of `from` and came to that of `to` (zero: none of them), and not a unit else.
    function assertBalances(View memory before, View memory later, address from, address to, uint256 x)
        internal
        pure
    {
        unchecked {
            for (uint8 i = 0; i < 4; ++i) {
                uint256 expected = before.balances[i];
                if (anybody(i) == from) {
                    assert(x <= expected);
                    expected -= x;
                }
                if (anybody(i) == to) expected += x;
                assert(later.balances[i] == expected);
            }
        }
    }

    /// @dev Nothing of it changed.
    function assertSame(uint256 before, uint256 later) internal pure {
        assert(later == before);
    }

    /// @dev The state is as sound as `arrange` made it.
    function assertSound(address payee) internal view {
        PurseState memory purse = offpay.purseOf(KEY);
        PairState memory pair = offpay.pairOf(KEY, payee);
        Security memory security = offpay.securityOf(OWNER);
        unchecked {
            assert(purse.paid <= purse.funds);
            assert(purse.paidFromCollateral <= purse.pledge);
            assert(
                isPayable(
                    uint256(purse.reserved) + purse.paidFromCollateral,
                    purse.pledge,
                    purse.circle == address(0)
                )
            );
            assert(purse.pledge - purse.paidFromCollateral <= security.pledged);
            assert(security.pledged <= security.collateral);
            assert(
                either(
                    pair.inDefaultSince == 0, both(purse.pairsInDefault != 0, pair.reserved <= purse.reserved)
                )
            );
            assert(either(pair.inDefaultSince == 0, both(purse.defaulted, pair.paid < pair.presented)));
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PurseState} from "../src/types/Types.sol";
import {Proofs} from "./Proofs.sol";

/// @title Opening, improving and closing a purse
contract PurseProofs is Proofs {
    /// @dev The key may be of a purse that is there already, which is then left alone.
    function check_openPurse(
        State memory s,
        uint8 caller,
        uint96 funds,
        uint96 pledge,
        uint16 coverCount,
        bytes32 r,
        bytes32 vs
    ) public {
        arrangeMoney(s);
        vm.warp(s.time);
        View memory before = look(PAYEE);
        vm.prank(anybody(caller));
        offpay.openPurse(KEY, funds, pledge, coverCount, CIRCLE, abi.encodePacked(r, vs));
        View memory later = look(PAYEE);
        // The funds came out of the caller's balance; what is pledged was free collateral.
        assertBalances(before, later, anybody(caller), address(0), funds);
        assertSame(before.collateral, later.collateral);
        assert(later.pledged == before.pledged + pledge);
        assert(both(later.inPurse == funds, anybody(caller) == OWNER));
        assertSame(before.tokens, later.tokens);
        assertSound(PAYEE);
    }

    function check_keysAreUsedOnce(
        State memory s,
        uint8 caller,
        uint96 funds,
        uint96 pledge,
        bytes32 r,
        bytes32 vs
    ) public {
        vm.assume(s.head != 0);
        offpay.setPurse(KEY, s.head, OWNER, s.pledge, CIRCLE);
        vm.prank(anybody(caller));
        try offpay.openPurse(KEY, funds, pledge, 1, CIRCLE, abi.encodePacked(r, vs)) {
            assert(false);
        } catch {}
    }

    function check_topUpPurse(State memory s, uint8 caller, uint96 amount) public {
        arrange(s, PAYEE);
        View memory before = look(PAYEE);
        vm.prank(anybody(caller));
        offpay.topUpPurse(KEY, amount);
        View memory later = look(PAYEE);
        assert(anybody(caller) == OWNER);
        assertBalances(before, later, OWNER, address(0), amount);
        assert(later.inPurse == before.inPurse + amount);
        assertSame(before.collateral, later.collateral);
        assertSame(before.pledged, later.pledged);
        assertSame(before.tokens, later.tokens);
        assertSound(PAYEE);
    }

    function check_addPledge(State memory s, uint8 caller, uint96 amount) public {
        arrange(s, PAYEE);
        View memory before = look(PAYEE);
        vm.prank(anybody(caller));
        offpay.addPledge(KEY, amount);
        View memory later = look(PAYEE);
        assert(anybody(caller) == OWNER);
        assertBalances(before, later, address(0), address(0), 0);
        assertSame(before.collateral, later.collateral);
        assert(later.pledged == before.pledged + amount);
        assertSame(before.inPurse, later.inPurse);
        assertSame(before.tokens, later.tokens);
        assertSound(PAYEE);
    }

    function check_requestPurseClose(State memory s, uint8 caller) public {
        arrange(s, PAYEE);
        View memory before = look(PAYEE);
        uint40 closesAt = offpay.purseOf(KEY).closesAt;
        vm.prank(anybody(caller));
        offpay.requestPurseClose(KEY);
        View memory later = look(PAYEE);
        assert(both(anybody(caller) == OWNER, closesAt == 0));
        assertBalances(before, later, address(0), address(0), 0);
        assert(offpay.purseOf(KEY).closesAt == s.time + 7 days);
        assertSame(before.collateral, later.collateral);
        assertSame(before.inPurse, later.inPurse);
        assertSame(before.tokens, later.tokens);
        assertSound(PAYEE);
    }

    function check_closePurse(State memory s, uint8 caller) public {
        arrange(s, PAYEE);
        View memory before = look(PAYEE);
        PurseState memory purse = offpay.purseOf(KEY);
        vm.prank(anybody(caller));
        offpay.closePurse(KEY);
        View memory later = look(PAYEE);
        // Only when its time has come and nobody waits.
        assert(both(purse.closesAt != 0, s.time >= purse.closesAt));
        assert(both(s.pairs == 0, offpay.purseOf(KEY).closed));
        // The funds are the owner's; the pledge is free again or, if the purse is condemned, the treasury's.
        assertSame(0, later.inPurse);
        unchecked {
            uint256 left = uint256(s.pledge) - s.fromCollateral;
            uint256 forfeited = purse.condemned ? left : 0;
            assert(later.balances[0] == before.balances[0] + before.inPurse);
            assert(later.balances[3] == before.balances[3] + forfeited);
            assert(forfeited <= before.collateral);
            assert(later.collateral == before.collateral - forfeited);
            assert(later.pledged == before.pledged - left);
        }
        assertSame(before.balances[1], later.balances[1]);
        assertSame(before.balances[2], later.balances[2]);
        assertSame(before.tokens, later.tokens);
    }
}

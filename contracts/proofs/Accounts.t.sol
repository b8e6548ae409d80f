// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Proofs} from "./Proofs.sol";

/// @title Balance and collateral, coming and going
contract AccountProofs is Proofs {
    function check_transfer(State memory s, uint8 caller, uint8 to, uint96 amount) public {
        View memory before = begin(s, anybody(caller), 0);
        offpay.transfer(anybody(to), amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, anybody(caller), anybody(to), amount);
        assertCollateral(before, later, 0);
        assertSame(before.tokens, later.tokens);
    }

    /// @dev As the owner, of whom there is collateral before.
    function check_lockCollateral(State memory s, uint96 amount) public {
        View memory before = begin(s, OWNER, 0);
        offpay.lockCollateral(amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, OWNER, address(0), amount);
        assertCollateral(before, later, amount);
        assertSame(before.tokens, later.tokens);
    }

    function check_withdraw(State memory s, uint8 caller, uint8 to, uint96 amount) public {
        View memory before = begin(s, anybody(caller), 0);
        offpay.withdraw(anybody(to), amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, anybody(caller), address(0), amount);
        assertCollateral(before, later, 0);
        unchecked {
            assert(both(amount <= before.tokens, later.tokens == before.tokens - amount));
        }
    }

    function check_withdrawCollateral(State memory s, uint8 caller, uint8 to, uint96 amount) public {
        View memory before = begin(s, anybody(caller), 0);
        offpay.withdrawCollateral(anybody(to), amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, address(0), address(0), 0);
        // Never what is pledged, nor what is somebody else's.
        uint256 went = anybody(caller) == OWNER ? amount : 0;
        unchecked {
            assert(both(went <= before.collateral, later.collateral == before.collateral - went));
            assert(both(amount <= before.tokens, later.tokens == before.tokens - amount));
        }
        assert(either(anybody(caller) == OWNER, amount == 0));
        assertSame(before.pledged, later.pledged);
        assert(later.pledged <= later.collateral);
    }

    function check_deposit(State memory s, uint8 caller, uint96 amount, uint96 has) public {
        View memory before = begin(s, anybody(caller), has);
        offpay.deposit(amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, address(0), anybody(caller), amount);
        assertCollateral(before, later, 0);
        assert(later.tokens == before.tokens + amount);
    }

    function check_depositFor(State memory s, uint8 caller, uint8 to, uint96 amount, uint96 has) public {
        View memory before = begin(s, anybody(caller), has);
        offpay.depositFor(anybody(to), amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, address(0), anybody(to), amount);
        assertCollateral(before, later, 0);
        assert(later.tokens == before.tokens + amount);
    }

    function check_depositCollateral(State memory s, uint96 amount, uint96 has) public {
        View memory before = begin(s, OWNER, has);
        offpay.depositCollateral(amount);
        View memory later = look(PAYEE);
        assertBalances(before, later, address(0), address(0), 0);
        assertCollateral(before, later, amount);
        assert(later.tokens == before.tokens + amount);
    }

    /// @dev The state is in place, and the caller is next; with `has` tokens that the contract may take.
    function begin(State memory s, address caller, uint96 has) private returns (View memory before) {
        arrangeMoney(s);
        vm.warp(s.time);
        if (has != 0) {
            vm.assume(has < MOST);
            token.mint(caller, has);
            vm.prank(caller);
            token.approve(address(offpay), has);
        }
        before = look(PAYEE);
        vm.prank(caller);
    }

    function assertCollateral(View memory before, View memory later, uint256 more) private pure {
        assert(later.collateral == before.collateral + more);
        assertSame(before.pledged, later.pledged);
    }
}

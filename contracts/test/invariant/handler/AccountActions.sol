// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PurseActions} from "./PurseActions.sol";

/// @title Deposits, withdrawals, transfers and tills
abstract contract AccountActions is PurseActions {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function deposit(uint256 seed) external act(seed) {
        address who = _someone();
        uint96 amount = _between(1, 2000);
        uint256 kind = _pick(4);
        bytes memory data;
        if (kind == 0) data = abi.encodeCall(offpay.deposit, (amount));
        else if (kind == 1) data = abi.encodeCall(offpay.depositFor, (_someone(), amount));
        else if (kind == 2) return _depositWithPermit(who, amount);
        else data = abi.encodeCall(offpay.depositCollateral, (amount));
        bool ok = _do(who, data);
        _require(21, ok, "a deposit was refused");
        if (ok) cameIn += amount;
    }

    /// @dev A stranger brings the permit, sometimes a second time.
    function _depositWithPermit(address who, uint96 amount) private {
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, who, address(offpay), amount, token.nonces(who), time + 1 hours)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[who], digest);
        bytes memory data = abi.encodeCall(offpay.depositWithPermit, (who, amount, time + 1 hours, v, r, s));
        address bringer = _someone();
        bool ok = _do(bringer, data);
        _require(21, ok, "a deposit by permit was refused");
        if (ok) cameIn += amount;
        if (bringer != who && _do(bringer, data)) {
            _broke(19, "a stranger used a permit twice");
        }
        // Whatever was left of the allowance.
        vm.prank(who);
        token.approve(address(offpay), type(uint256).max);
        _hit("permit");
    }

    function register(uint256 seed) external act(seed) {
        address who = _someone();
        uint96 amount = _between(1, 2 * HEALTHY);
        uint256 collateral = _securityOf(who).collateral;
        bool ok = _do(who, abi.encodeCall(offpay.register, (amount)));
        bool due = collateral < HEALTHY && collateral + amount >= HEALTHY;
        _require(14, ok == due, "registering: allowed if and only if it makes the collateral healthy");
        if (ok) cameIn += amount;
    }

    function lockCollateral(uint256 seed) external act(seed) {
        address who = _someone();
        uint256 balance = offpay.balanceOf(who);
        uint96 amount = _between(1, _min(balance, 1000));
        bool ok = _do(who, abi.encodeCall(offpay.lockCollateral, (amount)));
        _require(21, ok == (amount <= balance), "locking collateral");
    }

    /// @dev An owner's money leaves at once, at any time. Now and then all of it; half of that comes back.
    function withdraw(uint256 seed) external act(seed) {
        address who = _someone();
        uint256 balance = offpay.balanceOf(who);
        uint96 amount = _chance(4) ? uint96(balance) : _between(0, balance / 8);
        address to = _someone();
        bool ok = _do(who, abi.encodeCall(offpay.withdraw, (to, amount)));
        _require(21, ok, "a withdrawal was refused");
        if (ok) wentOut += amount;
        if (amount > balance / 2 && _do(who, abi.encodeCall(offpay.deposit, (amount)))) cameIn += amount;
        if (_do(who, abi.encodeCall(offpay.withdraw, (to, uint96(offpay.balanceOf(who) + 1))))) {
            _broke(19, "more than a balance was withdrawn");
        }
        _hit("withdrawn");
    }

    function withdrawCollateral(uint256 seed) external act(seed) {
        address who = _chance(3) ? _somePayee() : _someone();
        if (who == till) who = cleo;
        uint256 free = _freeCollateral(who);
        uint96 amount = _chance(4) ? uint96(free) : _between(0, free / 4);
        bool ok = _do(who, abi.encodeCall(offpay.withdrawCollateral, (_someone(), amount)));
        _require(21, ok, "a withdrawal of free collateral was refused");
        if (ok) wentOut += amount;
        uint96 tooMuch = uint96(_freeCollateral(who) + 1);
        if (_do(who, abi.encodeCall(offpay.withdrawCollateral, (who, tooMuch)))) {
            _broke(13, "pledged collateral was withdrawn");
        }
        if (amount > free / 2 && _do(who, abi.encodeCall(offpay.depositCollateral, (amount)))) {
            cameIn += amount;
        }
        _hit("collateral withdrawn");
    }

    function transfer(uint256 seed) external act(seed) {
        address who = _someone();
        uint256 balance = offpay.balanceOf(who);
        uint96 amount = _between(0, balance / 8);
        address to = accounts[_pick(accounts.length)];
        // The bystander's and the treasury's balances are compared with what is due to them.
        if (to == bystander || to == TREASURY) to = till;
        _require(21, _do(who, abi.encodeCall(offpay.transfer, (to, amount))), "a transfer was refused");
    }

    /// @dev Everybody tries; only cleo's till has anything.
    function sweep(uint256 seed) external act(seed) {
        address who = _chance(2) ? cleo : _someone();
        uint256 held = offpay.balanceOf(till);
        bool ok = _do(who, abi.encodeCall(offpay.sweep, (0)));
        _require(21, ok, "a sweep was refused");
        uint256 left = offpay.balanceOf(till);
        _require(19, left == (who == cleo ? 0 : held), "a sweep took a foreign till, or left its own");
        if (who == cleo && held != 0) _hit("till swept");
    }

    /// @dev Tokens sent to the contract by mistake are nobody's, and disturb nothing.
    function donate(uint256 seed) external act(seed) {
        uint256 amount = _pick(100);
        vm.prank(_someone());
        token.transfer(address(offpay), amount);
        donated += amount;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {
    AlreadyRegistered,
    CollateralTooLow,
    HoldingsTooLarge,
    InsufficientCollateral,
    InvalidRecipient,
    PermitRefused,
    TokenTookFee,
    ZeroAmount
} from "../types/Errors.sol";
import {Security} from "../types/Types.sol";
import {Hashes} from "../lib/Hashes.sol";
import {IERC20, IERC2612, IERC3009} from "../types/Tokens.sol";
import {Ledger} from "./Ledger.sol";

/// @title Accounts: balance, collateral, deposits, withdrawals, tills
/// @notice Only `withdraw` and `withdrawCollateral` push tokens out; everything else is a credit inside.
abstract contract Accounts is Ledger {
    /// @notice Posts collateral and registers the account.
    /// @param collateral Tokens to pull from the account; with what it has, at least HEALTHY_COLLATERAL.
    function register(uint96 collateral) external guarded {
        address owner = _actor();
        if (_securities[owner].registeredAt != 0) revert AlreadyRegistered(owner);
        uint256 total = _pullCollateral(owner, collateral);
        if (total < HEALTHY_COLLATERAL) revert CollateralTooLow(total, HEALTHY_COLLATERAL);
    }

    /// @notice Adds to the account's collateral, out of its tokens.
    function depositCollateral(uint96 amount) external guarded {
        _pullCollateral(_actor(), amount);
    }

    /// @notice Adds to the account's collateral, out of its balance.
    function lockCollateral(uint96 amount) external guarded {
        if (amount == 0) revert ZeroAmount();
        address owner = _actor();
        _debit(owner, amount);
        _addCollateral(owner, amount, true);
    }

    /// @notice Sends collateral that is not pledged to `to`, at once.
    function withdrawCollateral(address to, uint96 amount) external guarded {
        address owner = _actor();
        Security storage security = _securities[owner];
        uint96 free = security.collateral - security.pledged;
        if (amount > free) revert InsufficientCollateral(owner, free, amount);
        security.collateral -= amount;
        _refreshRegistration(owner, security);
        emit CollateralWithdrawn(owner, to, amount);
        _push(to, amount);
    }

    /// @notice Adds tokens of the acting account to its balance.
    function deposit(uint96 amount) external guarded {
        address owner = _actor();
        _deposit(owner, owner, amount);
    }

    /// @notice Adds tokens of the acting account to the balance of `owner`.
    function depositFor(address owner, uint96 amount) external guarded {
        _deposit(owner, _actor(), amount);
    }

    /// @notice Adds tokens of `signer` to its own balance, by its EIP-2612 permit. Anyone can bring it.
    /// @dev A permit that was used already (say, by someone who saw it on its way) leaves the allowance that is
    /// needed, but only its signer may use that. For others the permit itself must count: the token's nonce has to
    /// move, because a token without permits may answer the call with silence.
    function depositWithPermit(address signer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        guarded
    {
        bool own = signer == _actor();
        uint256 nonce = own ? 0 : IERC2612(token).nonces(signer);
        try IERC2612(token).permit(signer, address(this), amount, deadline, v, r, s) {} catch {}
        if (!own && IERC2612(token).nonces(signer) == nonce) revert PermitRefused(signer);
        _deposit(signer, signer, amount);
    }

    /// @notice Adds tokens of `from` to the balance of `owner`, by an EIP-3009 authorization. Anyone can bring it.
    /// @dev The authorization's nonce is `keccak256(abi.encode(owner, salt))`, so that nobody can credit another
    /// owner with it; `receiveWithAuthorization` can be called by this contract alone, so that nobody can spend it
    /// elsewhere.
    function depositWithAuthorization(
        address from,
        address owner,
        uint96 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external guarded {
        if (amount == 0) revert ZeroAmount();
        uint256 before = _holdings();
        bytes32 nonce = keccak256(abi.encode(owner, salt));
        IERC3009(token)
            .receiveWithAuthorization(from, address(this), amount, validAfter, validBefore, nonce, v, r, s);
        _requireReceived(before, amount);
        _deposited(owner, from, amount);
    }

    /// @notice Sends balance of the acting account to `to`.
    function withdraw(address to, uint96 amount) external guarded {
        address owner = _actor();
        _debit(owner, amount);
        emit Withdrawn(owner, to, amount);
        _push(to, amount);
    }

    /// @notice Moves balance of the acting account to another account, inside the contract.
    function transfer(address to, uint96 amount) external guarded {
        _requireAddress(to);
        address from = _actor();
        _debit(from, amount);
        _credit(to, amount);
        emit Transferred(from, to, amount);
    }

    /// @notice Moves all that the acting account's till `index` has received to the account.
    function sweep(uint256 index) external guarded {
        address owner = _actor();
        address till = Hashes.till(owner, index);
        uint256 amount = balanceOf[till].value;
        _debit(till, amount);
        _credit(owner, amount);
        emit Transferred(till, owner, uint96(amount));
    }

    /// @notice The security of an account.
    function securityOf(address owner) external view returns (Security memory) {
        return _securities[owner];
    }

    /// @notice The address of a till, a sub-account that takes payments and cannot spend.
    function tillOf(address owner, uint256 index) external pure returns (address) {
        return Hashes.till(owner, index);
    }

    function _pullCollateral(address owner, uint96 amount) private returns (uint96 total) {
        _pull(owner, amount);
        return _addCollateral(owner, amount, false);
    }

    function _addCollateral(address owner, uint96 amount, bool fromBalance) private returns (uint96 total) {
        Security storage security = _securities[owner];
        total = security.collateral + amount;
        security.collateral = total;
        emit CollateralDeposited(owner, amount, fromBalance);
        _refreshRegistration(owner, security);
    }

    function _deposit(address owner, address from, uint96 amount) private {
        _pull(from, amount);
        _deposited(owner, from, amount);
    }

    function _deposited(address owner, address from, uint96 amount) private {
        _requireAddress(owner);
        _credit(owner, amount);
        emit Deposited(owner, from, amount);
    }

    function _pull(address from, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint256 before = _holdings();
        SafeTransferLib.safeTransferFrom(token, from, address(this), amount);
        _requireReceived(before, amount);
    }

    function _push(address to, uint256 amount) private {
        if (to == address(0) || to == address(this)) revert InvalidRecipient(to);
        SafeTransferLib.safeTransfer(token, to, amount);
    }

    /// @dev Refuses tokens that take a fee, and keeps all holdings (and tokens sent here by mistake) below 2^96.
    function _requireReceived(uint256 before, uint256 amount) private view {
        uint256 holdings = _holdings();
        if (holdings != before + amount) {
            revert TokenTookFee(amount, holdings > before ? holdings - before : 0);
        }
        if (holdings > type(uint96).max) revert HoldingsTooLarge(holdings);
    }

    function _holdings() private view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }
}

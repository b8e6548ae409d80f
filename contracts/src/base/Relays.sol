// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";

import {InvalidDeadline, InvalidSignature, NonceUsed, Reentered} from "../types/Errors.sol";
import {Hashes} from "../lib/Hashes.sol";
import {Ledger} from "./Ledger.sol";

/// @title Relays: operations that an account signed and somebody else sends
/// @notice So users need no gas token; a `transfer` among the calls can pay whoever sends them.
abstract contract Relays is Ledger {
    /// @notice Runs calls to this contract for `account`, all or none.
    /// @param calls ABI-encoded calls of this contract's functions, `relay` excepted.
    /// @param nonce Any number that the account has not used: nonces have no order. A failure leaves it unused.
    /// @param deadline Last second at which the relay may run.
    /// @param signature By the account's key or, if it is a contract, as ERC-1271 wants it.
    function relay(
        address account,
        bytes[] calldata calls,
        uint256 nonce,
        uint40 deadline,
        bytes calldata signature
    ) external guarded {
        if (msg.sender == address(this)) revert Reentered();
        if (block.timestamp > deadline) revert InvalidDeadline(deadline);
        bytes32 structHash = Hashes.relay(account, calls, nonce, deadline);
        address signer = _recover(structHash, signature);
        if (signer == address(0) || signer != account) {
            bytes32 digest = _hashTypedData(structHash);
            if (!SignatureCheckerLib.isValidERC1271SignatureNowCalldata(account, digest, signature)) {
                revert InvalidSignature(account);
            }
        }
        _useNonce(account, nonce);
        _acting = account;
        for (uint256 i; i < calls.length; ++i) {
            (bool success, bytes memory result) = address(this).call(calls[i]);
            if (!success) {
                assembly ("memory-safe") {
                    revert(add(result, 0x20), mload(result))
                }
            }
        }
        _acting = address(0);
        emit Relayed(account, nonce);
    }

    /// @notice Gives up a nonce, so that what was signed with it can never run.
    function cancelNonce(uint256 nonce) external guarded {
        address account = _actor();
        _useNonce(account, nonce);
        emit NonceCancelled(account, nonce);
    }

    /// @notice Whether the account's nonce was used or cancelled.
    function isNonceUsed(address account, uint256 nonce) external view returns (bool) {
        return _nonces[account][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    function _useNonce(address account, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = _nonces[account][nonce >> 8];
        if (bits & bit != 0) revert NonceUsed(account, nonce);
        _nonces[account][nonce >> 8] = bits | bit;
    }
}

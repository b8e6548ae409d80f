// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "solady/utils/ECDSA.sol";

/// @title Recovery of secp256k1 signers
/// @notice Takes 65 bytes `r, s, v` (v is 27 or 28) or the 64 bytes of EIP-2098, with low `s` only, so that every
/// message has one signature by a signer. Answers zero for anything else; callers must refuse zero.
library Signatures {
    /// @dev Half the order of the curve, rounded down: the highest `s` that is accepted.
    uint256 internal constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev The signer of `digest`, or zero.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal view returns (address) {
        if (uint256(vs) & type(uint256).max >> 1 > MAX_S) return address(0);
        return ECDSA.tryRecover(digest, r, vs);
    }

    /// @dev The signer of `digest`, or zero.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address) {
        if (signature.length == 64) {
            return recover(digest, bytes32(signature[0:32]), bytes32(signature[32:64]));
        }
        if (signature.length != 65) return address(0);
        bytes32 s = bytes32(signature[32:64]);
        uint256 v = uint8(signature[64]);
        // A set top bit would be taken for the parity of EIP-2098.
        if (uint256(s) > MAX_S || (v != 27 && v != 28)) return address(0);
        return recover(digest, bytes32(signature[0:32]), s | bytes32((v - 27) << 255));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Recovery of secp256k1 signers of EIP-712 messages
/// @notice Takes 65 bytes `r, s, v` (v is 27 or 28) or the 64 bytes of EIP-2098, with low `s` only, so that every
/// message has one signature by a signer. Answers zero for anything else; callers must refuse zero.
library Signatures {
    /// @dev Half the order of the curve, rounded down: the highest `s` that is accepted.
    uint256 internal constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// @dev Stands for a signature that nobody can have made: its `s` is too high.
    bytes32 private constant INVALID = bytes32(type(uint256).max);

    /// @dev The signer of the message, or zero. Digest and recovery share the scratch space, and nothing branches:
    /// every payment and voucher passes here.
    function recover(bytes32 domain, bytes32 structHash, bytes32 r, bytes32 vs)
        internal
        view
        returns (address signer)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let s := shr(1, shl(1, vs))
            mstore(0x00, shl(240, 0x1901))
            mstore(0x02, domain)
            mstore(0x22, structHash)
            mstore(0x00, keccak256(0x00, 0x42))
            mstore(0x20, add(shr(255, vs), 27))
            mstore(0x40, r)
            mstore(0x60, s)
            // The precompile answers nothing where there is no signer.
            pop(staticcall(gas(), 1, 0x00, 0x80, 0x00, 0x20))
            signer := mul(mload(0x00), and(eq(returndatasize(), 0x20), iszero(gt(s, MAX_S))))
            mstore(0x40, free)
            mstore(0x60, 0)
        }
    }

    /// @dev A signature of either length as `r` and `vs`.
    function compact(bytes calldata signature) internal pure returns (bytes32 r, bytes32 vs) {
        uint256 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            vs := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        if (signature.length == 64) return (r, vs);
        // A set top bit of `s` would be taken for the parity of EIP-2098.
        if (signature.length != 65 || uint256(vs) > MAX_S || (v != 27 && v != 28)) return (0, INVALID);
        vs |= bytes32((v - 27) << 255);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title What stands in for the chain's recovery of signers
/// @notice It answers whom the signature's `r` names, as the chain's does: with an address in 32 bytes, or with nothing
/// where `r` is zero. So a proof says who signed, and the keys of the contract's maps are numbers instead of symbols.
contract Recovery {
    fallback() external {
        assembly {
            let signer := calldataload(0x40)
            mstore(0, signer)
            return(0, mul(0x20, iszero(iszero(signer))))
        }
    }
}

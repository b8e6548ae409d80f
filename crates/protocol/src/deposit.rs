//! Deposits by EIP-3009 authorization.

use alloy_primitives::B256;

use crate::{
    AccountId, Nonce,
    word::{Word, hash_words},
};

/// The nonce of an authorization that deposits for `owner`: `keccak256(abi.encode(owner, salt))`.
///
/// The contract derives it from the owner that it is told, so nobody can redirect the deposit to another.
pub fn authorization_nonce(owner: AccountId, salt: Nonce) -> B256 {
    hash_words([owner.word(), salt.word()])
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, keccak256};
    use alloy_sol_types::SolValue;

    use super::*;

    #[test]
    fn as_solidity_derives_it() {
        let (owner, salt) = (Address::repeat_byte(1), B256::repeat_byte(2));
        let expected = keccak256((owner, salt).abi_encode());
        assert_eq!(authorization_nonce(owner.into(), salt.into()), expected);
    }
}

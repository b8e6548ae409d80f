//! Tills: sub-accounts that take payments and cannot spend.

use alloy_primitives::{Address, B256, U256, b256};

use crate::{
    AccountId,
    word::{Word, hash_words},
};

/// `keccak256("Till(address owner,uint256 index)")`
pub const TILL_TYPEHASH: B256 =
    b256!("be0fa8389ab8b6b9ea191ca1eddc18ee78199fb8a8d6cf87d73af7779f189184");

/// The address of an owner's till. What it receives belongs to the owner, who sweeps it.
///
/// `address(uint160(uint256(keccak256(abi.encode(TILL_TYPEHASH, owner, index)))))`: nobody has a key for it.
pub fn till(owner: AccountId, index: U256) -> AccountId {
    AccountId::new(Address::from_word(hash_words([
        TILL_TYPEHASH.0,
        owner.word(),
        index.word(),
    ])))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::keccak256;
    use alloy_sol_types::SolValue;

    use super::*;

    #[test]
    fn as_solidity_derives_it() {
        assert_eq!(
            TILL_TYPEHASH,
            keccak256("Till(address owner,uint256 index)")
        );
        let owner = AccountId::new(Address::repeat_byte(0x11));
        for index in [U256::ZERO, U256::from(7), U256::MAX] {
            let encoded = (TILL_TYPEHASH, owner.address(), index).abi_encode();
            let expected = Address::from_slice(&keccak256(encoded)[12..]);
            assert_eq!(till(owner, index).address(), expected);
        }
    }
}

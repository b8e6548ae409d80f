//! The 32-byte words that EIP-712 and the Solidity ABI are made of.

use alloy_primitives::{Address, B256, Bytes, Keccak256, U256, keccak256};

/// A value that EIP-712 encodes as one word: itself when it is atomic, its hash when it is dynamic.
pub(crate) trait Word {
    fn word(&self) -> [u8; 32];
}

impl Word for Address {
    fn word(&self) -> [u8; 32] {
        self.into_word().0
    }
}

impl Word for B256 {
    fn word(&self) -> [u8; 32] {
        self.0
    }
}

impl Word for U256 {
    fn word(&self) -> [u8; 32] {
        self.to_be_bytes()
    }
}

impl Word for u128 {
    fn word(&self) -> [u8; 32] {
        B256::left_padding_from(&self.to_be_bytes()).0
    }
}

impl Word for u64 {
    fn word(&self) -> [u8; 32] {
        u128::from(*self).word()
    }
}

impl Word for u16 {
    fn word(&self) -> [u8; 32] {
        u128::from(*self).word()
    }
}

impl Word for str {
    fn word(&self) -> [u8; 32] {
        keccak256(self.as_bytes()).0
    }
}

/// `bytes[]`: the hash of the concatenated hashes of the elements.
impl Word for [Bytes] {
    fn word(&self) -> [u8; 32] {
        let mut hasher = Keccak256::new();
        for element in self {
            hasher.update(keccak256(element));
        }
        hasher.finalize().0
    }
}

/// One keccak over words that lie side by side on the stack.
pub(crate) fn hash_words<const N: usize>(words: [[u8; 32]; N]) -> B256 {
    keccak256(words.as_flattened())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_left_padded() {
        assert_eq!(7u16.word(), U256::from(7).to_be_bytes::<32>());
        assert_eq!(u64::MAX.word(), U256::from(u64::MAX).to_be_bytes::<32>());
        assert_eq!(u128::MAX.word(), U256::from(u128::MAX).to_be_bytes::<32>());
    }

    #[test]
    fn an_empty_list_hashes_to_the_hash_of_nothing() {
        assert_eq!(<[Bytes]>::word(&[]), keccak256([]).0);
    }
}

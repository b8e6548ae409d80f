//! Where the contract keeps what a payee was paid: part of its interface, so that anybody can prove a payment.

use alloy_primitives::B256;

use crate::{
    AccountId, PurseKey,
    word::{Word, hash_words},
};

/// The storage slot of `paidTo(purse, payee)`:
/// `keccak256(abi.encode(payee, keccak256(abi.encode(purse, uint256(0)))))`.
///
/// `paidTo` is the contract's first variable, a `mapping(address purse => mapping(address payee => uint256))`.
pub fn paid_to_slot(purse: PurseKey, payee: AccountId) -> B256 {
    let payees = hash_words([purse.word(), [0; 32]]);
    hash_words([payee.word(), payees.0])
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256, keccak256};
    use alloy_sol_types::SolValue;

    use super::*;

    #[test]
    fn as_solidity_lays_it_out() {
        let (purse, payee) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let inner = keccak256((purse, U256::ZERO).abi_encode());
        let slot = keccak256((payee, inner).abi_encode());
        assert_eq!(paid_to_slot(purse.into(), payee.into()), slot);
    }
}

//! Balance, collateral, deposits, withdrawals, tills.

use alloy::primitives::{Address, B256, U256};
use offpay_protocol::{AccountId, Amount, Signature};

use super::Contract;
use crate::{
    Operation,
    bindings::OffPay::{
        OffPayEvents, depositCall, depositCollateralCall, depositForCall,
        depositWithAuthorizationCall, depositWithPermitCall, lockCollateralCall, registerCall,
        sweepCall, transferCall, withdrawCall, withdrawCollateralCall,
    },
    convert::{amount, uint96},
};

impl Contract {
    /// Posts collateral out of the account's tokens, which must be approved, and registers it.
    pub fn register(&self, collateral: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &registerCall {
                collateral: uint96(collateral),
            },
        )
    }

    /// Adds to the account's collateral, out of its tokens.
    pub fn deposit_collateral(&self, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &depositCollateralCall {
                amount: uint96(amount),
            },
        )
    }

    /// Adds to the account's collateral, out of its balance.
    pub fn lock_collateral(&self, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &lockCollateralCall {
                amount: uint96(amount),
            },
        )
    }

    /// Sends collateral that is not pledged to `to`.
    pub fn withdraw_collateral(&self, to: Address, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &withdrawCollateralCall {
                to,
                amount: uint96(amount),
            },
        )
    }

    /// Adds tokens of the account, which must be approved, to its balance.
    pub fn deposit(&self, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &depositCall {
                amount: uint96(amount),
            },
        )
    }

    /// Adds tokens of the account, which must be approved, to the balance of `owner`.
    pub fn deposit_for(&self, owner: AccountId, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &depositForCall {
                owner: owner.into(),
                amount: uint96(amount),
            },
        )
    }

    /// Adds tokens of `signer` to its balance by its EIP-2612 permit. Anyone can send it.
    pub fn deposit_with_permit(
        &self,
        signer: AccountId,
        amount: Amount,
        deadline: U256,
        permit: &Signature,
    ) -> Operation<()> {
        let (r, s, v) = parts(permit);
        let (signer, amount) = (signer.into(), uint96(amount));
        Operation::plain(
            self,
            &depositWithPermitCall {
                signer,
                amount,
                deadline,
                v,
                r,
                s,
            },
        )
    }

    /// Adds tokens of `from` to the balance of `owner` by an EIP-3009 authorization. Anyone can send it.
    pub fn deposit_with_authorization(
        &self,
        deposit: &Authorization,
        signature: &Signature,
    ) -> Operation<()> {
        let (r, s, v) = parts(signature);
        Operation::plain(
            self,
            &depositWithAuthorizationCall {
                from: deposit.from,
                owner: deposit.owner.into(),
                amount: uint96(deposit.amount),
                validAfter: deposit.valid_after,
                validBefore: deposit.valid_before,
                salt: deposit.salt,
                v,
                r,
                s,
            },
        )
    }

    /// Sends balance of the account to `to`.
    pub fn withdraw(&self, to: Address, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &withdrawCall {
                to,
                amount: uint96(amount),
            },
        )
    }

    /// Moves balance of the account to another account, inside the contract.
    pub fn transfer(&self, to: AccountId, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &transferCall {
                to: to.into(),
                amount: uint96(amount),
            },
        )
    }

    /// Moves all that the account's till has received to the account, and says how much that was.
    pub fn sweep(&self, till: U256) -> Operation<Amount> {
        Operation::new(self, &sweepCall { index: till }, |events| {
            events.iter().find_map(|event| match event {
                OffPayEvents::Transferred(moved) => Some(amount(moved.amount)),
                _ => None,
            })
        })
    }
}

/// A deposit by an EIP-3009 authorization. What is signed carries `keccak256(abi.encode(owner, salt))` as its nonce,
/// so that nobody can credit another owner with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Whose tokens they are, and who signed.
    pub from: Address,
    /// Whose balance is credited.
    pub owner: AccountId,
    /// How much.
    pub amount: Amount,
    /// It counts after this second.
    pub valid_after: U256,
    /// It counts before this second.
    pub valid_before: U256,
    /// Tells authorizations apart.
    pub salt: B256,
}

fn parts(signature: &Signature) -> (B256, B256, u8) {
    let bytes = signature.to_bytes();
    let [rs @ .., v] = &bytes;
    let (r, s) = rs.split_at(32);
    (B256::from_slice(r), B256::from_slice(s), *v)
}

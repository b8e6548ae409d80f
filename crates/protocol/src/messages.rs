//! Everything that is signed: the EIP-712 messages, field for field as the contract hashes them.
//!
//! Hashing is written out by hand: a fixed-size message takes one keccak over words on the stack and one over the 66
//! bytes of the digest, with nothing allocated. Tests hold every message against alloy's generic implementation.

use alloy_primitives::{Address, B256};

use crate::{Domain, Signature, SigningKey, signature::SignatureError};

mod channel;
mod decimal;
mod operator;
mod payment;
mod purse;
mod relay;
mod request;

pub use channel::{ChannelClose, ChannelTerms, Voucher};
pub use operator::{Attestation, Certificate, Clearance, OperatorKey, Revocations};
pub use payment::Payment;
pub use purse::PurseOpening;
pub use relay::Relay;
pub use request::{Receipt, Request};

/// A struct of EIP-712 typed data.
pub trait TypedData {
    /// The struct's name in the type string.
    const NAME: &'static str;
    /// The encoded type, `Name(type field,…)`.
    const TYPE: &'static str;
    /// The keccak of [`TYPE`](Self::TYPE).
    const TYPE_HASH: B256;

    /// `hashStruct` of EIP-712.
    fn struct_hash(&self) -> B256;

    /// What is signed, or what names this value, within `domain`.
    fn digest(&self, domain: &Domain) -> B256 {
        domain.digest(self.struct_hash())
    }
}

/// Typed data that somebody signs.
pub trait Signable: TypedData {
    /// What the signer's address stands for.
    type Signer: From<Address>;

    /// Signs this message for `domain`. The same message and key give the same signature.
    ///
    /// # Errors
    ///
    /// See [`SigningKey::sign`].
    fn sign(&self, domain: &Domain, key: &SigningKey) -> Result<Signature, SignatureError> {
        key.sign(self.digest(domain))
    }

    /// Who signed this message for `domain`.
    ///
    /// Any valid signature recovers to *somebody*: the caller decides whether it is who it should be.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Unrecoverable`] if nobody can have made the signature.
    fn recover(
        &self,
        domain: &Domain,
        signature: &Signature,
    ) -> Result<Self::Signer, SignatureError> {
        signature
            .recover(self.digest(domain))
            .map(Self::Signer::from)
    }
}

use alloy_primitives::{Address, B256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData};
use crate::{
    AccountId, Amount, Domain, Nonce, PaymentId, Reference, Timestamp,
    word::{Word, hash_words},
};

/// What a payee shows to be paid. Signed by the payee, or by the key that an [`Attestation`](super::Attestation) names.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cbor(array)]
pub struct Request {
    /// Who is to be paid.
    #[n(0)]
    pub payee: AccountId,
    /// How much; zero leaves it to the payer, as on a printed request.
    #[n(1)]
    pub amount: Amount,
    /// Tells apart requests that are otherwise the same.
    #[n(2)]
    pub nonce: Nonce,
    /// From when on it is not to be paid; zero if it never expires, as on a printed request.
    #[n(3)]
    pub expires_at: Timestamp,
    /// What the payee calls itself. Verified only if the payee is a known contact or an operator attested it.
    #[n(4)]
    pub name: String,
    /// What is being paid for.
    #[n(5)]
    pub memo: String,
}

impl Request {
    /// What a payment of this request carries as its reference.
    pub fn reference(&self, domain: &Domain) -> Reference {
        Reference::new(self.digest(domain))
    }

    /// Whether it can be paid more than once: a printed one, which has neither amount nor expiry.
    pub fn is_reusable(&self) -> bool {
        self.amount.is_zero() && self.expires_at.is_zero()
    }

    /// Whether it is too late to pay it.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        !self.expires_at.is_zero() && now >= self.expires_at
    }
}

impl TypedData for Request {
    const NAME: &'static str = "Request";
    const TYPE: &'static str = "Request(address payee,uint96 amount,bytes32 nonce,uint40 expiresAt,string name,string memo)";
    const TYPE_HASH: B256 =
        b256!("8e5edc77e2f0270da9f4134bba2d68d01d82cd88fe5e6ba960a28a6b067874d4");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.payee.word(),
            self.amount.word(),
            self.nonce.word(),
            self.expires_at.word(),
            self.name.as_str().word(),
            self.memo.as_str().word(),
        ])
    }
}

impl Signable for Request {
    type Signer = Address;
}

/// The payee's "I accepted this payment". Signed by the payee, or by its attested key.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cbor(array)]
pub struct Receipt {
    /// The payment.
    #[n(0)]
    pub payment: PaymentId,
    /// When it was accepted, by the payee's clock.
    #[n(1)]
    pub accepted_at: Timestamp,
}

impl TypedData for Receipt {
    const NAME: &'static str = "Receipt";
    const TYPE: &'static str = "Receipt(bytes32 payment,uint40 acceptedAt)";
    const TYPE_HASH: B256 =
        b256!("99fb9099d32c28f027b0115684665868e2b2558b2eab528ec52c483717232362");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.payment.word(),
            self.accepted_at.word(),
        ])
    }
}

impl Signable for Receipt {
    type Signer = Address;
}

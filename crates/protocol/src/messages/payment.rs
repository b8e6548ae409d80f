use alloy_primitives::{B256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData};
use crate::{
    AccountId, Amount, Domain, PaymentId, PurseKey, Reference, Serials,
    word::{Word, hash_words},
};

/// One signed promise out of a purse to one payee. Signed by the device key.
///
/// The purse is not a field: the recovered signer *is* the purse.
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
pub struct Payment {
    /// Who is paid.
    #[n(0)]
    pub payee: AccountId,
    /// The first serial that is spent.
    #[n(1)]
    pub start: Amount,
    /// How much is paid, and how many serials are spent.
    #[n(2)]
    pub amount: Amount,
    /// What the purse has promised this payee in all, this payment included.
    #[n(3)]
    pub cumulative: Amount,
    /// What is paid for: the digest of the request, or any 32 bytes.
    #[n(4)]
    pub reference: Reference,
}

impl Payment {
    /// The payment's name in `domain`.
    pub fn id(&self, domain: &Domain) -> PaymentId {
        PaymentId::new(self.digest(domain))
    }

    /// The serials that are spent; `None` if there are none or they run past 2^96.
    pub fn serials(&self) -> Option<Serials> {
        Serials::new(self.start, self.amount)
    }
}

impl TypedData for Payment {
    const NAME: &'static str = "Payment";
    const TYPE: &'static str =
        "Payment(address payee,uint96 start,uint96 amount,uint96 cumulative,bytes32 reference)";
    const TYPE_HASH: B256 =
        b256!("cc902123e86eeaa9ecad720164c4abfac1e65944bb8dc9cf6112cf3ebb0fc282");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.payee.word(),
            self.start.word(),
            self.amount.word(),
            self.cumulative.word(),
            self.reference.word(),
        ])
    }
}

impl Signable for Payment {
    type Signer = PurseKey;
}

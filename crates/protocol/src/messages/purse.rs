use alloy_primitives::{B256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData};
use crate::{
    AccountId, PurseKey,
    word::{Word, hash_words},
};

/// The device key's consent to be the key of a purse of `owner`. Signed by the device key, to open its purse.
///
/// In EIP-712 it is called `PurseKey`; in Rust that is the key itself.
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
pub struct PurseOpening {
    /// The only account that may open a purse with this key.
    #[n(0)]
    pub owner: AccountId,
}

impl TypedData for PurseOpening {
    const NAME: &'static str = "PurseKey";
    const TYPE: &'static str = "PurseKey(address owner)";
    const TYPE_HASH: B256 =
        b256!("b6388159d9c1358205e837f93dbd908898099b063477ed9bff65f1dc13670907");

    fn struct_hash(&self) -> B256 {
        hash_words([Self::TYPE_HASH.0, self.owner.word()])
    }
}

impl Signable for PurseOpening {
    type Signer = PurseKey;
}

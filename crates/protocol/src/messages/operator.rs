use alloy_primitives::{Address, B256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData, decimal};
use crate::{
    AccountId, Amount, Circle, OperatorId, PurseKey, Timestamp,
    word::{Word, hash_words},
};

/// The operator's statement of a purse's terms in the finalized block of time `as_of`. Signed by an operator.
///
/// It says that the purse was open with these terms and that its `closesAt` was zero: no close requested, no default,
/// no double spend reported.
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
pub struct Certificate {
    /// The purse's key.
    #[n(0)]
    pub purse: PurseKey,
    /// The account that the purse belongs to.
    #[n(1)]
    pub owner: AccountId,
    /// The payees that may claim on its collateral.
    #[n(2)]
    pub circle: Circle,
    /// All money that was ever put into the purse.
    #[n(3)]
    pub funds: Amount,
    /// The collateral that stands behind it.
    #[n(4)]
    pub pledge: Amount,
    /// How many covers the pledge is divided into.
    #[n(5)]
    pub cover_count: u16,
    /// How many members the circle counted.
    #[n(6)]
    pub circle_size: u16,
    /// The timestamp of the finalized block.
    #[n(7)]
    pub as_of: Timestamp,
}

impl TypedData for Certificate {
    const NAME: &'static str = "Certificate";
    const TYPE: &'static str = "Certificate(address purse,address owner,address circle,uint96 funds,uint96 pledge,uint16 coverCount,uint16 circleSize,uint40 asOf)";
    const TYPE_HASH: B256 =
        b256!("68130ddc5ba00a5579b31e1a0369fc60e9b096771716718ba2cbb95098b2a450");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.purse.word(),
            self.owner.word(),
            self.circle.word(),
            self.funds.word(),
            self.pledge.word(),
            self.cover_count.word(),
            self.circle_size.word(),
            self.as_of.word(),
        ])
    }
}

impl Signable for Certificate {
    type Signer = OperatorId;
}

/// The operator's "I have recorded these payments and know of none that conflicts". Signed by an operator.
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
pub struct Clearance {
    /// The Merkle root over the ids of the payments, see [`clearance`](crate::clearance).
    #[n(0)]
    #[cbor(with = "crate::cbor::hash")]
    pub root: B256,
    /// When they were recorded.
    #[n(1)]
    pub cleared_at: Timestamp,
}

impl TypedData for Clearance {
    const NAME: &'static str = "Clearance";
    const TYPE: &'static str = "Clearance(bytes32 root,uint40 clearedAt)";
    const TYPE_HASH: B256 =
        b256!("65ca8d2fbd1e7051f398b6cae824808deb6ac9519bdfb4dc39e79047a5349d5d");

    fn struct_hash(&self) -> B256 {
        hash_words([Self::TYPE_HASH.0, self.root.word(), self.cleared_at.word()])
    }
}

impl Signable for Clearance {
    type Signer = OperatorId;
}

/// Who may sign requests and receipts for a payee, and the payee's name. Signed by an operator.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cbor(array)]
pub struct Attestation {
    /// The payee.
    #[n(0)]
    pub payee: AccountId,
    /// The key that signs its requests and receipts, and can spend nothing.
    #[n(1)]
    #[cbor(with = "crate::cbor::address")]
    #[serde(with = "crate::ids::checksummed")]
    pub signer: Address,
    /// The name that the operator vouches for.
    #[n(2)]
    pub name: String,
    /// From when on it no longer counts.
    #[n(3)]
    pub expires_at: Timestamp,
}

impl TypedData for Attestation {
    const NAME: &'static str = "Attestation";
    const TYPE: &'static str =
        "Attestation(address payee,address signer,string name,uint40 expiresAt)";
    const TYPE_HASH: B256 =
        b256!("0ffbf4b4535099abcf4d97d34afe5777d76ee674d24696bf455b989a41070fd2");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.payee.word(),
            self.signer.word(),
            self.name.as_str().word(),
            self.expires_at.word(),
        ])
    }
}

impl Signable for Attestation {
    type Signer = OperatorId;
}

/// The operator's next key. Signed by its present key, so that who trusts one can follow to the other.
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
pub struct OperatorKey {
    /// The next key.
    #[n(0)]
    pub next: OperatorId,
    /// From when on it signs.
    #[n(1)]
    pub valid_from: Timestamp,
}

impl TypedData for OperatorKey {
    const NAME: &'static str = "OperatorKey";
    const TYPE: &'static str = "OperatorKey(address next,uint40 validFrom)";
    const TYPE_HASH: B256 =
        b256!("f74b0c0074dfe595808bc855e56975783830bbfa981c78a507cdbb460c0823bf");

    fn struct_hash(&self) -> B256 {
        hash_words([Self::TYPE_HASH.0, self.next.word(), self.valid_from.word()])
    }
}

impl Signable for OperatorKey {
    type Signer = OperatorId;
}

/// Which list of purses that are closing is the newest. Signed by an operator.
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
pub struct Revocations {
    /// Grows with every list.
    #[n(0)]
    #[serde(with = "decimal")]
    pub version: u64,
    /// The hash of the list.
    #[n(1)]
    #[cbor(with = "crate::cbor::hash")]
    pub digest: B256,
    /// The timestamp of the finalized block that it was made from.
    #[n(2)]
    pub as_of: Timestamp,
}

impl TypedData for Revocations {
    const NAME: &'static str = "Revocations";
    const TYPE: &'static str = "Revocations(uint64 version,bytes32 digest,uint40 asOf)";
    const TYPE_HASH: B256 =
        b256!("5954cab6da1a75a1fb38c7f9974bdea9c0610cc961045f8904c482b3f12262af");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.version.word(),
            self.digest.word(),
            self.as_of.word(),
        ])
    }
}

impl Signable for Revocations {
    type Signer = OperatorId;
}

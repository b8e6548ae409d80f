use alloy_primitives::{B256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData};
use crate::{
    AccountId, Amount, ChannelId, ChannelKey, Domain, Nonce, Reference, Seconds, Timestamp,
    word::{Word, hash_words},
};

/// The cumulative message that moves money in a channel. Signed by the channel key of the side that pays.
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
pub struct Voucher {
    /// The channel.
    #[n(0)]
    pub channel: ChannelId,
    /// What the signer has paid through the channel in all.
    #[n(1)]
    pub cumulative: Amount,
    /// What this payment is for: the digest of the request, or any 32 bytes.
    #[n(2)]
    pub reference: Reference,
}

impl TypedData for Voucher {
    const NAME: &'static str = "Voucher";
    const TYPE: &'static str = "Voucher(bytes32 channel,uint96 cumulative,bytes32 reference)";
    const TYPE_HASH: B256 =
        b256!("ee32290de2ed1a74767522c561c82fdb7a641c6e7be474ae481b27df995fdfa0");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.channel.word(),
            self.cumulative.word(),
            self.reference.word(),
        ])
    }
}

impl Signable for Voucher {
    type Signer = ChannelKey;
}

/// What a channel is: its digest names it, so that the terms travel in calldata and not in storage. Not signed.
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
pub struct ChannelTerms {
    /// The side that opens the channel.
    #[n(0)]
    pub a: AccountId,
    /// The other side.
    #[n(1)]
    pub b: AccountId,
    /// The key of `a`'s vouchers.
    #[n(2)]
    pub key_a: ChannelKey,
    /// The key of `b`'s vouchers; zero in a one-way channel.
    #[n(3)]
    pub key_b: ChannelKey,
    /// How long either side can answer once a close is requested.
    #[n(4)]
    pub close_delay: Seconds,
    /// Tells apart channels between the same two sides.
    #[n(5)]
    pub salt: Nonce,
}

impl ChannelTerms {
    /// The channel's name in `domain`.
    pub fn id(&self, domain: &Domain) -> ChannelId {
        ChannelId::new(self.digest(domain))
    }

    /// Whether only `a` can pay.
    pub const fn is_one_way(&self) -> bool {
        self.key_b.is_zero()
    }
}

impl TypedData for ChannelTerms {
    const NAME: &'static str = "ChannelTerms";
    const TYPE: &'static str = "ChannelTerms(address a,address b,address keyA,address keyB,uint40 closeDelay,bytes32 salt)";
    const TYPE_HASH: B256 =
        b256!("1f863fc1a1e3322644622b7cd503347c259ef97f3b7f3895b4cfddc880006f6e");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.a.word(),
            self.b.word(),
            self.key_a.word(),
            self.key_b.word(),
            self.close_delay.word(),
            self.salt.word(),
        ])
    }
}

/// The agreement to close a channel at once. Signed by both channel keys.
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
pub struct ChannelClose {
    /// The channel.
    #[n(0)]
    pub channel: ChannelId,
    /// What `a` has paid in all.
    #[n(1)]
    pub from_a: Amount,
    /// What `b` has paid in all.
    #[n(2)]
    pub from_b: Amount,
    /// The last second at which it counts: at most an hour ahead.
    #[n(3)]
    pub deadline: Timestamp,
}

impl TypedData for ChannelClose {
    const NAME: &'static str = "ChannelClose";
    const TYPE: &'static str =
        "ChannelClose(bytes32 channel,uint96 fromA,uint96 fromB,uint40 deadline)";
    const TYPE_HASH: B256 =
        b256!("e96d620ef4b851808d7b20f72db29d806b97ee3c7086e6ca4118fef127e72ceb");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.channel.word(),
            self.from_a.word(),
            self.from_b.word(),
            self.deadline.word(),
        ])
    }
}

impl Signable for ChannelClose {
    type Signer = ChannelKey;
}

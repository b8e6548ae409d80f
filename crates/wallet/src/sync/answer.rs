use alloy_primitives::{B256, Bytes};
use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, PurseKey, Signature, Signed, Timestamp,
    messages::{OperatorKey, Revocations},
    proof::SlotProof,
    revocations::RevocationList,
};

use crate::records::{FinalizedBlock, PaymentClearance, StoredCertificate};

/// What came back. Whatever is read on-chain is read at a finalized block, and says at which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All that was asked for has been answered as of this block: the wallet counts as synced to it.
    Synced(FinalizedBlock),
    /// An own purse.
    Purse(PurseView),
    /// Another wallet's purse.
    Payer(PurseView),
    /// This payee's place in a circle other than circle zero; `None` if it has none.
    Membership {
        /// The circle.
        circle: Circle,
        /// The place.
        place: Option<CircleOnChain>,
        /// The block.
        at: FinalizedBlock,
    },
    /// Since when this account is registered, which is its place in circle zero.
    Registration {
        /// `registeredAt`, if it is registered.
        registered_at: Option<Timestamp>,
        /// The block.
        at: FinalizedBlock,
    },
    /// A channel; `None` if the contract does not know it.
    Channel {
        /// The channel.
        channel: ChannelId,
        /// What the contract says.
        on_chain: Option<ChannelOnChain>,
        /// The block.
        at: FinalizedBlock,
    },
    /// What a payee was credited, with its proof.
    Paid(PaidTo),
    /// Since when a pair is in default, if it is.
    InDefault {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
        /// Since when.
        since: Option<Timestamp>,
        /// The block.
        at: FinalizedBlock,
    },
    /// An operator took a payment, or it was sent to the chain. Not final yet.
    HandedIn {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
        /// Up to which cumulative.
        cumulative: Amount,
        /// In which transaction, if this wallet sent it itself.
        transaction: Option<B256>,
    },
    /// An operator cleared a payment.
    Cleared(Box<PaymentClearance>),
    /// A certificate of an own purse.
    Certificate(StoredCertificate),
    /// An operator's list of purses that are closing.
    Revocations {
        /// The list.
        list: RevocationList,
        /// What the operator says of it.
        statement: Revocations,
        /// The operator's signature.
        signature: Signature,
    },
    /// An operator's next key.
    OperatorKey(Signed<OperatorKey>),
}

/// A purse at a finalized block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseView {
    /// The purse.
    pub purse: PurseKey,
    /// What the contract says; `None` if no purse was ever opened with this key.
    pub on_chain: Option<PurseOnChain>,
    /// The block.
    pub at: FinalizedBlock,
}

/// What the contract says of a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseOnChain {
    /// Who opened it; zero once it is closed.
    pub owner: AccountId,
    /// Whose members may claim on the pledge.
    pub circle: Circle,
    /// All money that was ever put in.
    pub funds: Amount,
    /// What was paid out of the funds.
    pub paid: Amount,
    /// The collateral that stands behind it.
    pub pledge: Amount,
    /// Into how many covers the pledge is divided.
    pub cover_count: u16,
    /// When it can be closed, if it has begun to close.
    pub closes_at: Option<Timestamp>,
    /// Only the tombstone is left.
    pub closed: bool,
}

/// A payee's place in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircleOnChain {
    /// From when on it counts.
    pub from: Timestamp,
    /// From when on it no longer does, if a dismissal is pending or over.
    pub until: Option<Timestamp>,
}

/// What the contract says of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelOnChain {
    /// What `a` put in.
    pub deposit_a: Amount,
    /// What `b` put in.
    pub deposit_b: Amount,
    /// What `a` has paid, as far as the contract knows.
    pub from_a: Amount,
    /// What `b` has paid, as far as the contract knows.
    pub from_b: Amount,
    /// When it can be finalized, if a close was requested.
    pub closes_at: Option<Timestamp>,
    /// Only the tombstone is left.
    pub closed: bool,
}

/// The answer to `eth_getProof` for what a payee was credited, with the block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidTo {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The hash of a finalized block, as the nodes agree on it.
    pub block_hash: B256,
    /// How many independent nodes do.
    pub nodes: u8,
    /// The block's header (RLP).
    pub header: Bytes,
    /// The proof.
    pub proof: SlotProof,
}

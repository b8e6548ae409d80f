use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, PaymentId, Reference, Signature, Timestamp,
    channel::{Position, Side},
    messages::{ChannelTerms, Voucher},
};
use serde::{Deserialize, Serialize};

use crate::keys::SealedSecret;

/// A channel of this wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Channel {
    /// Its name.
    pub id: ChannelId,
    /// What it is.
    pub terms: ChannelTerms,
    /// The key of this wallet's vouchers; `None` at the receiving end of a one-way channel.
    pub own_key: Option<OwnChannelKey>,
    /// When the wallet first knew of it.
    pub added_at: Timestamp,
    /// `a`'s deposit in the last finalized block that was seen.
    pub deposit_a: Amount,
    /// `b`'s deposit in that block.
    pub deposit_b: Amount,
    /// What this wallet has sent in all. Only ever grows, and only by signing a voucher.
    pub sent: Amount,
    /// The newest voucher that it signed.
    pub newest_sent: Option<SignedVoucher>,
    /// What came in in all.
    pub received: Amount,
    /// The newest voucher of the other side: the only one that counts.
    pub newest_received: Option<SignedVoucher>,
    /// How much of what came in the contract had seen in that block.
    pub handed_in: Amount,
    /// When the contract last showed it open with no close requested.
    pub seen_open: Option<Timestamp>,
    /// Where it stands on-chain.
    pub standing: ChannelStanding,
    /// The deadline of a cooperative close that was signed, or may have been before a restore.
    pub close_signed_until: Option<Timestamp>,
}

/// This wallet's own key of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnChannelKey {
    /// Its address.
    pub address: ChannelKey,
    /// The key.
    pub sealed: SealedSecret,
}

/// Where a channel stands in the last finalized block that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "standing",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ChannelStanding {
    /// The contract has not been seen to know it.
    Proposed,
    /// Open.
    Open,
    /// A close was requested.
    Closing {
        /// Until when newer vouchers can be presented.
        closes_at: Timestamp,
    },
    /// Over.
    Closed,
}

/// A voucher with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedVoucher {
    /// The voucher.
    pub voucher: Voucher,
    /// The channel key's signature.
    pub signature: Signature,
}

/// Which way a voucher went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VoucherDirection {
    /// This wallet paid.
    Sent,
    /// This wallet was paid.
    Received,
}

/// What a voucher moved: for the history, which outlives the voucher itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoucherNote {
    /// The entry in which it was stored.
    pub number: u64,
    /// The voucher's own digest.
    pub id: PaymentId,
    /// The channel.
    pub channel: ChannelId,
    /// The account at the other end.
    pub counterparty: AccountId,
    /// Which way it went.
    pub direction: VoucherDirection,
    /// What it added.
    pub amount: Amount,
    /// What it reached.
    pub cumulative: Amount,
    /// What it was for.
    pub reference: Reference,
    /// When.
    pub at: Timestamp,
    /// What the other side is called.
    pub name: String,
    /// What it was for, in words.
    pub memo: String,
}

impl Channel {
    /// This wallet's end, if its account is at one.
    pub fn side(&self, account: AccountId) -> Option<Side> {
        [Side::A, Side::B]
            .into_iter()
            .find(|side| self.terms.account(*side) == account)
    }

    /// Finalized deposits, and the highest vouchers signed and accepted.
    pub fn position(&self, own: Side) -> Position {
        let (from_a, from_b) = match own {
            Side::A => (self.sent, self.received),
            Side::B => (self.received, self.sent),
        };
        Position {
            deposit_a: self.deposit_a,
            deposit_b: self.deposit_b,
            from_a,
            from_b,
        }
    }

    /// What this wallet could still send, and what could still come in.
    pub fn balance(&self, side: Side, own: Side) -> Amount {
        self.position(own).balance(side).unwrap_or(Amount::ZERO)
    }
}

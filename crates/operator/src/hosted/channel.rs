//! An end of a channel whose key is in the vault. A channel between two hosted users has two.

mod rules;
mod signed_close;

use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, PaymentId, Signed, Timestamp,
    channel::{Position, Side},
    messages::{ChannelTerms, Voucher},
};

pub use rules::{
    ChannelRefusal, OnChain, accept_voucher, agree_to_close, can_send, plan_close, plan_voucher,
    takes_vouchers,
};
pub use signed_close::SignedClose;

use super::OperationId;
use crate::{UserId, event::NewEvent};

/// A channel key that a hosted user gives to somebody who is to open a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelOffer {
    /// The key, which is in the vault.
    pub key: ChannelKey,
    /// Whose it is.
    pub user: UserId,
    /// The account that offers.
    pub account: AccountId,
    /// The channel that it was taken for. A key serves one.
    pub used_by: Option<ChannelId>,
}

/// An end of a channel that is to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewChannel {
    /// The channel.
    pub channel: ChannelId,
    /// Which end.
    pub side: Side,
    /// Whose end it is.
    pub user: UserId,
    /// What the channel is.
    pub terms: ChannelTerms,
    /// What opens it, if this server does.
    pub operation: Option<OperationId>,
}

/// An end of a channel as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedChannel {
    /// Its place in the list: a cursor.
    pub number: i64,
    /// What was stored first.
    pub made: NewChannel,
    /// The newest voucher that this end signed.
    pub sent: Option<Signed<Voucher>>,
    /// The newest voucher of the other end that was accepted.
    pub received: Option<Signed<Voucher>>,
    /// The newest close that this end signed.
    pub close: Option<SignedClose>,
    /// Until when a close that it signed can count.
    pub close_until: Option<Timestamp>,
    /// When it was stored.
    pub created_at: Timestamp,
}

impl HostedChannel {
    /// What this end has sent in all.
    pub fn sent_in_all(&self) -> Amount {
        cumulative(self.sent.as_ref())
    }

    /// What it was sent in all.
    pub fn received_in_all(&self) -> Amount {
        cumulative(self.received.as_ref())
    }

    /// The newest voucher of a side, as this end knows it.
    pub fn newest(&self, side: Side) -> Option<&Signed<Voucher>> {
        if side == self.made.side {
            self.sent.as_ref()
        } else {
            self.received.as_ref()
        }
    }

    /// What both sides have sent, with these deposits.
    pub fn position(&self, deposit_a: Amount, deposit_b: Amount) -> Position {
        Position {
            deposit_a,
            deposit_b,
            from_a: cumulative(self.newest(Side::A)),
            from_b: cumulative(self.newest(Side::B)),
        }
    }

    /// The account at the other end.
    pub const fn counterparty(&self) -> AccountId {
        self.made.terms.account(self.made.side.other())
    }

    /// What has to be unchanged when something is stored that was decided by this.
    pub fn before(&self) -> EndBefore {
        EndBefore {
            side: self.made.side,
            sent: self.sent_in_all(),
            received: self.received_in_all(),
            close_until: self.close_until,
        }
    }
}

fn cumulative(voucher: Option<&Signed<Voucher>>) -> Amount {
    voucher.map_or(Amount::ZERO, |voucher| voucher.message.cumulative)
}

/// An end of a channel as it was when something was decided. It is stored only if the end is still so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndBefore {
    /// Which end.
    pub side: Side,
    /// What it had sent.
    pub sent: Amount,
    /// What it had been sent.
    pub received: Amount,
    /// Until when a close that it signed can count.
    pub close_until: Option<Timestamp>,
}

/// A voucher that was signed or accepted, to be stored before anybody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVoucher {
    /// Its digest.
    pub id: PaymentId,
    /// The voucher.
    pub voucher: Signed<Voucher>,
    /// The channel's terms, for the watchtower.
    pub terms: ChannelTerms,
    /// Which side pays.
    pub payer: Side,
    /// What it adds.
    pub amount: Amount,
    /// The hosted ends of the channel as they were: one or both.
    pub ends: Vec<EndBefore>,
    /// What the payer wrote.
    pub memo: String,
    /// The name of the request that asked for it, if it has one: no second voucher is stored under it.
    pub once: Option<[u8; 32]>,
    /// What the users at the ends are told.
    pub events: Vec<NewEvent>,
}

/// A payment in a channel as it is stored: for the history, which outlives the voucher itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPayment {
    /// Its place in the history: a cursor.
    pub number: i64,
    /// Its voucher's digest.
    pub id: PaymentId,
    /// The voucher.
    pub voucher: Signed<Voucher>,
    /// Which side paid.
    pub payer: Side,
    /// What it added.
    pub amount: Amount,
    /// What the payer wrote.
    pub memo: String,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// What is stored together with an operation on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelChange {
    /// Ends of a channel that is opened.
    Open(Vec<NewChannel>),
    /// A close, signed by both.
    Close {
        /// The close.
        close: Box<SignedClose>,
        /// The hosted ends, as they were.
        ends: Vec<EndBefore>,
    },
}

//! Channels: money set aside for one counterparty, moved by cumulative vouchers in one or both directions.

mod accept;
mod close;
mod error;
mod open;
mod send;

use offpay_protocol::{
    Amount, ChannelId, ChannelKey, PaymentId, Seconds, Timestamp,
    acceptance::Verdict,
    channel::{ChannelView, LONGEST_CLOSE_DEADLINE, Side},
    messages::{ChannelTerms, Request, Voucher},
    signature::Signature,
};

pub use close::SignedClose;
pub use error::ChannelError;
pub use open::{ChannelOffer, ChannelProposal};

use crate::{State, records::Channel};

/// A cooperative close counts for at most an hour.
pub const LONGEST_CLOSE: Seconds = LONGEST_CLOSE_DEADLINE;

/// For how long this wallet proposes one: less, because a chain's clock is its last block's, which lies behind.
pub const PROPOSED_CLOSE: Seconds = match Seconds::new(50 * 60) {
    Some(span) => span,
    None => Seconds::HOUR,
};

/// A voucher with what the payee needs to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownVoucher {
    /// Its digest.
    pub id: PaymentId,
    /// What it adds.
    pub amount: Amount,
    /// The voucher.
    pub voucher: Voucher,
    /// The channel key's signature.
    pub signature: Signature,
    /// What it pays.
    pub request: Request,
}

/// A voucher that this wallet holds, and where its owner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenVoucher {
    /// Its digest.
    pub id: PaymentId,
    /// The channel.
    pub channel: ChannelId,
    /// What it adds.
    pub amount: Amount,
    /// What of that nobody asked for.
    pub excess: Amount,
    /// What came in in all.
    pub cumulative: Amount,
    /// What the other side could still send.
    pub left: Amount,
    /// Always guaranteed, if it is handed in in time.
    pub verdict: Verdict,
    /// By when it is to be handed in.
    pub hand_in_by: Timestamp,
    /// It was accepted before and shown again: nothing was added.
    pub again: bool,
}

impl State {
    /// The channel with this id.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Unknown`].
    pub fn channel(&self, id: ChannelId) -> Result<&Channel, ChannelError> {
        self.records()
            .channels
            .get(&id)
            .ok_or(ChannelError::Unknown(id))
    }

    /// This wallet's end of a channel.
    pub(crate) fn side_of(&self, channel: &Channel) -> Result<Side, ChannelError> {
        channel.side(self.account()).ok_or(ChannelError::NotOurs)
    }

    /// Refuses a channel whose own end is not this wallet's, key included.
    pub(crate) fn check_own_side(&self, channel: &Channel) -> Result<Side, ChannelError> {
        let side = self.side_of(channel)?;
        let parameters = &self.deployment().parameters;
        channel
            .terms
            .check_own_side(side, self.account(), own_key(channel), parameters)
            .map_err(ChannelError::Terms)?;
        Ok(side)
    }

    pub(crate) fn channel_view<'a>(&'a self, channel: &'a Channel, side: Side) -> ChannelView<'a> {
        ChannelView {
            domain: &self.deployment().domain,
            parameters: &self.deployment().parameters,
            terms: &channel.terms,
            own_side: side,
            own_account: self.account(),
            own_key: own_key(channel),
            position: channel.position(side),
            seen_open: channel.seen_open,
            close_signed_until: channel.close_signed_until,
            margin: self.settings().acceptance.limits.margin,
        }
    }

    /// Whether the owner may put money into this channel: only where the key on its own side is this wallet's.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Unknown`], [`ChannelError::Terms`], and [`ChannelError::OneWay`] for the receiving end.
    pub fn check_funding(&self, id: ChannelId) -> Result<ChannelTerms, ChannelError> {
        let channel = self.channel(id)?;
        let side = self.check_own_side(channel)?;
        if side == Side::B && channel.terms.is_one_way() {
            return Err(ChannelError::OneWay);
        }
        Ok(channel.terms)
    }
}

/// This wallet's key of a channel; zero where it has none, which is right for the receiving end of a one-way channel.
fn own_key(channel: &Channel) -> ChannelKey {
    channel
        .own_key
        .as_ref()
        .map_or(ChannelKey::ZERO, |key| key.address)
}

//! Which voucher an end signs next, which it accepts, and which close it agrees to.

use offpay_protocol::{
    Amount, Domain, Reference, Seconds, Signable as _, Signature, Signed, Timestamp,
    channel::{self, AcceptedVoucher, ChannelView, LONGEST_CLOSE_DEADLINE, Side, VoucherRefusal},
    cover::Parameters,
    messages::{ChannelClose, Voucher},
};
use thiserror::Error;

use super::HostedChannel;
use crate::follower::ChannelState;

/// How long before the last moment a voucher is to be handed in. The server follows the chain: it is never near.
const MARGIN: Seconds = Seconds::HOUR;

/// For how long a close is proposed: less than an hour, because a chain's clock is its last block's.
const PROPOSED_CLOSE: Seconds = match Seconds::new(50 * 60) {
    Some(span) => span,
    None => Seconds::HOUR,
};

/// A channel as the followed chain has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnChain {
    /// At the head.
    pub head: Option<ChannelState>,
    /// In the newest final block.
    pub finalized: Option<ChannelState>,
    /// That block's time.
    pub finalized_at: Timestamp,
}

impl OnChain {
    /// What both sides put in, in the newest final block.
    pub fn final_deposits(&self) -> (Amount, Amount) {
        self.finalized
            .filter(|state| !state.closed)
            .map_or_else(Default::default, |state| (state.deposit_a, state.deposit_b))
    }

    /// When the contract was last seen to have it open, with no close requested, in a final block.
    fn seen_open(&self) -> Option<Timestamp> {
        self.finalized
            .filter(|state| !state.closed && state.closes_at.is_none())
            .map(|_| self.finalized_at)
    }

    fn check_open(&self) -> Result<(), ChannelRefusal> {
        match self.head {
            Some(state) if state.closed || state.closes_at.is_some() => {
                Err(ChannelRefusal::Closing)
            }
            Some(_) if self.seen_open().is_some() => Ok(()),
            _ => Err(ChannelRefusal::NotOpen),
        }
    }
}

/// Why nothing is signed or accepted in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChannelRefusal {
    /// Its opening is not final yet.
    #[error("the channel is not open in a final block yet")]
    NotOpen,
    /// It is closing, or closed.
    #[error("the channel is closing or closed")]
    Closing,
    /// It goes one way, the other way.
    #[error("the channel goes one way, towards you")]
    OneWay,
    /// A close was signed and may still come.
    #[error(
        "a close was signed: nothing is paid in the channel until {deadline} has passed in a final block"
    )]
    CloseSigned {
        /// Until when it counts.
        deadline: Timestamp,
    },
    /// There is not that much on this side.
    #[error("your side of the channel has {available}, which is less than {amount}")]
    InsufficientFunds {
        /// What is left.
        available: Amount,
        /// What was asked.
        amount: Amount,
    },
    /// Nothing is paid.
    #[error("a payment pays something")]
    Nothing,
    /// The voucher does not count.
    #[error(transparent)]
    Voucher(#[from] VoucherRefusal),
    /// The close is not what both sides have sent, or not signed by the other side.
    #[error("the close is not what both sides have sent, or the other side did not sign it")]
    OtherClose,
    /// The close counts for longer than an hour, or not any more.
    #[error("a close counts for an hour at most; this one counts until {deadline}")]
    CloseDeadline {
        /// Its deadline.
        deadline: Timestamp,
    },
    /// A one-way channel is closed by its receiving end alone.
    #[error("a one-way channel is not closed together: its receiving end closes it at once, alone")]
    OneWayClose,
}

impl ChannelRefusal {
    /// Whether the same can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NotOpen | Self::CloseSigned { .. } => true,
            Self::Voucher(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "channel_not_open",
            Self::Closing => "channel_closing",
            Self::OneWay => "channel_one_way",
            Self::CloseSigned { .. } => "channel_close_signed",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::Nothing => "payment_nothing_paid",
            Self::Voucher(refusal) => refusal.code(),
            Self::OtherClose => "channel_other_close",
            Self::CloseDeadline { .. } => "channel_close_deadline",
            Self::OneWayClose => "channel_one_way_close",
        }
    }
}

/// The next voucher of an end: one that adds `amount`, out of final deposits and what came in.
///
/// # Errors
///
/// [`ChannelRefusal`], and nothing is to be signed.
pub fn plan_voucher(
    end: &HostedChannel,
    chain: &OnChain,
    amount: Amount,
    reference: Reference,
) -> Result<Voucher, ChannelRefusal> {
    let side = end.made.side;
    if amount.is_zero() {
        return Err(ChannelRefusal::Nothing);
    }
    if side == Side::B && end.made.terms.is_one_way() {
        return Err(ChannelRefusal::OneWay);
    }
    chain.check_open()?;
    check_no_close(end, chain)?;
    let available = can_send(end, chain, side);
    let short = ChannelRefusal::InsufficientFunds { available, amount };
    if amount > available {
        return Err(short);
    }
    Ok(Voucher {
        channel: end.made.channel,
        cumulative: end.sent_in_all().checked_add(amount).ok_or(short)?,
        reference,
    })
}

/// Whether an end takes vouchers at all now: asked before one is signed for it on the same server.
///
/// # Errors
///
/// [`ChannelRefusal`], and nothing is to be signed.
pub fn takes_vouchers(
    end: &HostedChannel,
    chain: &OnChain,
    now: Timestamp,
) -> Result<(), ChannelRefusal> {
    chain.check_open()?;
    check_no_close(end, chain)?;
    let hand_in_by = chain
        .finalized_at
        .saturating_add(end.made.terms.close_delay)
        .saturating_sub(MARGIN);
    if now >= hand_in_by {
        return Err(VoucherRefusal::TooLate { hand_in_by }.into());
    }
    Ok(())
}

/// What a side could still send, out of final deposits.
pub fn can_send(end: &HostedChannel, chain: &OnChain, side: Side) -> Amount {
    let (deposit_a, deposit_b) = chain.final_deposits();
    end.position(deposit_a, deposit_b)
        .balance(side)
        .unwrap_or(Amount::ZERO)
}

/// Whether a voucher of the other side counts, that should pay `asked` (zero takes whatever it adds).
///
/// # Errors
///
/// [`ChannelRefusal`], and nothing is to be stored.
pub fn accept_voucher(
    end: &HostedChannel,
    chain: &OnChain,
    voucher: &Signed<Voucher>,
    asked: Amount,
    parameters: &Parameters,
    now: Timestamp,
) -> Result<AcceptedVoucher, ChannelRefusal> {
    let terms = &end.made.terms;
    let side = end.made.side;
    if voucher.message.channel != end.made.channel {
        return Err(VoucherRefusal::OtherChannel.into());
    }
    chain.check_open()?;
    let (deposit_a, deposit_b) = chain.final_deposits();
    let view = ChannelView {
        domain: &voucher.domain,
        parameters,
        terms,
        own_side: side,
        own_account: terms.account(side),
        // An end is stored only if its key is in the vault.
        own_key: terms.key(side),
        position: end.position(deposit_a, deposit_b),
        seen_open: chain.seen_open(),
        close_signed_until: end.close_until,
        margin: MARGIN,
    };
    Ok(channel::accept_voucher(
        &view,
        &voucher.message,
        &voucher.signature,
        asked,
        now,
    )?)
}

/// The close of what both sides have sent, to be signed: for the next 50 minutes.
///
/// # Errors
///
/// [`ChannelRefusal`], and nothing is to be signed.
pub fn plan_close(
    end: &HostedChannel,
    chain: &OnChain,
    now: Timestamp,
) -> Result<ChannelClose, ChannelRefusal> {
    check_can_close(end, chain)?;
    let position = end.position(Amount::ZERO, Amount::ZERO);
    Ok(ChannelClose {
        channel: end.made.channel,
        from_a: position.from_a,
        from_b: position.from_b,
        deadline: now.saturating_add(PROPOSED_CLOSE),
    })
}

/// Whether an end agrees to a close that the other side signed: it says what both have sent, and counts now.
///
/// # Errors
///
/// [`ChannelRefusal`], and nothing is to be signed.
pub fn agree_to_close(
    end: &HostedChannel,
    chain: &OnChain,
    close: &ChannelClose,
    theirs: &Signature,
    domain: &Domain,
    now: Timestamp,
) -> Result<(), ChannelRefusal> {
    check_can_close(end, chain)?;
    let expected = end.position(Amount::ZERO, Amount::ZERO);
    let other = end.made.terms.key(end.made.side.other());
    let of_this = close.channel == end.made.channel
        && (close.from_a, close.from_b) == (expected.from_a, expected.from_b);
    if !of_this || close.recover(domain, theirs).ok() != Some(other) {
        return Err(ChannelRefusal::OtherClose);
    }
    let deadline = close.deadline;
    if deadline < now || deadline > now.saturating_add(LONGEST_CLOSE_DEADLINE) {
        return Err(ChannelRefusal::CloseDeadline { deadline });
    }
    Ok(())
}

/// Not a clock but a final block must have passed a close's deadline: only then it cannot come any more.
fn check_no_close(end: &HostedChannel, chain: &OnChain) -> Result<(), ChannelRefusal> {
    match end.close_until {
        Some(deadline) if chain.finalized_at <= deadline => {
            Err(ChannelRefusal::CloseSigned { deadline })
        }
        _ => Ok(()),
    }
}

fn check_can_close(end: &HostedChannel, chain: &OnChain) -> Result<(), ChannelRefusal> {
    if end.made.terms.is_one_way() {
        return Err(ChannelRefusal::OneWayClose);
    }
    match chain.head {
        None => Err(ChannelRefusal::NotOpen),
        Some(state) if state.closed => Err(ChannelRefusal::Closing),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;

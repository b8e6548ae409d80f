use thiserror::Error;

use super::{InvalidTerms, Position, Side};
use crate::{
    AccountId, Amount, ChannelKey, Domain, Seconds, Signable, Signature, Timestamp,
    cover::Parameters,
    messages::{ChannelTerms, Voucher},
    signature::SignatureError,
};

/// A channel as this wallet knows it.
#[derive(Clone, Copy, Debug)]
pub struct ChannelView<'a> {
    /// The deployment.
    pub domain: &'a Domain,
    /// Its delays.
    pub parameters: &'a Parameters,
    /// What the channel is.
    pub terms: &'a ChannelTerms,
    /// This wallet's end.
    pub own_side: Side,
    /// This wallet's account.
    pub own_account: AccountId,
    /// This wallet's channel key.
    pub own_key: ChannelKey,
    /// Finalized deposits, and the highest vouchers that were signed and accepted.
    pub position: Position,
    /// When the contract last showed it open with no close requested, in a finalized block.
    pub seen_open: Option<Timestamp>,
    /// The deadline of a cooperative close that this wallet signed, or may have signed before it was restored.
    pub close_signed_until: Option<Timestamp>,
    /// How long before the last moment a voucher is to be handed in.
    pub margin: Seconds,
}

/// A voucher that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedVoucher {
    /// What it pays on top of what was accepted before.
    pub amount: Amount,
    /// What of that nobody asked for: the counterparty paid more than the request.
    pub excess: Amount,
    /// The highest cumulative now.
    pub cumulative: Amount,
    /// What the counterparty could still send.
    pub left: Amount,
    /// By when it is to be handed in: then it is guaranteed.
    pub hand_in_by: Timestamp,
}

/// Why a voucher does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VoucherRefusal {
    /// The channel is not one to take vouchers on.
    #[error("the channel's terms: {0}")]
    Terms(InvalidTerms),
    /// The counterparty cannot pay through this channel: it is one-way, the other way.
    #[error("the counterparty cannot pay through this one-way channel")]
    WrongDirection,
    /// This wallet never saw the channel open in a finalized block, or saw it closing.
    #[error("the channel is not known to be open")]
    NotSeenOpen,
    /// A cooperative close is signed and may still come.
    #[error("a close was signed that counts until {deadline}")]
    CloseSigned {
        /// Vouchers count again when the channel is seen open after it.
        deadline: Timestamp,
    },
    /// The time to hand it in has passed: sync first.
    #[error("vouchers of this channel had to be handed in by {hand_in_by}")]
    TooLate {
        /// The date that has passed.
        hand_in_by: Timestamp,
    },
    /// The voucher is of another channel.
    #[error("the voucher is of another channel")]
    OtherChannel,
    /// Nobody can have signed it.
    #[error("the voucher's signature: {0}")]
    Signature(SignatureError),
    /// Its signer is not the counterparty's key.
    #[error("the voucher is signed by {signer}, not by the counterparty")]
    NotTheCounterparty {
        /// Who signed it.
        signer: ChannelKey,
    },
    /// It does not add what was asked for to what was accepted before.
    #[error("the voucher reaches {cumulative}; {needed} was needed")]
    TooLow {
        /// What it reaches.
        cumulative: Amount,
        /// What it should.
        needed: Amount,
    },
    /// The counterparty does not have that much in the channel.
    #[error("the voucher is {short} more than the counterparty has in the channel")]
    Overdrawn {
        /// What is missing.
        short: Amount,
    },
}

impl VoucherRefusal {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Terms(_) => "channel_terms",
            Self::WrongDirection => "channel_wrong_direction",
            Self::NotSeenOpen => "channel_not_seen_open",
            Self::CloseSigned { .. } => "channel_close_signed",
            Self::TooLate { .. } => "channel_too_late",
            Self::OtherChannel => "voucher_other_channel",
            Self::Signature(_) => "voucher_signature",
            Self::NotTheCounterparty { .. } => "voucher_not_the_counterparty",
            Self::TooLow { .. } => "voucher_too_low",
            Self::Overdrawn { .. } => "voucher_overdrawn",
        }
    }

    /// Whether the same voucher can count later, after a sync.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::NotSeenOpen
                | Self::CloseSigned { .. }
                | Self::TooLate { .. }
                | Self::Overdrawn { .. }
        )
    }
}

/// Whether a voucher that should pay `asked` counts (zero takes whatever it adds, if that is something).
///
/// `now` is the highest time that this wallet has ever seen.
///
/// # Errors
///
/// The first reason why it does not count.
pub fn accept_voucher(
    view: &ChannelView<'_>,
    voucher: &Voucher,
    signature: &Signature,
    asked: Amount,
    now: Timestamp,
) -> Result<AcceptedVoucher, VoucherRefusal> {
    let payer = view.own_side.other();
    view.terms
        .check_own_side(
            view.own_side,
            view.own_account,
            view.own_key,
            view.parameters,
        )
        .map_err(VoucherRefusal::Terms)?;
    if payer == Side::B && view.terms.is_one_way() {
        return Err(VoucherRefusal::WrongDirection);
    }
    let hand_in_by = hand_in_date(view, now)?;
    if voucher.channel != view.terms.id(view.domain) {
        return Err(VoucherRefusal::OtherChannel);
    }
    let signer = voucher
        .recover(view.domain, signature)
        .map_err(VoucherRefusal::Signature)?;
    if signer != view.terms.key(payer) {
        return Err(VoucherRefusal::NotTheCounterparty { signer });
    }
    weigh(view.position, payer, voucher.cumulative, asked, hand_in_by)
}

fn hand_in_date(view: &ChannelView<'_>, now: Timestamp) -> Result<Timestamp, VoucherRefusal> {
    let seen_open = view.seen_open.ok_or(VoucherRefusal::NotSeenOpen)?;
    // Not the wallet's clock but a finalized block must have passed the deadline: only then no close can come any more.
    if let Some(deadline) = view
        .close_signed_until
        .filter(|deadline| seen_open <= *deadline)
    {
        return Err(VoucherRefusal::CloseSigned { deadline });
    }
    let hand_in_by = seen_open
        .saturating_add(view.terms.close_delay)
        .saturating_sub(view.margin);
    if now >= hand_in_by {
        return Err(VoucherRefusal::TooLate { hand_in_by });
    }
    Ok(hand_in_by)
}

/// What the voucher adds, and whether the counterparty has it.
fn weigh(
    position: Position,
    payer: Side,
    cumulative: Amount,
    asked: Amount,
    hand_in_by: Timestamp,
) -> Result<AcceptedVoucher, VoucherRefusal> {
    let before = match payer {
        Side::A => position.from_a,
        Side::B => position.from_b,
    };
    let least = asked.max(Amount::from_u64(1));
    let needed = before.checked_add(least).unwrap_or(Amount::MAX);
    let amount = cumulative.saturating_sub(before);
    if amount < least {
        return Err(VoucherRefusal::TooLow { cumulative, needed });
    }
    let has = position.balance(payer).unwrap_or(Amount::ZERO);
    let left = has.checked_sub(amount).ok_or(VoucherRefusal::Overdrawn {
        short: amount.saturating_sub(has),
    })?;
    let excess = if asked.is_zero() {
        Amount::ZERO
    } else {
        amount.saturating_sub(asked)
    };
    Ok(AcceptedVoucher {
        amount,
        excess,
        cumulative,
        left,
        hand_in_by,
    })
}

#[cfg(test)]
mod tests;

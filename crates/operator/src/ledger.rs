//! The books: double entry, of everything that the contract holds and of what hosted payers have promised.
//!
//! A [`Movement`] takes an amount from one account and gives it to another, in one row: books made of movements balance
//! by construction, and a reorg is a movement back. What the chain tells becomes movements in `fact`; what hosted
//! payers sign is kept beside it, on accounts of its own, until it is settled.

use core::{fmt, str::FromStr};

use offpay_protocol::{AccountId, Amount, ChannelId, PurseKey, channel::Side};
use thiserror::Error;

mod books;
pub mod channel;
mod fact;

pub use books::{Books, BooksError, Imbalance, Totals};
pub use fact::Fact;

/// An account of the books. Its text form is stable: it stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// Everything outside the contract. What it owes is what the contract holds.
    Outside,
    /// An account's free money.
    Balance(AccountId),
    /// An account's collateral that is not pledged.
    Collateral(AccountId),
    /// The collateral pledged to a purse.
    Pledge(PurseKey),
    /// What is left of a purse's funds.
    Purse(PurseKey),
    /// What a channel holds.
    Channel(ChannelId),
    /// What a hosted purse has signed and the chain has not settled. Stands against [`Claimed`](Self::Claimed), as a
    /// debt: it is never above zero.
    Promised(PurseKey),
    /// What hosted purses have promised a payee and the chain has not settled.
    Claimed(AccountId),
    /// What an end of a channel has sent by vouchers and the chain has not applied. Stands against [`Due`](Self::Due), as
    /// a debt: it is never above zero.
    Vouched(ChannelId, Side),
    /// What an end of a channel was sent and the chain has not applied.
    Due(ChannelId, Side),
}

impl LedgerAccount {
    /// Whether it can be below zero: it stands for what others owe.
    pub const fn is_contra(self) -> bool {
        matches!(self, Self::Outside | Self::Promised(_) | Self::Vouched(..))
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => f.write_str("outside"),
            Self::Balance(owner) => write!(f, "balance/{owner}"),
            Self::Collateral(owner) => write!(f, "collateral/{owner}"),
            Self::Pledge(purse) => write!(f, "pledge/{purse}"),
            Self::Purse(purse) => write!(f, "purse/{purse}"),
            Self::Channel(channel) => write!(f, "channel/{channel}"),
            Self::Promised(purse) => write!(f, "promised/{purse}"),
            Self::Claimed(payee) => write!(f, "claimed/{payee}"),
            Self::Vouched(channel, side) => write!(f, "vouched/{channel}/{}", side.name()),
            Self::Due(channel, side) => write!(f, "due/{channel}/{}", side.name()),
        }
    }
}

/// The text names no account of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an account of the books")]
pub struct NotAnAccount;

impl FromStr for LedgerAccount {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        fn id<T: FromStr>(text: &str) -> Result<T, NotAnAccount> {
            text.parse().map_err(|_| NotAnAccount)
        }
        fn end(text: &str) -> Result<(ChannelId, Side), NotAnAccount> {
            let (channel, side) = text.split_once('/').ok_or(NotAnAccount)?;
            Ok((id(channel)?, Side::named(side).ok_or(NotAnAccount)?))
        }
        if text == "outside" {
            return Ok(Self::Outside);
        }
        let (kind, name) = text.split_once('/').ok_or(NotAnAccount)?;
        match kind {
            "balance" => id(name).map(Self::Balance),
            "collateral" => id(name).map(Self::Collateral),
            "pledge" => id(name).map(Self::Pledge),
            "purse" => id(name).map(Self::Purse),
            "channel" => id(name).map(Self::Channel),
            "promised" => id(name).map(Self::Promised),
            "claimed" => id(name).map(Self::Claimed),
            "vouched" => end(name).map(|(channel, side)| Self::Vouched(channel, side)),
            "due" => end(name).map(|(channel, side)| Self::Due(channel, side)),
            _ => Err(NotAnAccount),
        }
    }
}

/// An amount that goes from one account to another. Never nothing, and never to where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Movement {
    from: LedgerAccount,
    to: LedgerAccount,
    amount: Amount,
}

impl Movement {
    /// The movement; `None` if nothing moves.
    pub fn new(from: LedgerAccount, to: LedgerAccount, amount: Amount) -> Option<Self> {
        (from != to && !amount.is_zero()).then_some(Self { from, to, amount })
    }

    /// What is debited.
    pub const fn from(&self) -> LedgerAccount {
        self.from
    }

    /// What is credited.
    pub const fn to(&self) -> LedgerAccount {
        self.to
    }

    /// How much.
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// The movement that takes it back.
    #[must_use]
    pub const fn reversed(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            amount: self.amount,
        }
    }
}

#[cfg(test)]
mod tests;

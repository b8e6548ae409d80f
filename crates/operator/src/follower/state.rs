//! The state of what is on the chain, as its events tell it.

use offpay_protocol::{AccountId, Amount, Circle, Timestamp, messages::ChannelTerms};
use serde::{Deserialize, Serialize};

/// The state of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum State {
    /// Of an account.
    Account(AccountState),
    /// Of a purse.
    Purse(PurseState),
    /// Of a purse and a payee.
    Pair(PairState),
    /// Of a payee in a circle.
    Member(MemberState),
    /// Of a circle.
    Circle(CircleState),
    /// Of a channel.
    Channel(ChannelState),
}

/// An account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Free money.
    pub balance: Amount,
    /// Security deposit, pledges included.
    pub collateral: Amount,
    /// The part of the collateral that is pledged to purses.
    pub pledged: Amount,
    /// Since when it has been registered, if it is.
    pub registered_at: Option<Timestamp>,
}

/// A purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurseState {
    /// Whose it is, or was.
    pub owner: AccountId,
    /// Which payees may claim.
    pub circle: Circle,
    /// All money that was ever put in. Once it is closed, what it paid.
    pub funds: Amount,
    /// What was paid out of the funds.
    pub paid: Amount,
    /// Collateral pledged; nothing once it is closed.
    pub pledge: Amount,
    /// How many covers the pledge is divided into.
    pub cover_count: u16,
    /// When it can close, if it began to.
    pub closes_at: Option<Timestamp>,
    /// A double spend was reported.
    pub reported: bool,
    /// Some payee was in default at some time.
    pub defaulted: bool,
    /// A default was not made good in time.
    pub condemned: bool,
    /// Only the tombstone is left.
    pub closed: bool,
    /// What was paid from the pledge.
    pub paid_from_collateral: Amount,
}

/// What passed between a purse and a payee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairState {
    /// What the payee was credited, out of funds, balance or collateral.
    pub paid: Amount,
    /// The highest cumulative that was presented and could not be paid in full at once.
    pub presented: Amount,
    /// Since when the pair is in default, if it is.
    pub in_default_since: Option<Timestamp>,
    /// What of the pledge is reserved for it.
    pub reserved: Amount,
    /// What it had from the pledge.
    pub from_collateral: Amount,
    /// Whether the payee was a member of the circle when it was presented in default.
    pub was_member: bool,
}

/// A payee's place in a circle: a member if `from <= t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberState {
    /// From when on it counts.
    pub from: Timestamp,
    /// When it stops to count, if a dismissal is pending or over.
    pub until: Option<Timestamp>,
}

impl MemberState {
    /// Whether the payee may claim as a member at `now`.
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// A circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircleState {
    /// Members, pending ones, and dismissed ones that still count; 65535 stands for that many or more.
    pub size: u16,
}

/// A channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelState {
    /// Its terms.
    pub terms: ChannelTerms,
    /// What `a` put in; nothing once it is closed.
    pub deposit_a: Amount,
    /// What `b` put in; nothing once it is closed.
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

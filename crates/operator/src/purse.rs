//! A purse as the followed chain has it.

use offpay_protocol::{AccountId, Amount, Circle, PurseKey, Timestamp};

/// A purse as the followed chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPurse {
    /// Its key.
    pub key: PurseKey,
    /// Whose it is.
    pub owner: AccountId,
    /// Which payees may claim.
    pub circle: Circle,
    /// Funds in the newest finalized block: what clearing counts on.
    pub finalized_funds: Amount,
    /// Funds at the head.
    pub funds: Amount,
    /// What was settled out of the funds, at the head.
    pub paid: Amount,
    /// Collateral pledged, at the head.
    pub pledge: Amount,
    /// How many covers the pledge is divided into.
    pub cover_count: u16,
    /// When it can close, if it began to.
    pub closes_at: Option<Timestamp>,
    /// Some payee was in default.
    pub defaulted: bool,
    /// A default was not made good in time.
    pub condemned: bool,
    /// Only the tombstone is left.
    pub closed: bool,
}

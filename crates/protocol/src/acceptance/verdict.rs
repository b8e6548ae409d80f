use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Amount, Circle, Seconds, Timestamp,
    cover::{Parameters, cover},
    messages::Certificate,
};

/// A payee's place in a circle, as its wallet last saw it in a finalized block.
///
/// For circle zero, `from` is when the payee's account was registered, plus the close delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Membership {
    /// From when on it counts.
    pub from: Timestamp,
    /// From when on it no longer counts, if a dismissal is pending.
    pub until: Option<Timestamp>,
    /// The time of that block.
    pub checked_at: Timestamp,
}

/// What a payee with no network knows of the money it was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "verdict",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Verdict {
    /// It is paid whatever anybody else does, if the certificate is true and the payment is handed in in time.
    Guaranteed,
    /// This much of it is paid while at most so many payees claim.
    CoveredUpTo {
        /// How much.
        up_to: Amount,
        /// How many payees can claim before the covers are used up.
        while_at_most: u16,
        /// How many members the circle counted: 65535 stands for that many or more.
        circle_size: u16,
    },
    /// Nothing but the payer's honesty stands behind it.
    NotCovered {
        /// Why.
        why: NotCovered,
    },
}

/// Why a payment is not covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NotCovered {
    /// The purse is of a circle that the owner of this wallet did not choose to join.
    #[error("you did not join the circle {circle}")]
    NotJoined {
        /// The purse's circle.
        circle: Circle,
    },
    /// The membership did not count yet when the wallet last synced.
    #[error("your membership counts from {from} on, and was last checked before")]
    MembershipPending {
        /// From when on it counts.
        from: Timestamp,
    },
    /// A dismissal was pending when the wallet last synced.
    #[error("your membership ends at {until}")]
    DismissalPending {
        /// When it ends.
        until: Timestamp,
    },
    /// The purse may close, or the membership end, before the payment can be handed in.
    #[error("it had to be handed in by {hand_in_by}")]
    TooLate {
        /// The date that has passed.
        hand_in_by: Timestamp,
    },
    /// The pledge is too small for a cover.
    #[error("the purse has no cover")]
    NoCover,
}

/// Where a payee stands with a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// What it may say.
    pub verdict: Verdict,
    /// What of the pledge one payee can claim.
    pub cover: Amount,
    /// By when payments are to be in a finalized block.
    pub hand_in_by: Timestamp,
}

/// By when a payment is to be handed in: `min(as_of, when the membership was checked) + CLOSE_DELAY - margin`, because
/// the purse could have begun to close, or the membership to end, right after.
pub fn hand_in_date(
    as_of: Timestamp,
    membership: Option<&Membership>,
    parameters: &Parameters,
    margin: Seconds,
) -> Timestamp {
    let checked = membership.map_or(as_of, |membership| membership.checked_at.min(as_of));
    checked
        .saturating_add(parameters.close_delay)
        .saturating_sub(margin)
}

/// Where a payee stands that holds `exposure` of a purse's promises unsettled.
pub fn assess(
    certificate: &Certificate,
    membership: Option<&Membership>,
    exposure: Amount,
    parameters: &Parameters,
    margin: Seconds,
    now: Timestamp,
) -> Assessment {
    let penalty = parameters.penalty(certificate.circle);
    let cover = cover(certificate.pledge, penalty, certificate.cover_count);
    let hand_in_by = hand_in_date(certificate.as_of, membership, parameters, margin);
    let verdict = match why_not(certificate, membership, cover, hand_in_by, now) {
        Some(why) => Verdict::NotCovered { why },
        None if is_reserved(certificate) && exposure <= cover => Verdict::Guaranteed,
        None => Verdict::CoveredUpTo {
            up_to: cover,
            while_at_most: certificate.cover_count,
            circle_size: circle_size(certificate),
        },
    };
    Assessment {
        verdict,
        cover,
        hand_in_by,
    }
}

/// Whether there is a cover for every member, so that each is certain. Never in circle zero, which anybody can enter.
fn is_reserved(certificate: &Certificate) -> bool {
    circle_size(certificate) <= certificate.cover_count
}

/// Circle zero is always too large, whatever a certificate says: a cover count ends at 65534.
fn circle_size(certificate: &Certificate) -> u16 {
    if certificate.circle.is_open() {
        u16::MAX
    } else {
        certificate.circle_size
    }
}

fn why_not(
    certificate: &Certificate,
    membership: Option<&Membership>,
    cover: Amount,
    hand_in_by: Timestamp,
    now: Timestamp,
) -> Option<NotCovered> {
    let Some(membership) = membership else {
        return Some(NotCovered::NotJoined {
            circle: certificate.circle,
        });
    };
    if membership.checked_at < membership.from {
        return Some(NotCovered::MembershipPending {
            from: membership.from,
        });
    }
    if let Some(until) = membership.until {
        return Some(NotCovered::DismissalPending { until });
    }
    if now >= hand_in_by {
        return Some(NotCovered::TooLate { hand_in_by });
    }
    cover.is_zero().then_some(NotCovered::NoCover)
}

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    State,
    records::{FinalizedBlock, PurseStanding, SignedPayment},
};

/// Where a payment stands. What is final stays final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Held here, and nowhere else as far as this wallet knows.
    Held,
    /// Handed in, and not yet seen in a finalized block.
    HandedIn {
        /// When.
        at: Timestamp,
    },
    /// The purse could not pay it in full when it was presented.
    InDefault {
        /// Since when.
        since: Timestamp,
    },
    /// Paid, in a finalized block, proven.
    Final(FinalizedBlock),
}

/// How far a payment has come, in the words that people read in their history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// This wallet signed it; the payee may not even have it.
    Signed,
    /// This wallet accepted it, and still has to hand it in.
    Accepted,
    /// An operator recorded it, and settles it.
    Cleared,
    /// A transaction brought it to the chain; the block is not final yet.
    Settled,
    /// Paid, in a finalized block, proven. Through a channel: as good as that.
    Final,
    /// The date by which it was to be handed in has passed, and it was not; or this wallet's purse closed and nobody had
    /// brought it.
    Expired,
    /// The purse could not pay it.
    Defaulted,
}

/// A payment that has to be handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandInDate {
    /// The payment.
    pub id: PaymentId,
    /// By when it is to be in a finalized block.
    pub by: Timestamp,
    /// Whether that has passed.
    pub overdue: bool,
}

/// The newest unsettled payment of a pair, and the pair's earliest deadline.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldPair {
    pub(super) id: PaymentId,
    pub(super) signed: SignedPayment,
    pub(super) cumulative: Amount,
    pub(super) hand_in_by: Timestamp,
}

impl State {
    /// What is held unsettled, by pair.
    pub(super) fn held_pairs(&self) -> BTreeMap<(PurseKey, AccountId), HeldPair> {
        let mut held: BTreeMap<(PurseKey, AccountId), HeldPair> = BTreeMap::new();
        for received in self.unsettled_received() {
            let new = HeldPair {
                id: received.id,
                signed: SignedPayment {
                    payment: received.payment,
                    signature: received.signature,
                },
                cumulative: received.payment.cumulative,
                hand_in_by: received.acceptance.hand_in_by,
            };
            let pair = (received.purse, received.payment.payee);
            held.entry(pair)
                .and_modify(|known| {
                    let by = known.hand_in_by.min(new.hand_in_by);
                    if new.cumulative > known.cumulative {
                        *known = new;
                    }
                    known.hand_in_by = by;
                })
                .or_insert(new);
        }
        held
    }

    /// Where a payment stands, made or received; `None` if this wallet does not know it.
    pub fn standing(&self, id: PaymentId) -> Option<Standing> {
        let records = self.records();
        let (purse, payment) = match records.received.get(&id) {
            Some(received) => (received.purse, received.payment),
            None => records
                .made
                .get(&id)
                .map(|made| (made.purse, made.payment))?,
        };
        let Some(pair) = records.pairs.get(&(purse, payment.payee)) else {
            return Some(Standing::Held);
        };
        if let Some(block) = pair.paid_in(payment.cumulative) {
            return Some(Standing::Final(block));
        }
        if let Some(since) = pair.in_default_since {
            return Some(Standing::InDefault { since });
        }
        let handed_in = pair
            .handed_in
            .filter(|hand_in| hand_in.cumulative >= payment.cumulative);
        Some(
            handed_in.map_or(Standing::Held, |hand_in| Standing::HandedIn {
                at: hand_in.at,
            }),
        )
    }

    /// How far a payment has come; `None` if this wallet does not know it.
    pub fn progress(&self, id: PaymentId, now: Timestamp) -> Option<Progress> {
        let records = self.records();
        let received = records.received.get(&id);
        Some(match self.standing(id)? {
            Standing::Final(_) => Progress::Final,
            Standing::InDefault { .. } => Progress::Defaulted,
            Standing::HandedIn { .. } => {
                let pair = match received {
                    Some(received) => (received.purse, received.payment.payee),
                    None => records
                        .made
                        .get(&id)
                        .map(|made| (made.purse, made.payment.payee))?,
                };
                let handed_in = records.pairs.get(&pair).and_then(|pair| pair.handed_in);
                if handed_in.is_some_and(|hand_in| hand_in.transaction.is_some()) {
                    Progress::Settled
                } else {
                    Progress::Cleared
                }
            }
            Standing::Held => match received {
                None if self.is_of_closed_purse(id) => Progress::Expired,
                None => Progress::Signed,
                Some(received) if self.time(now) >= received.acceptance.hand_in_by => {
                    Progress::Expired
                }
                Some(_) => Progress::Accepted,
            },
        })
    }

    /// A payment of this wallet whose purse is closed: nobody can be paid out of it any more.
    fn is_of_closed_purse(&self, id: PaymentId) -> bool {
        let records = self.records();
        let made = records.made.get(&id);
        let purse = made.and_then(|made| records.purses.get(&made.purse));
        purse.is_some_and(|purse| purse.standing == PurseStanding::Closed)
    }

    /// What has to be handed in, the most urgent first: to be shown, and counted down.
    pub fn hand_in_dates(&self, now: Timestamp) -> Vec<HandInDate> {
        let time = self.time(now);
        let mut dates: Vec<HandInDate> = self
            .unsettled_received()
            .map(|received| {
                let by = received.acceptance.hand_in_by;
                HandInDate {
                    id: received.id,
                    by,
                    overdue: time >= by,
                }
            })
            .collect();
        dates.sort_by_key(|date| (date.by, date.id));
        dates
    }

    pub(super) fn unsettled_received(
        &self,
    ) -> impl Iterator<Item = &crate::records::ReceivedPayment> {
        self.index
            .unsettled()
            .filter_map(|id| self.records().received.get(&id))
    }
}

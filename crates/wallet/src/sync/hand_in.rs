//! What is to be handed in, and in which order.

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, PurseKey, Seconds, Timestamp, channel::Side};

use super::Task;
use crate::{
    State,
    records::{Channel, ChannelStanding, SignedPayment, SignedVoucher},
};

/// How long a payment that was handed in may take to become final before it is handed in again.
pub const HAND_IN_AGAIN_AFTER: Seconds = Seconds::HOUR;

impl State {
    /// Payments and vouchers that are held and not handed in yet, the oldest deadline first; then own payments that the
    /// payees may not have handed in.
    pub(super) fn hand_ins(&self, time: Timestamp) -> Vec<Task> {
        let mut dated: Vec<(Timestamp, Task)> = Vec::new();
        for (pair, newest) in self.held_pairs() {
            if newest.cumulative > self.handed_in_lately(pair, time) {
                let signed = newest.signed;
                let (id, by) = (newest.id, newest.hand_in_by);
                let task = Task::HandIn {
                    id,
                    purse: pair.0,
                    signed,
                    by: Some(by),
                };
                dated.push((by, task));
            }
        }
        for channel in self.records().channels.values() {
            if let Some(signed) = self.voucher_to_hand_in(channel) {
                let by = self.voucher_hand_in_by(channel);
                dated.push((
                    by,
                    Task::HandInVoucher {
                        channel: channel.id,
                        signed,
                        by,
                    },
                ));
            }
        }
        dated.sort_by_key(|(by, _)| *by);
        dated
            .into_iter()
            .map(|(_, task)| task)
            .chain(self.own_hand_ins(time))
            .collect()
    }

    /// What was handed in and may still become final. What is not final after an hour is handed in again, maybe
    /// elsewhere: an operator that took it may be silent, and settling twice is a no-op.
    fn handed_in_lately(&self, pair: (PurseKey, AccountId), time: Timestamp) -> Amount {
        let handed_in = self
            .records()
            .pairs
            .get(&pair)
            .and_then(|pair| pair.handed_in);
        handed_in
            .filter(|hand_in| time < hand_in.at.saturating_add(HAND_IN_AGAIN_AFTER))
            .map_or(Amount::ZERO, |hand_in| hand_in.cumulative)
    }

    /// Own payments: handing them in helps the payees, and clears the purse.
    fn own_hand_ins(&self, time: Timestamp) -> impl Iterator<Item = Task> {
        let mut newest = BTreeMap::new();
        for made in self.records().made.values() {
            let pair = (made.purse, made.payment.payee);
            let done = self
                .handed_in_lately(pair, time)
                .max(self.settled(pair.0, pair.1));
            let known_purse = self.records().purses.contains_key(&made.purse);
            if !known_purse || made.payment.cumulative <= done {
                continue;
            }
            let entry = newest.entry(pair).or_insert(made);
            if made.payment.cumulative > entry.payment.cumulative {
                *entry = made;
            }
        }
        newest.into_values().map(|made| Task::HandIn {
            id: made.id,
            purse: made.purse,
            signed: SignedPayment {
                payment: made.payment,
                signature: made.signature,
            },
            by: None,
        })
    }

    /// A one-way channel's voucher is claimed at any time; a two-way channel's counts at its close, and presenting it
    /// before needs one to be running.
    fn voucher_to_hand_in(&self, channel: &Channel) -> Option<SignedVoucher> {
        let newest = channel.newest_received?;
        let side = channel.side(self.account())?;
        let counts = match channel.standing {
            ChannelStanding::Closing { .. } => true,
            ChannelStanding::Open => side == Side::B && channel.terms.is_one_way(),
            ChannelStanding::Proposed | ChannelStanding::Closed => false,
        };
        (counts && newest.voucher.cumulative > channel.handed_in).then_some(newest)
    }
}

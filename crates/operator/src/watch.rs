//! The watchtower: what it does for parties of channels that are offline.

use offpay_protocol::{
    ChannelId, Signed, Timestamp,
    channel::Side,
    messages::{ChannelTerms, Voucher},
};

use crate::follower::ChannelState;

/// A channel that was handed over: its terms, and the newest voucher of each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its id.
    pub channel: ChannelId,
    /// Its terms.
    pub terms: ChannelTerms,
    /// What `a` signed.
    pub by_a: Option<Signed<Voucher>>,
    /// What `b` signed.
    pub by_b: Option<Signed<Voucher>>,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A voucher of a one-way channel is claimed.
    Claim(Signed<Voucher>),
    /// A voucher of a two-way channel is presented.
    Present(Side, Signed<Voucher>),
    /// Its time has come, and everything was shown.
    Finalize,
}

impl Watched {
    /// Keeps the newer voucher of each side.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for (kept, new) in [(&mut self.by_a, &other.by_a), (&mut self.by_b, &other.by_b)] {
            let newest = |voucher: &Option<Signed<Voucher>>| voucher.map(|v| v.message.cumulative);
            if newest(new) > newest(kept) {
                *kept = *new;
            }
        }
        self
    }

    /// What a channel that is closing is answered with. Nothing while nobody closes it: vouchers keep until then.
    pub fn answers(&self, state: &ChannelState, now: Timestamp) -> Vec<Answer> {
        let Some(closes_at) = state.closes_at.filter(|_| !state.closed) else {
            return Vec::new();
        };
        let mut answers = Vec::new();
        if self.terms.is_one_way() {
            let new = self
                .by_a
                .filter(|v| v.message.cumulative.min(state.deposit_a) > state.from_a);
            answers.extend(new.map(Answer::Claim));
        } else {
            let new = self.by_a.filter(|v| v.message.cumulative > state.from_a);
            answers.extend(new.map(|v| Answer::Present(Side::A, v)));
            let new = self.by_b.filter(|v| v.message.cumulative > state.from_b);
            answers.extend(new.map(|v| Answer::Present(Side::B, v)));
        }
        if answers.is_empty() && closes_at <= now {
            answers.push(Answer::Finalize);
        }
        answers
    }
}

//! The watchtower: the server's own rules of what is kept and what is answered.

use offpay_operator::{
    follower::ChannelState,
    watch::{Answer, Watched},
};

use super::Operator;
use crate::{
    chain::Chain,
    channel::{finish, show},
};

impl Operator {
    /// Takes what somebody hands over.
    pub fn watch(&mut self, new: Watched) {
        let kept = self.watched.entry(new.channel).or_insert(new);
        *kept = kept.with(&new);
    }

    /// Answers channels that are closing, as the head says.
    pub fn guard(&self, chain: &mut Chain) {
        if self.is_down || self.is_asleep {
            return;
        }
        let head = chain.at_head().time();
        for watched in self.watched.values() {
            let state = chain.at_head().channel(watched.channel);
            let state = ChannelState {
                terms: watched.terms,
                deposit_a: state.deposit_a,
                deposit_b: state.deposit_b,
                from_a: state.from_a,
                from_b: state.from_b,
                closes_at: state.closes_at,
                closed: state.closed,
            };
            for answer in watched.answers(&state, head) {
                match answer {
                    Answer::Claim(voucher) | Answer::Present(_, voucher) => {
                        show(chain, self.account(), &watched.terms, &voucher);
                    }
                    Answer::Finalize => finish(chain, self.account(), &watched.terms),
                }
            }
        }
    }
}

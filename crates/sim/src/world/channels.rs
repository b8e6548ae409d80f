//! Channels: opening them, and what their ends and the watchtower do while there is a network.

use offpay_chain::bindings::OffPay;
use offpay_operator::watch::Watched;
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Nonce, Signed,
    channel::Side,
    messages::{ChannelTerms, Voucher},
};
use offpay_wallet::{
    channel::ChannelProposal,
    records::{ChannelStanding, SignedVoucher},
    sync::Answer,
};

use super::{World, acts::one_of, duties::EARLY};
use crate::{
    chain::Chain,
    channel::{Channel, End, MONEY, Plan, Planned, SIDES, finish, request_close, show},
    failure::Failure,
    operator::uint96,
};

impl World {
    /// Everybody of the plan brings money, agrees on terms, and puts in what was planned.
    pub(super) fn open_channels(&mut self, plan: &Plan) -> Result<(), Failure> {
        let mut paid_in = Vec::new();
        for planned in &plan.channels {
            let ends = self.ends(planned);
            let terms = self
                .agree(ends, planned)
                .map_err(|error| Failure::new("set-up", error))?;
            for end in ends {
                let account = self.account_of(end);
                if !paid_in.contains(&account) {
                    self.chain.fund(account, MONEY);
                    let amount = uint96(Amount::from_u64(MONEY));
                    self.chain
                        .send_now(account, &OffPay::depositCall { amount });
                    paid_in.push(account);
                }
            }
            let channel = Channel::new(terms, ends, &self.chain);
            for (side, deposit) in SIDES.into_iter().zip(planned.deposits) {
                let terms = (&terms).into();
                let amount = uint96(Amount::from_u64(deposit));
                let account = self.account_of(channel.end(side));
                let outcome = match side {
                    Side::A => {
                        let deposit_ = amount;
                        let call = OffPay::openChannelCall { terms, deposit_ };
                        self.chain.send_now(account, &call)
                    }
                    Side::B if deposit == 0 => continue,
                    Side::B => {
                        let call = OffPay::fundChannelCall { terms, amount };
                        self.chain.send_now(account, &call)
                    }
                };
                if !outcome.is_done() {
                    return Err(Failure::new("set-up", format!("a channel: {outcome:?}")));
                }
            }
            self.channels.push(channel);
        }
        Ok(())
    }

    fn ends(&self, planned: &Planned) -> [End; 2] {
        let payees = self.people.len().saturating_sub(self.payers);
        let payer = one_of(planned.people[0], self.payers).unwrap_or(0);
        let payee = one_of(planned.people[1], payees).unwrap_or(0);
        let places = [payer, self.payers.saturating_add(payee)];
        [0, 1].map(|side: usize| match planned.honest[side] {
            true => End::Person {
                place: places[side],
                is_guarded: planned.guarded[side],
            },
            false => End::Rogue,
        })
    }

    /// The account at an end.
    pub(crate) fn account_of(&self, end: End) -> AccountId {
        match end {
            End::Person { place, .. } => self.people[place].account,
            End::Rogue => self.rogue.account,
        }
    }

    /// Terms that both ends know, with a key of each.
    fn agree(&mut self, [a, b]: [End; 2], planned: &Planned) -> Result<ChannelTerms, String> {
        let now = self.now;
        let key_b = match b {
            _ if planned.is_one_way => None,
            End::Rogue => Some(self.rogue.channel_key()),
            End::Person { place, .. } => {
                let entropy = self.random.entropy();
                let person = &mut self.people[place];
                let clock = person.clock(now);
                let made = person.act(now, |wallet| wallet.prepare_channel_key(&entropy, clock));
                Some(made.map_err(|error| error.to_string())?.into_inner().key)
            }
        };
        let counterparty = self.account_of(b);
        let terms = match a {
            End::Rogue => ChannelTerms {
                a: self.rogue.account,
                b: counterparty,
                key_a: self.rogue.channel_key(),
                key_b: key_b.unwrap_or(ChannelKey::ZERO),
                close_delay: planned.close_delay,
                salt: Nonce::new(self.random.bytes().into()),
            },
            End::Person { place, .. } => {
                let proposal = ChannelProposal {
                    counterparty,
                    counterparty_key: key_b,
                    close_delay: Some(planned.close_delay),
                };
                let entropy = self.random.entropy();
                let person = &mut self.people[place];
                let clock = person.clock(now);
                let proposed = person.act(now, |wallet| {
                    wallet.propose_channel(&proposal, &entropy, clock)
                });
                proposed.map_err(|error| error.to_string())?.into_inner()
            }
        };
        if let End::Person { place, .. } = b {
            let person = &mut self.people[place];
            let clock = person.clock(now);
            person
                .act(now, |wallet| wallet.join_channel(terms, clock))
                .map_err(|error| error.to_string())?;
        }
        Ok(terms)
    }

    pub(super) fn terms_of(&self, id: ChannelId) -> Option<ChannelTerms> {
        let found = self.channels.iter().find(|channel| channel.id == id);
        found.map(|channel| channel.terms)
    }

    pub(super) fn read_channel(&self, channel: ChannelId, behind: usize) -> Answer {
        let view = self.chain.at_finalized(behind);
        let is_known = view.knows_channel(channel);
        Answer::Channel {
            channel,
            on_chain: is_known.then(|| view.channel(channel)),
            at: self.chain.finalized(behind),
        }
    }

    /// A wallet's newest voucher is brought to the chain, unless that is the watchtower's work and it is there.
    pub(super) fn hand_in_voucher(&mut self, place: usize, id: ChannelId, signed: &SignedVoucher) {
        let Some(channel) = self.channels.iter().find(|channel| channel.id == id) else {
            return;
        };
        if channel.is_guarded(place) && !self.operator.is_down {
            return;
        }
        let voucher = on(&self.chain, signed);
        let account = self.people[place].account;
        show(&mut self.chain, account, &channel.terms, &voucher);
    }

    pub(super) fn finish_channel(&mut self, from: AccountId, id: ChannelId) {
        if let Some(terms) = self.terms_of(id) {
            finish(&mut self.chain, from, &terms);
        }
    }

    /// Whoever leaves closes to the watchtower hands over the newest voucher of the other side.
    pub(super) fn hand_to_tower(&mut self, place: usize) {
        if self.operator.is_down {
            return;
        }
        for channel in &self.channels {
            let known = self.people[place].wallet().state().records();
            let known = known.channels.get(&channel.id);
            let newest = known.and_then(|known| known.newest_received);
            let (Some(side), Some(newest)) = (channel.side_of(place), newest) else {
                continue;
            };
            if !channel.is_guarded(place) {
                continue;
            }
            let voucher = Some(on(&self.chain, &newest));
            let (by_a, by_b) = match side {
                Side::A => (None, voucher),
                Side::B => (voucher, None),
            };
            self.operator.watch(Watched {
                channel: channel.id,
                terms: channel.terms,
                by_a,
                by_b,
            });
        }
    }

    /// Somebody holds a voucher whose date has come, or of a channel that is closing and that no watchtower answers.
    pub(super) fn must_answer(&self, place: usize) -> bool {
        let wallet = self.people[place].wallet();
        let soon = self.now.saturating_add(EARLY);
        let mut channels = self.channels.iter();
        channels.any(|channel| {
            let known = wallet.state().records().channels.get(&channel.id);
            let Some(known) = known.filter(|_| channel.side_of(place).is_some()) else {
                return false;
            };
            let Some(newest) = known.newest_received else {
                return false;
            };
            if newest.voucher.cumulative <= known.handed_in {
                return false;
            }
            match known.standing {
                ChannelStanding::Open => wallet.state().voucher_hand_in_by(known).get() <= soon,
                ChannelStanding::Closing { closes_at } => {
                    let is_left = channel.is_guarded(place) && !self.operator.is_down;
                    // What a claim cannot raise any more, and what was finished since, is not shown again.
                    let on_chain = self.chain.at_finalized(0).channel(channel.id);
                    let has_all =
                        channel.terms.is_one_way() && on_chain.from_a >= on_chain.deposit_a;
                    !is_left && !has_all && !on_chain.closed && closes_at.get() > self.now
                }
                ChannelStanding::Proposed | ChannelStanding::Closed => false,
            }
        })
    }

    /// Every channel that is still open begins to close, and what can be finished is finished, whoever lost its phone.
    pub(super) fn close_channels(&mut self) {
        for channel in &self.channels {
            let state = self.chain.at_head().channel(channel.id);
            if state.closed {
                continue;
            }
            let honest = channel.ends.iter().find(|end| **end != End::Rogue);
            let from = honest.map_or(self.rogue.account, |end| self.account_of(*end));
            match state.closes_at {
                None => request_close(&mut self.chain, from, &channel.terms),
                Some(closes_at) if closes_at.get() <= self.now => {
                    finish(&mut self.chain, from, &channel.terms);
                }
                Some(_) => {}
            }
        }
    }
}

/// A voucher with what it was signed for.
pub(super) fn on(chain: &Chain, signed: &SignedVoucher) -> Signed<Voucher> {
    Signed {
        domain: chain.domain(),
        message: signed.voucher,
        signature: signed.signature,
    }
}

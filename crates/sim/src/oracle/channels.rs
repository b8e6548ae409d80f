//! What may become of money in channels.

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, ChannelId, Timestamp, channel::Side};
use offpay_wallet::sync::ChannelOnChain;

use crate::{
    channel::{Channel, End, MONEY, SIDES, at},
    failure::{Failure, holds},
    world::World,
};

/// What is remembered between looks.
#[derive(Debug, Default)]
pub(super) struct Channels {
    /// Each channel as a final block had it, and when.
    finals: BTreeMap<ChannelId, (ChannelOnChain, Timestamp)>,
    /// What each side had put in, in the last final block in which it was open.
    deposits: BTreeMap<ChannelId, [Amount; 2]>,
}

/// What channels did to somebody's money.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    brought: i128,
    least: i128,
    most: i128,
}

impl Moved {
    /// Whether whoever began with so much, and brought more for channels, can have so much now.
    pub(super) fn explains(&self, began: u128, has: u128) -> bool {
        let whole = |amount: u128| i128::try_from(amount).unwrap_or(i128::MAX);
        let more = whole(has).saturating_sub(whole(began));
        let moved = more.saturating_sub(self.brought);
        (self.least..=self.most).contains(&moved)
    }
}

/// What a side has sent, as the contract says.
const fn from(state: &ChannelOnChain, side: Side) -> Amount {
    match side {
        Side::A => state.from_a,
        Side::B => state.from_b,
    }
}

fn signed(amount: Amount) -> i128 {
    i128::try_from(amount.get()).unwrap_or(i128::MAX)
}

impl World {
    /// What the contract owes to those who have channels.
    pub(super) fn owed_in_channels(&self) -> u128 {
        let view = self.chain.at_head();
        let mut owed = 0u128;
        for channel in &self.channels {
            let state = view.channel(channel.id);
            if state.closed {
                continue;
            }
            let deposits = state.deposit_a.get().saturating_add(state.deposit_b.get());
            // Claims of a channel that goes one way are credited at once.
            let claimed = match channel.terms.is_one_way() {
                true => state.from_a.get(),
                false => 0,
            };
            owed = owed.saturating_add(deposits.saturating_sub(claimed));
        }
        owed
    }

    /// Section 7: what counts only grows, nobody sends more than it signed, and no channel closes before its time.
    pub(super) fn check_channels(&mut self) -> Result<(), Failure> {
        let finalized = self.chain.at_finalized(0);
        let head = self.chain.at_head();
        for channel in &self.channels {
            let id = channel.id;
            let state = head.channel(id);
            for side in SIDES {
                let sent = from(&state, side);
                let is_honest = channel.end(side) != End::Rogue;
                holds(
                    "section 7",
                    !is_honest || sent <= channel.sent[at(side)],
                    || {
                        format!(
                            "{id}: {sent} counts of side {side:?}, which signed {}",
                            channel.sent[at(side)]
                        )
                    },
                )?;
            }
            let state = finalized.channel(id);
            if !state.closed {
                let deposits = [state.deposit_a, state.deposit_b];
                self.watch.channels.deposits.insert(id, deposits);
            }
            let seen = (state, finalized.time());
            let Some((before, at)) = self.watch.channels.finals.insert(id, seen) else {
                continue;
            };
            // A close that both have signed says what was sent: nothing has to have been shown, and it needs no time.
            let mut closes = channel.closes.iter();
            let is_signed = state.closed
                && closes
                    .any(|(close, _)| (close.from_a, close.from_b) == (state.from_a, state.from_b));
            for side in SIDES {
                let (was, is) = (from(&before, side), from(&state, side));
                holds("section 7", is >= was || is_signed, || {
                    format!("{id}: {was} of side {side:?} counted, and now {is}")
                })?;
            }
            let asked = at.saturating_add(channel.terms.close_delay);
            let due = before.closes_at.unwrap_or(asked);
            let may_close = is_signed || channel.terms.is_one_way() || finalized.time() >= due;
            holds(
                "section 7",
                before.closed || !state.closed || may_close,
                || format!("{id} was closed before {due:?}"),
            )?;
            holds("section 7", state.closed || !before.closed, || {
                format!("{id} was closed, and is open again")
            })?;
        }
        Ok(())
    }

    /// What an account brought for channels and what they moved to it, once they are closed.
    pub(super) fn moved_in_channels(&self, account: AccountId) -> Moved {
        let view = self.chain.at_finalized(0);
        let mut moved = Moved::default();
        for channel in &self.channels {
            let state = view.channel(channel.id);
            for side in SIDES {
                if channel.terms.account(side) != account {
                    continue;
                }
                moved.brought = MONEY.into();
                let came = signed(from(&state, side.other()));
                let net = came.saturating_sub(signed(from(&state, side)));
                // Nobody pays more than it put in, whatever it signed.
                let seen = self.watch.channels.deposits.get(&channel.id);
                let bound = |side: Side| match self.may_overdraw(channel, side) {
                    true => signed(seen.map_or(Amount::ZERO, |seen| seen[at(side)])),
                    false => i128::MAX,
                };
                let most = net.max(bound(side).saturating_neg());
                let least = net.min(bound(side.other()));
                moved.most = moved.most.saturating_add(most);
                moved.least = moved.least.saturating_add(least);
            }
        }
        moved
    }

    /// The cheat signs more than it has, and so does who lost vouchers with a phone, after sending on what they brought.
    fn may_overdraw(&self, channel: &Channel, side: Side) -> bool {
        let overdraws = match channel.end(side) {
            End::Rogue => true,
            End::Person { place, .. } => self.people[place].has_come_back,
        };
        overdraws && !channel.terms.is_one_way()
    }

    /// At the end: every channel is closed, and an honest side has no less than its newest vouchers say.
    pub(super) fn check_channels_at_the_end(&self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        for channel in &self.channels {
            let id = channel.id;
            let state = view.channel(id);
            holds("section 7", state.closed, || format!("{id} is not closed"))?;
            for side in SIDES {
                self.check_side(channel, &state, side)?;
            }
        }
        Ok(())
    }

    fn check_side(
        &self,
        channel: &Channel,
        state: &ChannelOnChain,
        side: Side,
    ) -> Result<(), Failure> {
        let End::Person { place, .. } = channel.end(side) else {
            return Ok(());
        };
        let person = &self.people[place];
        // Whoever lost a phone lost the vouchers that were on it.
        if person.has_come_back {
            return Ok(());
        }
        let taken = channel.taken[at(side)];
        let sent = channel.sent[at(side)];
        let came = signed(from(state, side.other()));
        let went = signed(from(state, side));
        let least = signed(taken).saturating_sub(signed(sent));
        holds(
            "a channel pays what was signed",
            came.saturating_sub(went) >= least,
            || {
                format!(
                    "{} was sent {taken} in {} and sent {sent}; {came} and {went} of them count",
                    person.name, channel.id
                )
            },
        )
    }

    /// Promise 6: vouchers that were taken, and those that were shown, are stored.
    pub(super) fn check_durable_in_channels(&self) -> Result<(), Failure> {
        for channel in &self.channels {
            for side in SIDES {
                let End::Person { place, .. } = channel.end(side) else {
                    continue;
                };
                let person = &self.people[place];
                if person.has_come_back {
                    continue;
                }
                let records = person.records();
                let known = records.channels.get(&channel.id);
                let newest = known.and_then(|known| known.newest_received);
                let has = newest.map_or(Amount::ZERO, |newest| newest.voucher.cumulative);
                let taken = channel.taken[at(side)];
                holds("promise 6", has >= taken, || {
                    format!(
                        "{} took a voucher up to {taken}, and has {has}",
                        person.name
                    )
                })?;
                let says = known.map_or(Amount::ZERO, |known| known.sent);
                let sent = channel.sent[at(side)];
                holds("promise 6", says >= sent, || {
                    format!(
                        "{} showed a voucher up to {sent}, and knows {says}",
                        person.name
                    )
                })?;
            }
        }
        Ok(())
    }
}

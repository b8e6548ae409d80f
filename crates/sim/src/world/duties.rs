//! Time passes, and honest people keep the dates that their wallets show.

use super::World;
use crate::failure::Failure;

/// How long before a date somebody who keeps it goes online at the latest.
pub(super) const EARLY: u64 = 4 * 3_600;
const HOUR: u64 = 3_600;
/// How long nobody looks at a clock.
const SLICE: u64 = 1_200;

impl World {
    pub(super) fn wait(&mut self, seconds: u64) -> Result<(), Failure> {
        let until = self.now.saturating_add(seconds);
        while self.now < until {
            self.now = self.now.saturating_add(SLICE).min(until);
            // Blocks come all the time: what was sent an hour ago is final.
            self.operator.guard(&mut self.chain);
            self.mine();
            self.keep_dates()?;
            self.check_what_ran()?;
        }
        Ok(())
    }

    fn keep_dates(&mut self) -> Result<(), Failure> {
        for place in 0..self.people.len() {
            if self.is_due_to_sync(place) {
                self.sync(place, true, 0)?;
            }
            if self.must_hand_in(place) || self.must_make_good(place) || self.must_answer(place) {
                let name = self.people[place].name.clone();
                self.say(format!("{name} keeps a date"));
                // What was sent can be taken back by a reorg until it is final, so nobody leaves before it is.
                self.sync(place, false, 0)?;
                self.mine_final();
                self.sync(place, false, 0)?;
                self.mine_final();
                self.sync(place, false, 0)?;
            }
        }
        Ok(())
    }

    /// People go online now and then, without a reason.
    fn is_due_to_sync(&self, place: usize) -> bool {
        let person = &self.people[place];
        let synced = person.wallet().state().records().synced;
        let last = synced.map_or(0, |block| block.time.get());
        self.now > last.saturating_add(person.offline_for)
    }

    fn must_hand_in(&self, place: usize) -> bool {
        let wallet = self.people[place].wallet();
        let clock = self.people[place].clock(self.now);
        let soon = self.now.saturating_add(EARLY);
        wallet
            .state()
            .hand_in_dates(clock)
            .first()
            .is_some_and(|date| date.by.get() <= soon && self.is_open_still(place))
    }

    /// Whether there is anything left to hand in for: a closed purse pays nobody any more.
    fn is_open_still(&self, place: usize) -> bool {
        let wallet = self.people[place].wallet();
        let clock = self.people[place].clock(self.now);
        let soon = self.now.saturating_add(EARLY);
        let view = self.chain.at_finalized(0);
        let records = wallet.state().records();
        wallet
            .state()
            .hand_in_dates(clock)
            .iter()
            .filter(|date| date.by.get() <= soon)
            .filter_map(|date| records.received.get(&date.id))
            .any(|held| {
                let on_chain = view.purse_on_chain(held.purse);
                on_chain.is_some_and(|purse| !purse.closed)
                    && view
                        .in_default_since(held.purse, held.payment.payee)
                        .is_none()
                    && view.paid_to(held.purse, held.payment.payee) < held.payment.cumulative
            })
    }

    /// A default of an own purse, before its settlement period is over.
    fn must_make_good(&self, place: usize) -> bool {
        let period = self.chain.parameters.settlement_period;
        let soon = self.now.saturating_add(EARLY);
        let view = self.chain.at_finalized(0);
        self.people[place].purses.iter().any(|purse| {
            let state = view.purse(*purse);
            state.pairsInDefault != 0
                && self.payees().into_iter().any(|payee| {
                    view.in_default_since(*purse, payee)
                        .is_some_and(|since| since.saturating_add(period).get() <= soon)
                })
        })
    }

    /// Everybody goes online and does what is to be done, until all that can be over is over.
    ///
    /// # Errors
    ///
    /// A promise that did not hold, on the way or at the end.
    pub fn settle_down(&mut self) -> Result<(), Failure> {
        self.operator.is_down = false;
        self.operator.is_lying = false;
        self.trace.push("everybody goes online".into());
        for round in 0..25 {
            if round >= 2 {
                self.is_ending = true;
                self.retire_purses();
                self.close_channels();
            }
            for place in 0..self.people.len() {
                self.sync(place, false, 0)?;
            }
            self.work();
            self.claim_for_everybody();
            self.present_at_the_last();
            self.mine_final();
            self.wait(12 * HOUR)?;
            self.mine_final();
            self.check()?;
        }
        self.check_at_the_end()
    }

    fn retire_purses(&mut self) {
        for place in 0..self.payers {
            let now = self.now;
            let person = &mut self.people[place];
            let clock = person.clock(now);
            let own: Vec<_> = person
                .wallet()
                .state()
                .records()
                .purses
                .keys()
                .copied()
                .collect();
            for purse in own {
                // A purse that the wallet does not know any more is closed by its recovery.
                let _ = person.act(now, |wallet| wallet.retire_purse(purse, clock));
            }
        }
    }

    /// Defaults of accomplices too: nobody else would ask for theirs, and the purse could not be closed.
    fn claim_for_everybody(&mut self) {
        let view = self.chain.at_finalized(0);
        let period = self.chain.parameters.settlement_period;
        let mut late = Vec::new();
        for purse in self.purses() {
            for payee in self.payees() {
                let since = view.in_default_since(purse, payee);
                if since.is_some_and(|since| self.now > since.saturating_add(period).get()) {
                    late.push((purse, payee));
                }
            }
        }
        let from = self.operator.account();
        for (purse, payee) in late {
            let call = crate::operator::after_settlement_period(purse, payee);
            self.chain.send(from, &call);
        }
        let closing = self.cheat.purse;
        let call = offpay_chain::bindings::OffPay::closePurseCall {
            key: closing.into(),
        };
        self.chain.send(from, &call);
    }
}

//! What may become of pledges: who claims on them, how much and when, and when they are lost.

use std::collections::{BTreeMap, BTreeSet};

use offpay_chain::bindings::OffPay;
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp, cover::cover};

use super::has_conflict;
use crate::{
    chain::units,
    failure::{Failure, holds},
    world::World,
};

/// Every purse, as it is at the head.
type States = [(PurseKey, OffPay::PurseState)];

/// What is remembered between looks.
#[derive(Debug, Default)]
pub(super) struct Pledges {
    /// Of pairs that were seen in default: since when, as far as was seen, and what they had of the pledge.
    defaults: BTreeMap<(PurseKey, AccountId), (Timestamp, Amount)>,
    /// Pairs that were in default in a final block for longer than the settlement period.
    overdue: BTreeSet<(PurseKey, AccountId)>,
    /// Whoever may have counted as a member at some time.
    members: BTreeSet<AccountId>,
    /// When somebody was last seen as a member that nobody dismissed, in a final block.
    stays: BTreeMap<AccountId, Timestamp>,
    /// When somebody was last seen in no list of members, in a final block.
    absent: BTreeMap<AccountId, Timestamp>,
    /// Purses that were stopped, and signed what conflicts.
    proven: BTreeSet<PurseKey>,
    condemned: BTreeSet<PurseKey>,
}

impl Pledges {
    pub(super) fn was_member(&self, payee: AccountId) -> bool {
        self.members.contains(&payee)
    }
}

impl World {
    /// Looks at every pledge.
    pub(super) fn check_pledges(&mut self) -> Result<(), Failure> {
        let view = self.chain.at_head();
        let purses = self.purses().into_iter();
        let states: Vec<_> = purses.map(|purse| (purse, view.purse(purse))).collect();
        self.check_dismissals()?;
        self.check_condemned(&states)?;
        self.check_time_to_make_good(&states)?;
        self.check_claims(&states)?;
        self.check_reports(&states)?;
        self.check_pledged(&states)
    }

    /// Admissions and dismissals count after the close delay, and whoever counts as a member is remembered.
    fn check_dismissals(&mut self) -> Result<(), Failure> {
        let circle = self.setup.terms.circle;
        let view = self.chain.at_head();
        let finalized = self.chain.at_finalized(0);
        for payee in self.payees() {
            if circle.is_open() {
                if view.is_member(circle, payee) {
                    self.watch.pledges.members.insert(payee);
                }
                continue;
            }
            let delay = self.chain.parameters.close_delay;
            let after_delay = |last: &Timestamp| last.saturating_add(delay);
            let pledges = &mut self.watch.pledges;
            let place = view.membership(circle, payee);
            // Whoever is in no list any more was dismissed and taken out of it.
            let until = place.map_or(Some(view.time()), |place| place.until);
            let least = pledges.stays.get(&payee).map(after_delay);
            if let (Some(until), Some(least)) = (until, least) {
                holds("promise 1", until >= least, || {
                    format!(
                        "{payee} was a member until {until:?}, and should be one until {least:?}"
                    )
                })?;
            }
            let least = pledges.absent.get(&payee).map(after_delay);
            if let (Some(place), Some(least)) = (place, least) {
                holds("promise 1", place.from >= least, || {
                    format!(
                        "{payee} is a member from {:?} on, not from {least:?} on",
                        place.from
                    )
                })?;
            }
            if place.is_some_and(|place| place.from <= view.time()) {
                pledges.members.insert(payee);
            }
            let place = finalized.membership(circle, payee);
            if place.is_some_and(|place| place.until.is_none()) {
                pledges.stays.insert(payee, finalized.time());
            } else if place.is_none() {
                pledges.absent.insert(payee, finalized.time());
            }
        }
        Ok(())
    }

    /// Promise 2: whoever is in default has the settlement period, before anything is taken from the pledge. Promise 1:
    /// no purse closes on those whom it owes.
    fn check_time_to_make_good(&mut self, states: &States) -> Result<(), Failure> {
        let view = self.chain.at_head();
        let period = self.chain.parameters.settlement_period;
        for (purse, state) in states {
            let purse = *purse;
            if !state.defaulted {
                continue;
            }
            for payee in self.payees() {
                let since = view.in_default_since(purse, payee);
                holds("promise 1", !state.closed || since.is_none(), || {
                    format!("{purse} was closed while it was in default to {payee}")
                })?;
                let had = units(view.pair(purse, payee).fromCollateral);
                let before = self.watch.pledges.defaults.get(&(purse, payee)).copied();
                if let Some((since, had_before)) = before {
                    let due = since.saturating_add(period);
                    holds("promise 2", had <= had_before || view.time() >= due, || {
                        format!("{payee} had {had} of the pledge of {purse} before {due:?}")
                    })?;
                }
                if let Some(since) = since.or(before.map(|(since, _)| since)) {
                    let defaults = &mut self.watch.pledges.defaults;
                    defaults.insert((purse, payee), (since, had));
                }
            }
        }
        Ok(())
    }

    /// Section 5.3: members claim, and no more than a cover each.
    fn check_claims(&self, states: &States) -> Result<(), Failure> {
        let view = self.chain.at_head();
        for (purse, state) in states {
            let purse = *purse;
            if !state.defaulted || state.closed {
                continue;
            }
            let penalty = self.chain.parameters.penalty(state.circle.into());
            let cover = cover(units(state.pledge), penalty, state.coverCount);
            for payee in self.payees() {
                let pair = view.pair(purse, payee);
                let claims = units(pair.fromCollateral)
                    .checked_add(units(pair.reserved))
                    .unwrap_or(Amount::MAX);
                holds("promise 1", claims <= cover, || {
                    format!("{payee} claims {claims} of {purse}, and a cover is {cover}")
                })?;
                let may = claims.is_zero() || self.watch.pledges.was_member(payee);
                holds("promise 1", may, || {
                    format!("{payee} claims {claims} of {purse} and never was a member")
                })?;
            }
        }
        Ok(())
    }

    /// Promises 2 and 3: a purse is condemned when a default outlasts the settlement period, and only then.
    fn check_condemned(&mut self, states: &States) -> Result<(), Failure> {
        let period = self.chain.parameters.settlement_period;
        let view = self.chain.at_head();
        let finalized = self.chain.at_finalized(0);
        for (purse, state) in states {
            let purse = *purse;
            if !state.defaulted {
                continue;
            }
            if state.condemned && !self.watch.pledges.condemned.contains(&purse) {
                // As it was at the last look: the pair may be in default again since.
                let began = |payee: &AccountId| {
                    let before = self.watch.pledges.defaults.get(&(purse, *payee));
                    before.map(|(since, _)| *since)
                };
                let late = |since: Timestamp| since.saturating_add(period) <= view.time();
                let is_late = self.payees().iter().filter_map(began).any(late);
                holds("promise 2", is_late, || {
                    format!("{purse} is condemned, and no default of it is a period old")
                })?;
                self.watch.pledges.condemned.insert(purse);
            }
            let condemned = finalized.purse(purse).condemned;
            for payee in self.payees() {
                let since = finalized.in_default_since(purse, payee);
                let late = |since: Timestamp| since.saturating_add(period) <= finalized.time();
                if since.is_some_and(late) {
                    self.watch.pledges.overdue.insert((purse, payee));
                } else if self.watch.pledges.overdue.contains(&(purse, payee)) {
                    holds("promise 3", condemned, || {
                        format!("{purse} owed {payee} for too long, and is not condemned")
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Section 6: a purse is stopped by two payments that conflict, and by nothing less.
    fn check_reports(&mut self, states: &States) -> Result<(), Failure> {
        for (purse, state) in states {
            let purse = *purse;
            if self.watch.pledges.proven.contains(&purse) || !state.reported {
                continue;
            }
            let signed = self.payments.iter();
            let signed: Vec<_> = signed
                .filter(|payment| payment.signer().ok() == Some(purse))
                .map(|payment| payment.message)
                .collect();
            holds("section 6", has_conflict(&signed), || {
                format!(
                    "{purse} was stopped as a double spender, and signed nothing that conflicts"
                )
            })?;
            self.watch.pledges.proven.insert(purse);
        }
        Ok(())
    }

    /// What is pledged is there, and belongs to purses that are open.
    fn check_pledged(&self, states: &States) -> Result<(), Failure> {
        let view = self.chain.at_head();
        let mut pledged: BTreeMap<AccountId, u128> = BTreeMap::new();
        for (_, state) in states {
            if state.open {
                let left = units(state.pledge).saturating_sub(units(state.paidFromCollateral));
                let sum = pledged.entry(state.owner.into()).or_default();
                *sum = sum.saturating_add(left.get());
            }
        }
        let payers = self.people.iter().take(self.payers);
        let owners = payers.map(|person| person.account);
        for owner in owners.chain([self.cheat.account]) {
            let security = view.security(owner);
            let expected = pledged.get(&owner).copied().unwrap_or_default();
            let says: u128 = security.pledged.to();
            let has: u128 = security.collateral.to();
            holds("promise 3", says == expected && has >= says, || {
                format!("{owner} has {has} collateral, {says} pledged, and its purses {expected}")
            })?;
        }
        Ok(())
    }

    /// Promise 3: an overspend that is not made good costs the whole pledge, and nobody gets more than there was.
    pub(super) fn check_costs(&self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        let purse = self.cheat.purse;
        let owner = self.cheat.account;
        let state = view.purse(purse);
        holds("5 closing", !state.defaulted || state.closed, || {
            "the cheat's purse is in default and not closed after all that time".into()
        })?;
        let (mut paid, mut from_pledge) = (0u128, 0u128);
        for payee in self.payees() {
            let pair = view.pair(purse, payee);
            paid = paid.saturating_add(view.paid_to(purse, payee).get());
            from_pledge = from_pledge.saturating_add(units(pair.fromCollateral).get());
        }
        let in_purse = match state.open {
            true => units(state.funds).saturating_sub(units(state.paid)).get(),
            false => 0,
        };
        let has = [
            view.wallet(owner).get(),
            view.balance(owner).get(),
            view.security(owner).collateral.to(),
            in_purse,
        ];
        let has = has.into_iter().fold(0u128, u128::saturating_add);
        let terms = &self.setup.terms;
        let lost = match state.condemned && state.closed {
            true => u128::from(terms.pledge),
            false => from_pledge,
        };
        let spent = paid.saturating_sub(from_pledge).saturating_add(lost);
        let began = u128::from(terms.wealth());
        holds("promise 3", has.saturating_add(spent) == began, || {
            format!(
                "the cheat began with {began}, paid {paid} ({from_pledge} of them from its pledge), lost {lost} of the \
                 pledge, and has {has}"
            )
        })
    }
}

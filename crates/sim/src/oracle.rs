//! The promises, looked at after every step and at the end.

use std::collections::BTreeMap;

use offpay_protocol::{
    AccountId, Amount, PurseKey, acceptance::Verdict, conflict::conflict, messages::Payment,
};
use offpay_wallet::{records::StoredCertificate, sync::Standing};

use crate::{
    chain::units,
    failure::{Failure, holds},
    setup::SAVINGS,
    world::{Promise, World},
};

mod channels;
mod pledges;

/// What is remembered between looks.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The last certificate that the cheat got.
    pub(crate) cheats_certificate: Option<StoredCertificate>,
    paid: BTreeMap<(PurseKey, AccountId), Amount>,
    pledges: pledges::Pledges,
    channels: channels::Channels,
    /// How many transactions had run when the pledges were looked at.
    pledges_at: u64,
    looked_at: Option<(u64, u64)>,
}

impl World {
    /// Looks whether every promise holds that can be looked at now.
    ///
    /// # Errors
    ///
    /// The one that does not.
    pub fn check(&mut self) -> Result<(), Failure> {
        self.check_durable()?;
        let head = (self.chain.head_number(), self.chain.executed);
        if self.watch.looked_at == Some(head) {
            return Ok(());
        }
        self.watch.looked_at = Some(head);
        self.check_solvency()?;
        self.check_paid_only_grows()?;
        self.check_pledges()?;
        self.check_channels()?;
        self.check_honest_collateral()?;
        self.check_cleared()?;
        self.check_finals()
    }

    /// Looks at the pledges in the middle of an action, if a transaction ran since the last look.
    pub(crate) fn check_what_ran(&mut self) -> Result<(), Failure> {
        if self.watch.pledges_at == self.chain.executed {
            return Ok(());
        }
        self.watch.pledges_at = self.chain.executed;
        self.check_pledges()
    }

    /// What the contract holds is what it owes.
    fn check_solvency(&self) -> Result<(), Failure> {
        let view = self.chain.at_head();
        let accounts = self
            .people
            .iter()
            .map(|person| person.account)
            .chain(self.cheat.accomplices.iter().copied())
            .chain([
                self.cheat.account,
                self.rogue.account,
                self.chain.treasury,
                self.operator.account(),
            ]);
        let mut owed = 0u128;
        for account in accounts {
            let security = view.security(account);
            owed = owed
                .saturating_add(view.balance(account).get())
                .saturating_add(security.collateral.to::<u128>());
        }
        for purse in self.purses() {
            let state = view.purse(purse);
            if state.open {
                owed =
                    owed.saturating_add(units(state.funds).saturating_sub(units(state.paid)).get());
            }
        }
        owed = owed.saturating_add(self.owed_in_channels());
        let held = view.holdings().get();
        holds("4 solvency", held == owed, || {
            format!("the contract holds {held} and owes {owed}")
        })
    }

    /// What is final stays final, and what was credited only grows.
    fn check_paid_only_grows(&mut self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        for purse in self.purses() {
            for payee in self.payees() {
                let paid = view.paid_to(purse, payee);
                let before = self.watch.paid.insert((purse, payee), paid);
                let before = before.unwrap_or_default();
                holds("5 monotone", paid >= before, || {
                    format!("{payee} had {before} of {purse}, and now {paid}")
                })?;
            }
        }
        Ok(())
    }

    /// Promise 2: an honest payer never loses collateral.
    fn check_honest_collateral(&self) -> Result<(), Failure> {
        let view = self.chain.at_head();
        let expected = self.setup.terms.collateral();
        for person in self.people.iter().take(self.payers) {
            let has: u128 = view.security(person.account).collateral.to();
            holds("promise 2", has == u128::from(expected), || {
                format!("{} has {has} collateral of {expected}", person.name)
            })?;
        }
        Ok(())
    }

    /// The operator never clears two payments that conflict, nor more than there is.
    fn check_cleared(&self) -> Result<(), Failure> {
        for (purse, cleared) in self.operator.cleared() {
            holds("clearing", !has_conflict(cleared), || {
                format!("two cleared payments of {purse} conflict")
            })?;
            let mut promised: BTreeMap<AccountId, Amount> = BTreeMap::new();
            for payment in cleared {
                let most = promised.entry(payment.payee).or_default();
                *most = (*most).max(payment.cumulative);
            }
            let promised = Amount::checked_sum(promised.into_values()).unwrap_or(Amount::MAX);
            let state = self.chain.at_head().purse(purse);
            let funds = units(state.funds);
            holds("clearing", state.closed || promised <= funds, || {
                format!("{promised} was cleared of {funds} in {purse}")
            })?;
        }
        Ok(())
    }

    /// Promise 6: what was shown is stored.
    fn check_durable(&self) -> Result<(), Failure> {
        self.check_durable_in_channels()?;
        for person in &self.people {
            let records = person.records();
            for id in &person.told {
                holds("promise 6", records.received.contains_key(id), || {
                    format!("{} was told of {id} and has it no more", person.name)
                })?;
            }
            for id in &person.shown {
                holds("promise 6", records.made.contains_key(id), || {
                    format!("{} showed {id} and has it no more", person.name)
                })?;
            }
        }
        Ok(())
    }

    /// A wallet calls final only what the chain paid.
    fn check_finals(&self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        for person in self.people.iter().skip(self.payers) {
            let state = person.wallet().state();
            for held in state.records().received.values() {
                if let Some(Standing::Final(_)) = state.standing(held.id) {
                    let paid = view.paid_to(held.purse, held.payment.payee);
                    holds("promise 5", paid >= held.payment.cumulative, || {
                        format!("{} is final for {} and was not paid", held.id, person.name)
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Everything that can be over is over.
    pub(crate) fn check_at_the_end(&self) -> Result<(), Failure> {
        for promise in &self.promises {
            self.check_promise(promise)?;
        }
        self.check_lies()?;
        self.check_costs()?;
        self.check_channels_at_the_end()?;
        self.check_honest_money()?;
        self.check_payees_money()
    }

    /// Promise 1: what was said at the counter came true.
    fn check_promise(&self, promise: &Promise) -> Result<(), Failure> {
        let payee = self.people[promise.payee].account;
        let view = self.chain.at_finalized(0);
        let paid = view.paid_to(promise.purse, payee);
        let settled_before = promise.cumulative.saturating_sub(promise.exposure);
        let covered = settled_before
            .checked_add(promise.cover)
            .unwrap_or(Amount::MAX)
            .min(promise.cumulative);
        let bold = self.plant == Some(crate::plant::Plant::BoldVerdict);
        let what = || {
            format!(
                "{:?}: {} has {paid} of {} (exposure {}, cover {}) from {}",
                promise.verdict,
                self.people[promise.payee].name,
                promise.cumulative,
                promise.exposure,
                promise.cover,
                promise.purse
            )
        };
        match promise.verdict {
            _ if promise.was_lied_to => Ok(()),
            Verdict::Guaranteed => holds("promise 1", paid >= promise.cumulative, what),
            _ if bold => holds("promise 1", paid >= promise.cumulative, what),
            Verdict::CoveredUpTo { while_at_most, .. } => {
                let claimants = self.claimants(promise.purse);
                let few = claimants <= usize::from(while_at_most);
                holds("promise 1", !few || paid >= covered, || {
                    format!("{} ({claimants} claim)", what())
                })
            }
            Verdict::NotCovered { .. } => Ok(()),
        }
    }

    /// How many members of its circle took from a purse's pledge.
    fn claimants(&self, purse: PurseKey) -> usize {
        let view = self.chain.at_finalized(0);
        let claims = |payee: &AccountId| {
            let pair = view.pair(purse, *payee);
            let has_claimed = !pair.fromCollateral.is_zero() || !pair.reserved.is_zero();
            has_claimed && self.watch.pledges.was_member(*payee)
        };
        self.payees().iter().filter(|payee| claims(payee)).count()
    }

    /// Promise 1, the other half: a certificate that finalized blocks contradict is kept as evidence.
    fn check_lies(&self) -> Result<(), Failure> {
        for person in self.people.iter().skip(self.payers) {
            let state = person.wallet().state();
            for held in state.records().received.values() {
                let certificate = &held.certificate.certificate;
                let is_lie = self.lies.contains(&(certificate.purse, certificate.as_of));
                let known = state.records().payers.get(&held.purse);
                let seen_closing = known.is_some_and(|payer| {
                    matches!(
                        payer.standing,
                        offpay_wallet::records::PurseStanding::Closing { .. }
                    ) && payer.seen_at >= certificate.as_of
                });
                holds(
                    "promise 1",
                    !(is_lie && seen_closing)
                        || known.is_some_and(|payer| payer.false_certificate.is_some()),
                    || format!("{} keeps no evidence of a false certificate", person.name),
                )?;
            }
        }
        Ok(())
    }

    /// An honest payer paid what it promised, and nothing else.
    fn check_honest_money(&self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        for person in self.people.iter().take(self.payers) {
            let mut paid = 0u128;
            let mut promised = 0u128;
            for purse in &person.purses {
                let state = view.purse(*purse);
                holds("5 closing", state.closed || !state.open, || {
                    format!("{purse} of {} is not closed", person.name)
                })?;
                for payee in self.payees() {
                    let credited = view.paid_to(*purse, payee).get();
                    let most = self
                        .promised
                        .get(&(*purse, payee))
                        .copied()
                        .unwrap_or_default();
                    holds(
                        "nobody pays more than it promised",
                        credited <= most.get(),
                        || format!("{} paid {credited} and promised {most}", person.name),
                    )?;
                    paid = paid.saturating_add(credited);
                    promised = promised.saturating_add(most.get());
                }
            }
            let terms = &self.setup.terms;
            let began = u128::from(terms.funds.saturating_add(SAVINGS));
            let has = view.balance(person.account).get();
            let moved = self.moved_in_channels(person.account);
            holds(
                "nobody loses money",
                moved.explains(began, has.saturating_add(paid)),
                || {
                    format!(
                        "{} began with {began}, paid {paid}, had {moved:?} of channels, and has {has}",
                        person.name
                    )
                },
            )?;
            holds(
                "nobody signs serials twice",
                person.has_come_back || promised <= self.funds_of(person),
                || format!("{} promised {promised}", person.name),
            )?;
        }
        Ok(())
    }

    /// A payee has what it was credited, and nothing else.
    fn check_payees_money(&self) -> Result<(), Failure> {
        let view = self.chain.at_finalized(0);
        let terms = &self.setup.terms;
        for person in self.people.iter().skip(self.payers) {
            let mut began = match self.setup.is_open_circle {
                true => u128::from(terms.funds.saturating_add(SAVINGS)),
                false => 0,
            };
            for purse in self.purses() {
                began = began.saturating_add(view.paid_to(purse, person.account).get());
            }
            let has = view.balance(person.account).get();
            let moved = self.moved_in_channels(person.account);
            holds("nobody loses money", moved.explains(began, has), || {
                format!(
                    "{} was paid {began}, had {moved:?} of channels, and has {has}",
                    person.name
                )
            })?;
        }
        Ok(())
    }

    fn funds_of(&self, person: &crate::person::Person) -> u128 {
        let added = self.added.get(&person.account).copied().unwrap_or(0);
        u128::from(self.setup.terms.funds)
            .saturating_mul(person.purses.len() as u128)
            .saturating_add(added)
    }
}

fn has_conflict(payments: &[Payment]) -> bool {
    payments.iter().enumerate().any(|(place, one)| {
        payments
            .iter()
            .skip(place.saturating_add(1))
            .any(|other| conflict(one, other).is_some())
    })
}

use offpay_chain::bindings::OffPay;
use offpay_protocol::{Amount, PurseKey};

use super::World;
use crate::{
    action::Action,
    failure::Failure,
    operator::{after_settlement_period, report, settle, uint96},
};

/// One of so many; `None` of none.
pub(super) fn one_of(number: u64, count: usize) -> Option<usize> {
    let place = number.checked_rem(count as u64)?;
    usize::try_from(place).ok()
}

impl World {
    pub(super) fn act(&mut self, action: Action) -> Result<(), Failure> {
        match action {
            Action::Wait { minutes } => return self.wait(minutes.saturating_mul(60)),
            Action::Mine => self.mine(),
            Action::Reorg { depth } => {
                let depth = usize::try_from(depth).unwrap_or(usize::MAX);
                self.chain.reorg(depth, &mut self.random);
            }
            Action::Sell {
                payer,
                payee,
                amount,
                delivery,
                is_online,
            } => return self.sell(payer, payee, amount, delivery, is_online),
            Action::Deliver { letter } => return self.deliver(letter),
            Action::Sync {
                person,
                through_operator,
                behind,
            } => {
                let behind = usize::try_from(behind).unwrap_or(0);
                if let Some(place) = one_of(person, self.people.len()) {
                    return self.sync(place, through_operator, behind);
                }
            }
            Action::Operator { is_down } => self.operator.is_down = is_down,
            Action::Work => self.work(),
            Action::Lie { is_lying } => self.operator.is_lying = is_lying,
            Action::Fault {
                person,
                call,
                fault,
            } => {
                if let Some(place) = one_of(person, self.people.len()) {
                    let now = self.now;
                    self.people[place].plan_fault(call, fault.into(), now);
                }
            }
            Action::Copy { payer } => {
                if let Some(place) = one_of(payer, self.payers) {
                    self.people[place].copy_phone();
                }
            }
            Action::Restore { payer, image } => self.restore(payer, image),
            Action::LosePhone { payer } => return self.lose_phone(payer),
            Action::TopUp { payer, amount } => self.top_up(payer, amount),
            Action::Present { payment } => self.present(payment),
            Action::Claim { payment } => self.claim(payment),
            Action::Overspend {
                payee,
                amount,
                excess,
                delivery,
            } => return self.overspend(payee, amount, excess, delivery),
            Action::Drain { accomplice, amount } => self.drain(accomplice, amount),
            Action::Flee => self.flee(),
            Action::CashIn => self.cheat.cash_in(&mut self.chain),
            Action::Repent => self.repent(),
            Action::Feed { amount } => self.feed(amount),
            Action::Dismiss { payee } => self.dismiss(payee),
            Action::Admit { accomplice } => {
                if let Some(place) = one_of(accomplice, self.cheat.accomplices.len()) {
                    self.admit(self.cheat.accomplices[place]);
                }
            }
            Action::Prune { payee } => self.prune(payee),
            Action::Gas { price } => self.operator.gas_price = price,
            Action::Slander { payment, other } => self.slander(payment, other),
            Action::Channel { channel, step } => return self.in_channel(channel, step),
            Action::Close { purse } => {
                let purses = self.purses();
                if let Some(place) = one_of(purse, purses.len()) {
                    let key = purses[place].into();
                    let from = self.operator.account();
                    self.chain.send(from, &OffPay::closePurseCall { key });
                }
            }
        }
        Ok(())
    }

    pub(super) fn work(&mut self) {
        self.operator.guard(&mut self.chain);
        if !self.operator.is_down {
            self.operator.work(&mut self.chain, self.now);
        }
    }

    fn restore(&mut self, payer: u64, image: u64) {
        let Some(place) = one_of(payer, self.payers) else {
            return;
        };
        if let Some(image) = one_of(image, self.people[place].images.len()) {
            let now = self.now;
            self.people[place].restore_phone(image, now);
        }
    }

    fn lose_phone(&mut self, payer: u64) -> Result<(), Failure> {
        let Some(place) = one_of(payer, self.payers) else {
            return Ok(());
        };
        // Collateral for one more purse is all that a payer has.
        if self.people[place].purses.len() > 1 {
            return Ok(());
        }
        let card = self.operator.card(&self.chain);
        let now = self.now;
        let person = &mut self.people[place];
        person.new_phone(&self.chain, &mut self.random, now);
        person.has_come_back = true;
        person.images.clear();
        // What the lost phone had shown is on no phone any more.
        person.shown.clear();
        let clock = person.clock(now);
        person
            .act(now, |wallet| wallet.trust_operator(&card, clock))
            .map_err(|error| Failure::new("set-up", error.to_string()))
    }

    fn top_up(&mut self, payer: u64, amount: u64) {
        let Some(place) = one_of(payer, self.payers) else {
            return;
        };
        if let Some(purse) = self.people[place].purses.last() {
            let call = top_up(*purse, amount);
            let account = self.people[place].account;
            let added = self.added.entry(account).or_default();
            *added = added.saturating_add(amount.into());
            self.chain.send(account, &call);
        }
    }

    fn present(&mut self, payment: u64) {
        if let Some(place) = one_of(payment, self.payments.len()) {
            let call = settle(&self.payments[place]);
            self.chain.send(self.operator.account(), &call);
        }
    }

    /// Somebody asks for what is reserved, and does not look at the clock: of a pair in default, if there is one.
    fn claim(&mut self, payment: u64) {
        let view = self.chain.at_head();
        let mut pairs = Vec::new();
        for purse in self.purses() {
            if view.purse(purse).pairsInDefault != 0 {
                let payees = self.payees().into_iter();
                let owed = payees.filter(|payee| view.in_default_since(purse, *payee).is_some());
                pairs.extend(owed.map(|payee| (purse, payee)));
            }
        }
        let chosen = match one_of(payment, pairs.len()) {
            Some(place) => pairs.get(place).copied(),
            None => one_of(payment, self.payments.len())
                .and_then(|place| self.payments.get(place))
                .and_then(|signed| Some((signed.signer().ok()?, signed.message.payee))),
        };
        if let Some((purse, payee)) = chosen {
            let call = after_settlement_period(purse, payee);
            self.chain.send(self.operator.account(), &call);
        }
    }

    /// Two payments of one purse are reported, whatever they are.
    fn slander(&mut self, payment: u64, other: u64) {
        let Some(first) =
            one_of(payment, self.payments.len()).and_then(|place| self.payments.get(place))
        else {
            return;
        };
        let purse = first.signer().ok();
        let same = self.payments.iter();
        let same: Vec<_> = same
            .filter(|other| other.signer().ok() == purse && *other != first)
            .collect();
        if let Some(other) = one_of(other, same.len()).and_then(|place| same.get(place)) {
            let call = report(first, other);
            self.chain.send(self.operator.account(), &call);
        }
    }

    fn prune(&mut self, payee: u64) {
        let payees = self.payees();
        if let Some(place) = one_of(payee, payees.len()) {
            let call = OffPay::pruneCall {
                circle: self.setup.terms.circle.into(),
                payee: payees[place].into(),
            };
            self.chain.send(self.operator.account(), &call);
        }
    }

    fn dismiss(&mut self, payee: u64) {
        let payees = self.people.len().saturating_sub(self.payers);
        if let Some(place) = one_of(payee, payees)
            && let Some(person) = self.people.get(self.payers.saturating_add(place))
            && !self.setup.is_open_circle
        {
            let call = OffPay::dismissCall {
                payee: person.account.into(),
            };
            self.chain.send(self.setup.terms.circle, &call);
        }
    }
}

/// The call that adds money to a purse.
pub(super) fn top_up(purse: PurseKey, amount: u64) -> OffPay::topUpPurseCall {
    OffPay::topUpPurseCall {
        key: purse.into(),
        amount: uint96(Amount::from_u64(amount)),
    }
}

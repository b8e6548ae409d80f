use std::collections::BTreeMap;

use offpay_protocol::{
    AccountId, Amount, Circle, PaymentId, PurseKey,
    acceptance::{Deployment, Holdings, Membership},
    messages::Payment,
};

use crate::{
    State,
    records::{Pair, PurseStanding, SignedPayment},
};

/// What this wallet knows of a purse that pays it.
pub(super) struct Known {
    /// Every payment of it that was ever seen, refused ones that prove a double spend included.
    pub(super) seen: Vec<Payment>,
    /// What the accepted ones to this payee add up to.
    pub(super) accepted: Amount,
    /// `paidTo` as it was last proven.
    pub(super) settled: Amount,
    /// It is closing, or was caught, as far as this wallet knows.
    pub(super) revoked: bool,
}

impl State {
    pub(super) fn known_of(&self, purse: PurseKey) -> Known {
        let payee = self.account();
        let received = self
            .index
            .received_from(purse)
            .filter_map(|id| self.records().received.get(&id))
            .map(|received| received.payment);
        let seen: Vec<Payment> = received
            .chain(self.refused(purse).map(|seen| seen.payment))
            .collect();
        let accepted = self
            .index
            .received_from(purse)
            .filter_map(|id| self.records().received.get(&id))
            .filter(|received| received.payment.payee == payee)
            .map(|received| received.payment.amount);
        Known {
            accepted: Amount::checked_sum(accepted).unwrap_or(Amount::MAX),
            settled: self.settled(purse, payee),
            revoked: self.is_revoked(purse),
            seen,
        }
    }

    /// What a pair was credited, as far as it is proven.
    pub fn settled(&self, purse: PurseKey, payee: AccountId) -> Amount {
        self.records()
            .pairs
            .get(&(purse, payee))
            .map_or(Amount::ZERO, Pair::settled)
    }

    /// Whether a purse is closing or was caught, as far as this wallet knows: an operator lists it, the chain showed
    /// it, or this wallet itself holds the proof of a double spend.
    pub fn is_revoked(&self, purse: PurseKey) -> bool {
        let records = self.records();
        let listed = records
            .revocations
            .values()
            .any(|list| list.purses.contains(&purse));
        let closing = records.payers.get(&purse).is_some_and(|payer| {
            matches!(
                payer.standing,
                PurseStanding::Closing { .. } | PurseStanding::Closed
            )
        });
        listed
            || closing
            || records
                .evidence
                .iter()
                .any(|evidence| evidence.purse == purse)
    }

    fn refused(&self, purse: PurseKey) -> impl Iterator<Item = SignedPayment> {
        self.records()
            .evidence
            .iter()
            .filter(move |evidence| evidence.purse == purse)
            .flat_map(|evidence| [evidence.a, evidence.b])
    }

    /// A payment of this purse that was seen before, with its signature.
    pub(super) fn seen_payment(&self, purse: PurseKey, id: PaymentId) -> Option<SignedPayment> {
        if let Some(received) = self.records().received.get(&id) {
            return Some(SignedPayment {
                payment: received.payment,
                signature: received.signature,
            });
        }
        let domain = &self.deployment().domain;
        self.refused(purse)
            .find(|seen| seen.payment.id(domain) == id)
    }

    /// What is held unsettled: in all, and from one payer.
    pub fn holdings(&self, payer: AccountId) -> Holdings {
        let mut exposures = BTreeMap::new();
        let mut holdings = Holdings::default();
        let unsettled = self
            .index
            .unsettled()
            .filter_map(|id| self.records().received.get(&id));
        for received in unsettled {
            holdings.payments = holdings.payments.saturating_add(1);
            let settled = self.settled(received.purse, received.payment.payee);
            let exposure = received.payment.cumulative.saturating_sub(settled);
            let entry = exposures
                .entry((received.purse, received.payment.payee))
                .or_insert((received.payer, Amount::ZERO));
            entry.1 = entry.1.max(exposure);
        }
        let add = |sum: Amount, more| sum.checked_add(more).unwrap_or(Amount::MAX);
        for (owner, exposure) in exposures.into_values() {
            holdings.total = add(holdings.total, exposure);
            if owner == payer {
                holdings.from_payer = add(holdings.from_payer, exposure);
            }
        }
        holdings
    }

    pub(super) fn memberships(&self) -> BTreeMap<Circle, Membership> {
        let joined = self.records().circles.values();
        joined
            .filter_map(|joined| Some((joined.circle, joined.membership?)))
            .collect()
    }

    pub(super) fn acceptance_deployment(&self) -> Deployment<'_> {
        Deployment {
            domain: &self.deployment().domain,
            parameters: &self.deployment().parameters,
            operators: &self.records().trusted,
        }
    }
}

//! The operator: the real rules of clearing and of settling, over what the simulated chain says.

use std::collections::BTreeMap;

use offpay_chain::bindings::OffPay;
use offpay_operator::{
    clearing::{Decision, DoubleSpend, PurseBook, PurseTerms, Seen, decide},
    purse::KnownPurse,
    settlement::{Debt, Policy, plan},
    watch::Watched,
};
use offpay_protocol::{
    AccountId, Amount, ChannelId, PurseKey, Seconds, Signable as _, Signed, SigningKey,
    messages::{Certificate, Payment, Revocations},
    revocations::RevocationList,
    wire::OperatorCard,
};
use offpay_wallet::{records::StoredCertificate, sync::Answer};

use crate::{
    chain::{Chain, timestamp},
    random::Random,
};

mod tower;

#[derive(Debug, Default)]
struct Kept {
    book: PurseBook,
    /// Everything that was seen, with when.
    payments: Vec<(Signed<Payment>, u64)>,
    cleared: Vec<Payment>,
    evidence: Option<DoubleSpend>,
}

/// The operator.
#[derive(Debug)]
pub struct Operator {
    key: SigningKey,
    /// Nobody answers.
    pub is_down: bool,
    /// It says of a purse what the chain does not.
    pub is_lying: bool,
    /// It forgets to look for conflicts: planted.
    pub is_careless: bool,
    /// Its watchtower does not answer: planted.
    pub is_asleep: bool,
    /// What gas costs it, in wei.
    pub gas_price: u64,
    purses: BTreeMap<PurseKey, Kept>,
    /// Channels that were handed over.
    watched: BTreeMap<ChannelId, Watched>,
    number: i64,
    version: u64,
}

impl Operator {
    /// An operator with a new key.
    pub fn new(random: &mut Random) -> Self {
        let key = loop {
            if let Ok(key) = SigningKey::from_bytes(&random.bytes()) {
                break key;
            }
        };
        Self {
            key,
            is_down: false,
            is_lying: false,
            is_careless: false,
            is_asleep: false,
            gas_price: 1,
            purses: BTreeMap::new(),
            watched: BTreeMap::new(),
            number: 0,
            version: 0,
        }
    }

    /// Its account, from which it sends.
    pub fn account(&self) -> AccountId {
        self.key.address().into()
    }

    /// What wallets are told to trust.
    pub fn card(&self, chain: &Chain) -> OperatorCard {
        OperatorCard {
            domain: chain.domain(),
            operator: self.key.address().into(),
            url: "https://operator.example".into(),
            name: "Operator".into(),
        }
    }

    /// A certificate of a purse's terms in the newest final block; `None` if it is not open, or ends.
    pub fn certify(&self, chain: &Chain, purse: PurseKey) -> Option<StoredCertificate> {
        let view = chain.at_finalized(0);
        let terms = view.purse_on_chain(purse)?;
        let stopped = self
            .purses
            .get(&purse)
            .is_some_and(|kept| kept.evidence.is_some());
        let ends = terms.closed || terms.closes_at.is_some() || stopped;
        let is_hidden = self.is_lying && !terms.closed;
        if ends && !is_hidden {
            return None;
        }
        let certificate = Certificate {
            purse,
            owner: terms.owner,
            circle: terms.circle,
            funds: terms.funds,
            pledge: terms.pledge,
            cover_count: terms.cover_count,
            circle_size: view.circle_size(terms.circle),
            as_of: view.time(),
        };
        let signature = certificate.sign(&chain.domain(), &self.key).ok()?;
        Some(StoredCertificate {
            certificate,
            signature,
        })
    }

    /// The list of purses that are closing.
    pub fn revocations(&mut self, chain: &Chain, purses: &[PurseKey]) -> Option<Answer> {
        let view = chain.at_finalized(0);
        let closing = purses.iter().copied().filter(|purse| {
            let stopped = self
                .purses
                .get(purse)
                .is_some_and(|kept| kept.evidence.is_some());
            let on_chain = view.purse_on_chain(*purse);
            stopped || on_chain.is_some_and(|purse| purse.closes_at.is_some() || purse.closed)
        });
        let list = RevocationList::new(closing);
        self.version = self.version.saturating_add(1);
        let statement = Revocations {
            version: self.version,
            digest: list.digest(),
            as_of: view.time(),
        };
        let signature = statement.sign(&chain.domain(), &self.key).ok()?;
        Some(Answer::Revocations {
            list,
            statement,
            signature,
        })
    }

    /// Takes a payment: true if it is recorded and will be presented.
    pub fn clear(&mut self, chain: &Chain, signed: &Signed<Payment>, now: u64) -> bool {
        let Ok(purse) = signed.signer() else {
            return false;
        };
        let known = known_purse(chain, purse);
        let kept = self.purses.entry(purse).or_default();
        let terms = PurseTerms {
            key: purse,
            chain: known.as_ref(),
            stopped: kept.evidence.is_some(),
        };
        let id = signed.message.id(&chain.domain());
        let mut decision = decide(&kept.book, &terms, &signed.message, id);
        if self.is_careless && matches!(decision, Decision::DoubleSpend(_)) {
            decision = Decision::Clear { known: true };
        }
        match decision {
            Decision::Again(_) => true,
            Decision::Clear { known } => {
                self.number = self.number.saturating_add(1);
                let seen = Seen {
                    id,
                    number: Some(self.number),
                };
                kept.book.insert(&signed.message, seen);
                kept.cleared.push(signed.message);
                if !known {
                    kept.payments.push((*signed, now));
                }
                true
            }
            Decision::Keep { known, .. } => {
                if !known {
                    kept.book.insert(&signed.message, Seen { id, number: None });
                    kept.payments.push((*signed, now));
                }
                false
            }
            Decision::DoubleSpend(other) => {
                let first = kept
                    .payments
                    .iter()
                    .find(|(seen, _)| seen.message.id(&chain.domain()) == other.id);
                let at = timestamp(now);
                kept.evidence =
                    first.and_then(|(first, _)| DoubleSpend::new(*first, *signed, at).ok());
                false
            }
            // Its books are whole: they are never opened at a frontier.
            Decision::Refuse(_) | Decision::Unread => false,
        }
    }

    /// What was cleared, by purse.
    pub fn cleared(&self) -> impl Iterator<Item = (PurseKey, &[Payment])> {
        self.purses
            .iter()
            .map(|(purse, kept)| (*purse, kept.cleared.as_slice()))
    }

    /// Sends what is due: batches, reports, and claims whose settlement period is over.
    pub fn work(&self, chain: &mut Chain, now: u64) {
        let me = self.account();
        let mut debts = Vec::new();
        let mut payments = Vec::new();
        for (purse, kept) in &self.purses {
            let view = chain.at_finalized(0);
            let on_chain = view.purse_on_chain(*purse);
            if let Some(evidence) = &kept.evidence
                && on_chain.is_some_and(|purse| purse.closes_at.is_none() && !purse.closed)
            {
                let call = report(&evidence.first, &evidence.second);
                chain.send(me, &call);
            }
            for (payee, (signed, since)) in newest(&kept.payments) {
                let view = chain.at_finalized(0);
                let cumulative = signed.message.cumulative;
                if let Some(began) = view.in_default_since(*purse, payee)
                    && now
                        > began
                            .saturating_add(chain.parameters.settlement_period)
                            .get()
                {
                    chain.send(me, &after_settlement_period(*purse, payee));
                } else if view.paid_to(*purse, payee) < cumulative {
                    debts.push(Debt {
                        purse: *purse,
                        payee,
                        cumulative,
                        since: timestamp(since),
                        is_hosted: false,
                        is_endangered: kept.evidence.is_some(),
                        closes_at: on_chain.and_then(|purse| purse.closes_at),
                    });
                    payments.push(signed);
                }
            }
        }
        let policy = Policy {
            settlement_period: chain.parameters.settlement_period,
            close_delay: chain.parameters.close_delay,
            longest_wait: Seconds::DAY,
            gather: Seconds::HOUR,
            lead: Seconds::HOUR,
            cheap_gas: 10,
            most_rows: 50,
        };
        for batch in plan(&debts, self.gas_price, timestamp(now), &policy).batches {
            let rows = batch.debts.iter().filter_map(|place| payments.get(*place));
            let rows = rows.map(Into::into).collect();
            chain.send(me, &OffPay::settlePaymentsCall { rows });
        }
    }
}

/// The newest payment of each payee, and when the oldest came.
fn newest(payments: &[(Signed<Payment>, u64)]) -> BTreeMap<AccountId, (Signed<Payment>, u64)> {
    let mut newest: BTreeMap<AccountId, (Signed<Payment>, u64)> = BTreeMap::new();
    for (signed, at) in payments {
        let entry = newest.entry(signed.message.payee).or_insert((*signed, *at));
        if signed.message.cumulative > entry.0.message.cumulative {
            entry.0 = *signed;
        }
    }
    newest
}

fn known_purse(chain: &Chain, purse: PurseKey) -> Option<KnownPurse> {
    let finalized = chain.at_finalized(0).purse_on_chain(purse)?;
    let head = chain.at_head();
    let state = head.purse(purse);
    let on_chain = head.purse_on_chain(purse)?;
    Some(KnownPurse {
        key: purse,
        owner: finalized.owner,
        circle: finalized.circle,
        finalized_funds: finalized.funds.min(on_chain.funds),
        funds: on_chain.funds,
        paid: on_chain.paid,
        pledge: on_chain.pledge,
        cover_count: on_chain.cover_count,
        closes_at: on_chain.closes_at,
        defaulted: state.defaulted,
        condemned: state.condemned,
        closed: on_chain.closed,
    })
}

/// Two conflicting payments, for the chain.
pub(crate) fn report(a: &Signed<Payment>, b: &Signed<Payment>) -> OffPay::reportDoubleSpendCall {
    OffPay::reportDoubleSpendCall {
        a: (&a.message).into(),
        sigA: a.signature.to_compact().into(),
        b: (&b.message).into(),
        sigB: b.signature.to_compact().into(),
    }
}

/// One payment, for the chain.
pub(crate) fn settle(signed: &Signed<Payment>) -> OffPay::settlePaymentCall {
    OffPay::settlePaymentCall {
        payment: (&signed.message).into(),
        signature: signed.signature.to_compact().into(),
    }
}

/// A claim, for the chain.
pub(crate) fn after_settlement_period(
    purse: PurseKey,
    payee: AccountId,
) -> OffPay::settlePaymentAfterSettlementPeriodCall {
    OffPay::settlePaymentAfterSettlementPeriodCall {
        key: purse.into(),
        payee: payee.into(),
    }
}

/// An amount in Solidity's words.
pub(crate) fn uint96(amount: Amount) -> alloy::primitives::aliases::U96 {
    alloy::primitives::aliases::U96::saturating_from(amount.get())
}

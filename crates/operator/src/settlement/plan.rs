//! Which debts are due, and how they are put together.

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, PurseKey, Seconds, Timestamp};

/// What a purse owes a payee by the payments that were seen, and the chain has not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debt {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The highest cumulative that can be presented.
    pub cumulative: Amount,
    /// When the oldest payment came that is not settled.
    pub since: Timestamp,
    /// The payer is hosted here: what it signed is settled within the settlement period, always.
    pub is_hosted: bool,
    /// The purse was stopped, or signed what is not cleared: it ends, or promised more than it has. Whoever presents first
    /// is paid.
    pub is_endangered: bool,
    /// When the purse can close, if it began to.
    pub closes_at: Option<Timestamp>,
}

/// When debts are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The contract's settlement period.
    pub settlement_period: Seconds,
    /// The contract's close delay.
    pub close_delay: Seconds,
    /// How long a debt waits at most, whoever owes it.
    pub longest_wait: Seconds,
    /// How long a debt waits for company even if gas is cheap.
    pub gather: Seconds,
    /// How long before its deadline a debt is sent at the latest, but never earlier than half way.
    pub lead: Seconds,
    /// Up to this price of gas, in wei, nothing waits for a cheaper one.
    pub cheap_gas: u64,
    /// The most rows in one transaction.
    pub most_rows: usize,
}

/// Debts that go into one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedBatch {
    /// Which, by their places in what was planned. All for one payee if there are several and `is_packed`.
    pub debts: Vec<usize>,
    /// They are all to one payee.
    pub is_packed: bool,
    /// The nearest of their deadlines.
    pub deadline: Timestamp,
}

/// What is to be done now, and when to plan again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Transactions, the nearest deadline first.
    pub batches: Vec<PlannedBatch>,
    /// When the first of the others has to be sent; `None` if there are no others.
    pub next: Option<Timestamp>,
}

impl Policy {
    /// By when a debt is settled. A purse that was open when its payment came cannot close before a close delay has
    /// passed; a day of that is kept for what can go wrong.
    pub fn deadline(&self, debt: &Debt) -> Timestamp {
        let margin = half(self.close_delay).min(Seconds::DAY);
        let open = Seconds::new(self.close_delay.get().saturating_sub(margin.get()));
        let mut deadline = debt
            .since
            .saturating_add(open.unwrap_or(self.close_delay).min(self.longest_wait));
        if debt.is_hosted {
            deadline = deadline.min(debt.since.saturating_add(self.settlement_period));
        }
        if let Some(closes_at) = debt.closes_at {
            deadline = deadline.min(closes_at.saturating_sub(margin));
        }
        if debt.is_endangered {
            deadline = debt.since;
        }
        deadline.max(debt.since)
    }

    /// By when a debt is sent: the lead before its deadline, or half way if that is later.
    pub fn start_by(&self, debt: &Debt) -> Timestamp {
        let deadline = self.deadline(debt);
        let half_way = debt.since.saturating_add(half(deadline.since(debt.since)));
        deadline.saturating_sub(self.lead).max(half_way)
    }

    /// Whether a debt is sent now.
    fn is_due(&self, debt: &Debt, gas_price: u64, now: Timestamp) -> bool {
        let early = gas_price <= self.cheap_gas && now >= debt.since.saturating_add(self.gather);
        early || now >= self.start_by(debt) || debt.is_endangered
    }
}

fn half(span: Seconds) -> Seconds {
    Seconds::new(span.get() / 2).unwrap_or(Seconds::ZERO)
}

/// Decides what is sent now. A payee's debts that are not due go along with its due ones.
pub fn plan(debts: &[Debt], gas_price: u64, now: Timestamp, policy: &Policy) -> Plan {
    let mut by_payee: BTreeMap<AccountId, Vec<(usize, &Debt)>> = BTreeMap::new();
    for (place, debt) in debts.iter().enumerate() {
        by_payee.entry(debt.payee).or_default().push((place, debt));
    }
    let mut plan = Plan::default();
    let mut single = Vec::new();
    for debts in by_payee.into_values() {
        let due = |(_, debt): &&(usize, &Debt)| policy.is_due(debt, gas_price, now);
        if debts.iter().find(due).is_none() {
            let first = debts.iter().map(|(_, debt)| policy.start_by(debt)).min();
            let early = debts
                .iter()
                .map(|(_, debt)| debt.since.saturating_add(policy.gather))
                .filter(|early| *early > now)
                .min();
            for next in [first, early].into_iter().flatten() {
                plan.next = Some(plan.next.map_or(next, |known: Timestamp| known.min(next)));
            }
        } else if let [one] = debts[..] {
            single.push(one);
        } else {
            put(&mut plan, debts, true, policy);
        }
    }
    put(&mut plan, single, false, policy);
    plan.batches.sort_by_key(|batch| batch.deadline);
    plan
}

/// Puts debts into batches, those with the nearest deadlines together.
fn put(plan: &mut Plan, mut debts: Vec<(usize, &Debt)>, is_packed: bool, policy: &Policy) {
    debts.sort_by_key(|(place, debt)| (policy.deadline(debt), *place));
    for chunk in debts.chunks(policy.most_rows.max(1)) {
        let deadline = chunk.iter().map(|(_, debt)| policy.deadline(debt)).min();
        plan.batches.push(PlannedBatch {
            debts: chunk.iter().map(|(place, _)| *place).collect(),
            is_packed: is_packed && chunk.len() > 1,
            deadline: deadline.unwrap_or(Timestamp::ZERO),
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(seconds: u64) -> Seconds {
        Seconds::new(seconds).unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(1_700_000_000 + seconds).unwrap()
    }

    fn policy() -> Policy {
        Policy {
            settlement_period: Seconds::DAY,
            close_delay: Seconds::days(7),
            longest_wait: Seconds::days(3),
            gather: seconds(60),
            lead: seconds(6 * 3_600),
            cheap_gas: 10,
            most_rows: 4,
        }
    }

    fn debt(payee: u8, since: u64) -> Debt {
        Debt {
            purse: PurseKey::new([1; 20].into()),
            payee: AccountId::new([payee; 20].into()),
            cumulative: 1u64.into(),
            since: at(since),
            is_hosted: false,
            is_endangered: false,
            closes_at: None,
        }
    }

    fn debts() -> impl Strategy<Value = Vec<Debt>> {
        let one = (
            0u8..6,
            0u64..1_000_000,
            any::<bool>(),
            0u8..10,
            proptest::option::of(0u64..2_000_000),
        );
        proptest::collection::vec(
            one.prop_map(|(payee, since, is_hosted, endangered, closes_at)| Debt {
                is_hosted,
                is_endangered: endangered == 0,
                closes_at: closes_at.map(at),
                ..debt(payee, since)
            }),
            0..40,
        )
    }

    proptest! {
        /// O: played on its own clock, whatever gas costs, everything is sent before its deadline, and a hosted
        /// payer's within the settlement period.
        #[test]
        fn nothing_is_ever_later_than_its_deadline(all in debts(), prices in proptest::collection::vec(0u64..20, 1..8)) {
            let policy = policy();
            let mut left = all.clone();
            let mut now = at(0);
            let mut turn = 0;
            while !left.is_empty() {
                // Only what has come by now is known.
                let known: Vec<Debt> = left.iter().filter(|debt| debt.since <= now).copied().collect();
                let plan = plan(&known, prices[turn % prices.len()], now, &policy);
                let mut sent = Vec::new();
                for batch in &plan.batches {
                    prop_assert!(!batch.debts.is_empty() && batch.debts.len() <= policy.most_rows);
                    for place in &batch.debts {
                        let debt = known[*place];
                        prop_assert!(now <= policy.start_by(&debt).max(debt.since), "sent late: {debt:?} at {now:?}");
                        prop_assert!(batch.deadline <= policy.deadline(&debt));
                        if debt.is_hosted {
                            prop_assert!(policy.deadline(&debt) <= debt.since.saturating_add(policy.settlement_period));
                            prop_assert!(policy.start_by(&debt) <= debt.since.saturating_add(seconds(18 * 3_600)));
                        }
                        sent.push(debt);
                    }
                    if batch.is_packed {
                        prop_assert!(batch.debts.iter().all(|place| known[*place].payee == known[batch.debts[0]].payee));
                    }
                }
                let mut places: Vec<_> = plan.batches.iter().flat_map(|batch| batch.debts.clone()).collect();
                places.sort_unstable();
                let count = places.len();
                places.dedup();
                prop_assert_eq!(places.len(), count, "a debt in two batches");
                if let Some(next) = plan.next {
                    prop_assert!(next > now);
                }
                for debt in sent {
                    let place = left.iter().position(|other| *other == debt).unwrap();
                    left.remove(place);
                }
                // On to the next that comes, or to when the plan says.
                let comes = left.iter().map(|debt| debt.since).filter(|since| *since > now).min();
                now = match (plan.next, comes) {
                    (Some(next), Some(comes)) => next.min(comes),
                    (Some(next), None) | (None, Some(next)) => next,
                    (None, None) => break,
                };
                turn += 1;
            }
            prop_assert!(left.is_empty(), "never sent: {left:?}");
        }
    }

    #[test]
    fn cheap_gas_sends_early_and_dear_gas_waits() {
        let all = [debt(1, 0), debt(2, 0)];
        let policy = policy();
        assert!(
            plan(&all, 10, at(59), &policy).batches.is_empty(),
            "it waits for company"
        );
        assert_eq!(plan(&all, 10, at(60), &policy).batches.len(), 1);
        let dear = plan(&all, 11, at(60), &policy);
        assert!(dear.batches.is_empty());
        let sent_by = 3 * 86_400 - 6 * 3_600;
        assert_eq!(dear.next, Some(at(sent_by)));
        assert!(plan(&all, 11, at(sent_by - 1), &policy).batches.is_empty());
        assert_eq!(plan(&all, 11, at(sent_by), &policy).batches.len(), 1);
    }

    #[test]
    fn a_stopped_purse_waits_for_nothing() {
        let stopped = Debt {
            is_endangered: true,
            ..debt(1, 100)
        };
        let plan = plan(&[debt(2, 100), stopped], 1_000, at(100), &policy());
        assert_eq!(plan.batches.len(), 1);
        assert_eq!(plan.batches[0].debts, [1]);
    }

    #[test]
    fn a_payees_debts_go_together_and_too_many_do_not() {
        let mut all = vec![debt(9, 0)];
        all.extend((0..5).map(|_| debt(1, 0)));
        all.push(debt(8, 0));
        let plan = plan(&all, 0, at(60), &policy());
        let mut sizes: Vec<_> = plan
            .batches
            .iter()
            .map(|batch| (batch.is_packed, batch.debts.len()))
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [(false, 1), (false, 2), (true, 4)]);
    }
}

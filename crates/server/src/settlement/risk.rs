//! Which debts may not be paid, and why.

use std::collections::BTreeSet;

use offpay_api::admin_risks::{OwedView, PurseAtRisk};
use offpay_operator::{
    admin::OwedPair,
    purse::KnownPurse,
    settlement::Debt,
    storage::{ChainStorage as _, StorageError},
};
use offpay_protocol::{Amount, Timestamp, cover};

use crate::App;

/// The most payees that are shown of a purse.
const MOST_PAYEES: usize = 20;

/// A purse that owes this much, if any of it is at risk.
pub(crate) async fn of(
    app: &App,
    owed: &[OwedPair],
    now: Timestamp,
) -> Result<Option<PurseAtRisk>, StorageError> {
    let Some(first) = owed.first() else {
        return Ok(None);
    };
    let known = app.database.purse(first.purse).await?;
    let parameters = &app.contract.configuration().parameters;
    let policy = app.config.settlement.policy(parameters);
    let closes_at = known.as_ref().and_then(|known| known.closes_at);
    let due = |pair: &OwedPair| {
        policy.deadline(&Debt {
            purse: pair.purse,
            payee: pair.payee,
            cumulative: pair.cumulative,
            since: pair.since,
            is_hosted: pair.is_hosted,
            is_endangered: pair.is_double_spent,
            closes_at,
        })
    };
    let by = owed.iter().map(due).min().unwrap_or(now);
    let total = owed
        .iter()
        .fold(0_u128, |sum, pair| sum.saturating_add(pair.owed().get()));
    let mut why = reasons(owed, known.as_ref(), total, now > by);
    // The chain knows it before the transaction is final after which settlement looks again.
    let pairs = app.database.pairs_of(first.purse).await?;
    if pairs
        .iter()
        .any(|(_, pair)| pair.in_default_since.is_some())
    {
        why.insert("in_default");
    }
    if why.is_empty() {
        return Ok(None);
    }
    let pledge = known.as_ref().map_or(Amount::ZERO, |known| known.pledge);
    Ok(Some(PurseAtRisk {
        purse: first.purse,
        owner: known.as_ref().map(|known| known.owner),
        hosted: first.is_hosted,
        owed: total.to_string(),
        funds: known.as_ref().map_or(Amount::ZERO, funds),
        pledge,
        cover: known.as_ref().map_or(Amount::ZERO, |known| {
            cover::cover(pledge, parameters.penalty(known.circle), known.cover_count)
        }),
        why: why.into_iter().map(str::to_owned).collect(),
        by,
        closes_at,
        payees: owed
            .iter()
            .take(MOST_PAYEES)
            .map(|pair| OwedView {
                payee: pair.payee,
                owed: pair.owed(),
                since: pair.since,
                by: due(pair),
                why: pair.why.clone(),
                aside_until: pair.aside_until,
                transaction: pair.transaction.map(|number| number.to_string()),
            })
            .collect(),
        payee_count: u64::try_from(owed.len()).unwrap_or(u64::MAX),
    }))
}

/// What is left of the funds that are final.
const fn funds(known: &KnownPurse) -> Amount {
    known.finalized_funds.saturating_sub(known.paid)
}

fn reasons<'a>(
    owed: &'a [OwedPair],
    known: Option<&KnownPurse>,
    total: u128,
    is_late: bool,
) -> BTreeSet<&'a str> {
    // What is paid, and not for good yet, is at no risk but a reorg's.
    let mut why: BTreeSet<&str> = owed
        .iter()
        .filter_map(|pair| pair.why.as_deref())
        .filter(|why| *why != "paid")
        .collect();
    let is_paid = owed
        .iter()
        .all(|pair| pair.why.as_deref().is_some_and(|why| why == "paid"));
    if owed.iter().any(|pair| pair.is_double_spent) {
        why.insert("double_spend");
    }
    match known {
        None => {
            why.insert("no_purse");
        }
        Some(known) => {
            if known.closed {
                why.insert("closed");
            } else if known.closes_at.is_some() {
                why.insert("closing");
            }
            if known.condemned {
                why.insert("condemned");
            }
            // What a transaction of ours has paid and is not final is counted twice here.
            let on_its_way = owed.iter().any(|pair| pair.transaction.is_some());
            if total > funds(known).get() && !on_its_way && !is_paid {
                why.insert("beyond_funds");
            }
        }
    }
    if is_late && !is_paid {
        why.insert("late");
    }
    if is_paid {
        why.remove("closing");
        why.remove("closed");
    }
    why
}

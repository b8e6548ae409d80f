//! After the kill: is every payment there that was acknowledged, and does what proves it prove it?

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use offpay_api::payments::ClearedPayment;
use offpay_operator::storage::clearing::ClearingStorage as _;
use offpay_protocol::{
    PaymentId, PurseKey,
    certificate::TrustedOperators,
    clearance::{RecordedPayment, check_clearance},
};
use offpay_server::keys::Keys;
use offpay_store::operator::Database;

use super::{sign::Payments, tally::Tally, world::World};

/// How many rows are read at once.
const PAGE: u32 = 50_000;

/// How many acknowledged payments none of the databases has.
pub(super) async fn lost_anywhere(
    databases: &[Database],
    payments: &Payments,
    tally: &Tally,
) -> Result<u64> {
    let mut stored = HashSet::new();
    for database in databases {
        stored.extend(stored_after(database, 0).await?);
    }
    missing(&stored, payments, &[tally])
}

/// How many acknowledged payments the database does not have behind the one with the number `last`.
pub(super) async fn lost(
    database: &Database,
    payments: &Payments,
    tallies: &[&Tally],
    last: i64,
) -> Result<u64> {
    let stored = stored_after(database, last).await?;
    missing(&stored, payments, tallies)
}

/// The payments behind the one with the number `last`.
async fn stored_after(
    database: &Database,
    mut last: i64,
) -> Result<HashSet<(PurseKey, PaymentId)>> {
    let mut stored = HashSet::new();
    loop {
        let rows = database.cleared_after(last, PAGE).await?;
        let Some((newest, _)) = rows.last() else {
            break;
        };
        last = *newest;
        stored.extend(rows.iter().map(|(_, row)| (row.purse, row.id)));
    }
    Ok(stored)
}

fn missing(
    stored: &HashSet<(PurseKey, PaymentId)>,
    payments: &Payments,
    tallies: &[&Tally],
) -> Result<u64> {
    let acknowledged = tallies.iter().flat_map(|tally| &tally.acknowledged);
    let mut lost = 0;
    for payment in acknowledged {
        let name = payments.name(*payment).context("no such payment")?;
        lost += u64::from(!stored.contains(&name));
    }
    Ok(lost)
}

/// Checks the answers that were kept, as a payee's wallet does.
pub(super) fn samples(world: &World, payments: &Payments, tallies: &[&Tally]) -> Result<usize> {
    let operator = Keys::read(&world.local.config.keys)?.operator.address();
    let trusted = TrustedOperators::new([operator.into()]);
    let samples = tallies.iter().flat_map(|tally| &tally.samples);
    let mut checked = 0;
    for (payment, answer) in samples {
        let (purse, id) = payments.name(*payment).context("no such payment")?;
        let cleared: ClearedPayment = serde_json::from_slice(answer)?;
        ensure!(
            (cleared.purse, cleared.id) == (purse, id),
            "an answer is about another payment"
        );
        check_clearance(
            RecordedPayment { purse, id },
            &cleared.path,
            &cleared.clearance.message,
            &cleared.clearance.signature,
            &cleared.clearance.domain,
            &trusted,
        )?;
        checked += 1;
    }
    Ok(checked)
}

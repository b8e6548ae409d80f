//! What Prometheus is shown of debts and transactions.

use metrics::gauge;
use offpay_operator::{
    settlement::Debt,
    storage::{OutboxStorage, SettlementStorage},
};

use super::SettlementError;
use crate::{App, config::outbox::seconds};

/// Shows them as they are now.
#[expect(clippy::cast_precision_loss, reason = "a gauge is for looking at")]
pub(super) async fn show(app: &App) -> Result<(), SettlementError> {
    let now = app.now();
    let sums = app.database.debt_sums().await?;
    gauge!("offpay_owed_units").set(sums.owed as f64);
    gauge!("offpay_owed_pairs").set(sums.pairs as f64);
    gauge!("offpay_owed_unsent_units").set(sums.unsent as f64);
    gauge!("offpay_unprotected_units").set(sums.unprotected as f64);

    let policy = app
        .config
        .settlement
        .policy(&app.contract.configuration().parameters);
    let oldest = app.database.open_debts(now, 1).await?;
    let next = oldest.first().map(|debt| {
        policy.deadline(&Debt {
            purse: debt.purse,
            payee: debt.payee,
            cumulative: debt.cumulative,
            since: debt.since,
            is_hosted: debt.is_hosted,
            is_endangered: false,
            closes_at: None,
        })
    });
    // Negative once it is missed; infinite if nothing is owed.
    let left = next.map_or(f64::INFINITY, |deadline| {
        deadline.get() as f64 - now.get() as f64
    });
    gauge!("offpay_next_deadline_seconds").set(left);

    let before = now.saturating_sub(seconds(app.config.outbox.stuck_s));
    let stuck = app.database.unmined(before, 1_000).await?;
    gauge!("offpay_stuck_transactions").set(stuck.len() as f64);
    app.health.set("transactions", stuck.is_empty());
    match app
        .contract
        .node()
        .gas_money(app.outbox.sender().address())
        .await
    {
        Ok(wei) => gauge!("offpay_gas_money_wei").set(f64::from(wei)),
        // The follower tells that the node is gone.
        Err(error) => tracing::debug!(%error, "the gas money is not known"),
    }
    for spent in app.database.gas_spent().await? {
        gauge!("offpay_gas_spent_wei", "purpose" => spent.purpose.name()).set(spent.wei as f64);
    }
    Ok(())
}

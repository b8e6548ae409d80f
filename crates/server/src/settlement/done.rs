//! What came of what was sent: what is paid for good.

use alloy_primitives::U256;
use offpay_chain::BlockId;
use offpay_operator::{outbox::TransactionState, storage::SettlementStorage};
use offpay_protocol::{AccountId, Amount, PurseKey, slot::paid_to_slot};

use super::SettlementError;
use crate::App;

/// The most pairs that are looked at in one turn.
const MOST_DONE: u32 = 1_000;

/// Debts whose transaction is final or failed are open again, less what was paid for good. A row that was skipped, or
/// put a pair into default, is judged anew with the next plan.
pub(super) async fn release(app: &App) -> Result<(), SettlementError> {
    for done in app.database.done_debts(MOST_DONE).await? {
        let paid = paid_for_good(app, done.purse, done.payee).await?;
        app.database
            .record_settled(done.purse, done.payee, paid)
            .await?;
        if done.state == TransactionState::Failed {
            tracing::warn!(purse = %done.purse, payee = %done.payee, "a settlement failed and is planned anew");
        }
    }
    Ok(())
}

/// Somebody else settled it, or it was settled and is not final: notes what is paid for good, if that is all of it.
pub(super) async fn record_paid(
    app: &App,
    purse: PurseKey,
    payee: AccountId,
) -> Result<(), SettlementError> {
    let paid = paid_for_good(app, purse, payee).await?;
    Ok(app.database.note_settled(purse, payee, paid).await?)
}

/// What the payee was credited in final blocks, as all nodes say: the least of it.
async fn paid_for_good(
    app: &App,
    purse: PurseKey,
    payee: AccountId,
) -> Result<Amount, SettlementError> {
    let slot = paid_to_slot(purse, payee);
    let mut least: Option<U256> = None;
    for node in app.outbox.all_nodes().await? {
        let paid = node
            .slot(app.contract.address(), slot, BlockId::finalized())
            .await?;
        least = Some(least.map_or(paid, |least| least.min(paid)));
    }
    let units = least.and_then(|paid| u128::try_from(paid).ok());
    Ok(units.and_then(Amount::new).unwrap_or(Amount::ZERO))
}

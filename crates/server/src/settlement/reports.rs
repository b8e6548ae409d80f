//! Reports of double spends that failed are sent again, until the chain has stopped the purse.

use offpay_operator::{
    follower::{State, Subject},
    storage::{FollowerStorage as _, OutboxStorage as _, clearing::ClearingStorage as _},
};

use super::SettlementError;
use crate::{App, clearing::report, config::outbox::seconds};

/// Puts each report in again that failed a while ago, while the purse is neither reported nor closed on-chain. A purse
/// that no block has yet cannot be reported: its report waits for it.
pub(super) async fn renew(app: &App) -> Result<(), SettlementError> {
    let stopped = app.database.stopped_purses().await?;
    let subjects: Vec<_> = stopped.into_iter().map(Subject::Purse).collect();
    let now = app.now();
    let before = now.saturating_sub(seconds(app.config.settlement.aside_s));
    for (subject, followed) in app.database.followed(&subjects).await? {
        let (Subject::Purse(purse), Some(State::Purse(state))) = (subject, followed.head) else {
            continue;
        };
        if state.reported || state.closed {
            continue;
        }
        let Some(evidence) = app.database.double_spend(purse).await? else {
            continue;
        };
        let numbers = app
            .database
            .append_again(&[report(&evidence)], before, now)
            .await?;
        for number in numbers {
            tracing::warn!(number, %purse, "the report of a double spend failed and is sent again");
        }
    }
    Ok(())
}

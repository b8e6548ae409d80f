//! Follows operations to their end.

use offpay_operator::{
    event::{Audience, NewEvent},
    hosted::{Operation, OperationState, Shown},
    storage::{FollowerStorage as _, OperationStorage as _, StorageError},
};

use super::operation_view;
use crate::App;

const AT_ONCE: u32 = 200;

/// Notes what became of every operation that is not over, and tells its user.
pub(super) async fn operations(app: &App) -> Result<(), StorageError> {
    let Some(cursor) = app.database.chain_cursor().await? else {
        return Ok(());
    };
    let shown = Shown {
        head: cursor.head.number,
        finalized: cursor.finalized.number,
        finalized_at: cursor.finalized.time,
    };
    let mut after = None;
    loop {
        let page = app.database.operations_to_follow(after, AT_ONCE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = Some(last.asked.id);
        for (operation, transaction) in page {
            let state = OperationState::follow(transaction, operation.asked.void_after, shown);
            if state != operation.state {
                note(app, operation, state).await?;
            }
        }
    }
}

async fn note(
    app: &App,
    mut operation: Operation,
    state: OperationState,
) -> Result<(), StorageError> {
    let now = app.now();
    operation.state = state;
    operation.updated_at = now;
    let event = NewEvent {
        audience: Audience::User(operation.asked.user),
        kind: state.event(),
        body: serde_json::to_value(operation_view(&operation)).unwrap_or_default(),
    };
    app.database
        .record_operation_state(operation.asked.id, state, &[event], now)
        .await
}

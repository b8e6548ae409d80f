//! What Prometheus is shown of webhooks.

use metrics::gauge;
use offpay_operator::storage::{StorageError, webhooks::DeliveryStorage as _};

use crate::App;

/// Shows what is waiting.
#[expect(clippy::cast_precision_loss, reason = "a gauge is for looking at")]
pub(super) async fn show(app: &App) -> Result<(), StorageError> {
    let backlog = app.database.webhook_backlog().await?;
    let oldest = backlog
        .oldest
        .map_or(0, |oldest| app.now().get().saturating_sub(oldest.get()));
    gauge!("offpay_webhook_pending_deliveries").set(backlog.pending as f64);
    gauge!("offpay_webhook_oldest_pending_seconds").set(oldest as f64);
    gauge!("offpay_webhooks_failing").set(backlog.failing as f64);
    gauge!("offpay_webhooks_disabled").set(backlog.disabled as f64);
    Ok(())
}

//! One webhook's turn: what is new is queued, then what is queued is delivered, in order, until an attempt fails, there
//! is nothing left, or others have waited long enough.

use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use offpay_operator::{
    event::Event,
    storage::{EventStorage as _, StorageError, webhooks::DeliveryStorage as _},
    webhook::{
        Attempt, Claim, Delivery, DeliveryId, Disabled, DisabledBecause, Failure, Outcome, Retry,
        Webhook, WebhookId,
    },
};
use offpay_protocol::Seconds;
use serde_json::json;
use uuid::Uuid;

use super::{SecretFile, Target, client::Message, purpose};
use crate::{App, accounts::events::told, routes::events::shown, vault::VaultError};

/// How many events are queued and delivered in one turn.
const AT_ONCE: u32 = 100;
/// After this long a turn ends, and goes on when others had theirs.
const TURN: Duration = Duration::from_secs(5);
/// Who takes longer is slow.
const SLOW: Duration = Duration::from_secs(2);
/// For how long a claim is made: longer than any attempt takes, and made anew with each.
const CLAIM: u64 = 60;
/// How long an attempt may still take when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// What a test is told as. It goes to the one webhook that it is for.
pub(crate) const TEST: &str = "webhook.test";

/// Takes a webhook's turn, if nobody else has claimed it.
pub(super) async fn take(app: &App, id: WebhookId) -> Result<(), VaultError> {
    let claim = claim(app, Uuid::new_v4());
    let Some(webhook) = app.database.claim_webhook(id, claim, app.now()).await? else {
        return Ok(());
    };
    let taken = claimed(app, webhook, claim).await;
    // What is broken is left until the claim runs out: it would fail again at once.
    if taken.as_ref().err().is_none_or(VaultError::is_retryable) {
        app.database.release_webhook(id, claim).await?;
    }
    taken
}

fn claim(app: &App, token: Uuid) -> Claim {
    let span = Seconds::new(CLAIM).unwrap_or(Seconds::DAY);
    Claim {
        token,
        until: app.now().saturating_add(span),
    }
}

async fn claimed(app: &App, mut webhook: Webhook, claimed: Claim) -> Result<(), VaultError> {
    let waiting = app.database.pending_deliveries(webhook.id, AT_ONCE).await?;
    let pending = if waiting.len() < AT_ONCE as usize && queue(app, &webhook, claimed).await? {
        app.database.pending_deliveries(webhook.id, AT_ONCE).await?
    } else {
        waiting
    };
    if pending.is_empty() {
        return Ok(());
    }
    let Some(secret) = app.vault.open(webhook.owner, &purpose(webhook.id)).await? else {
        return Err(VaultError::NoSuchSecret);
    };
    let secret = SecretFile::open(secret)?;
    let began = Instant::now();
    for (delivery, event) in pending {
        if app.stop.is_cancelled() || began.elapsed() > TURN {
            break;
        }
        let made = attempt(app, &webhook, &secret, &delivery, event).await;
        let Some((attempt, asked)) = made else {
            break;
        };
        webhook.retry = after(webhook.retry, &attempt, asked);
        let claim = claim(app, claimed.token);
        let events: Vec<_> = webhook
            .retry
            .disabled
            .map(|disabled| ended(&webhook, disabled))
            .into_iter()
            .collect();
        let is_ours = app
            .database
            .record_attempt(webhook.id, claim, &attempt, webhook.retry, &events)
            .await?;
        if !is_ours || !attempt.outcome.is_delivered() {
            break;
        }
    }
    Ok(())
}

/// Puts what is new into the queue; whether anything was. A queue that is long already waits: the log keeps the rest.
async fn queue(app: &App, webhook: &Webhook, claim: Claim) -> Result<bool, StorageError> {
    let new = app
        .database
        .events_after(Some(webhook.owner), webhook.cursor, AT_ONCE)
        .await?;
    let Some(last) = new.last() else {
        return Ok(false);
    };
    let to = last.sequence;
    let deliveries: Vec<_> = new
        .iter()
        .filter(|event| event.kind != TEST && webhook.kinds.contain(&event.kind))
        .map(|event| (DeliveryId(Uuid::now_v7()), event.sequence))
        .collect();
    app.database
        .queue_deliveries(webhook, claim, to, &deliveries, app.now())
        .await
}

/// One call, and how long the receiver asks to be left alone; nothing if the server stops in the middle of it. Then it
/// is made again, under the same name.
async fn attempt(
    app: &App,
    webhook: &Webhook,
    secret: &SecretFile,
    delivery: &Delivery,
    event: Event,
) -> Option<(Attempt, Option<Seconds>)> {
    let now = app.now();
    let (id, timestamp) = (delivery.id.message(), now.get().to_string());
    let body = serde_json::to_vec(&shown(event)).ok()?;
    let began = Instant::now();
    let (outcome, asked) = match Target::parse(&webhook.url, &app.config.webhooks) {
        Err(_) => (Outcome::Failed(Failure::ForbiddenUrl), None),
        Ok(target) => {
            let signature = secret.sign(now, &id, &timestamp, &body);
            let message = Message {
                id: &id,
                timestamp: &timestamp,
                signature: &signature,
                body,
            };
            let stopped = async {
                app.stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                answer = app.webhooks.call(&target, message) => answer,
                () = stopped => return None,
            }
        }
    };
    let took = began.elapsed();
    note(webhook, outcome, took);
    let attempt = Attempt {
        delivery: delivery.id,
        at: app.now(),
        outcome,
        slow: took > SLOW || !outcome.is_delivered(),
    };
    Some((attempt, asked))
}

/// For who watches. Neither the URL, which can hold a secret, nor what was sent.
fn note(webhook: &Webhook, outcome: Outcome, took: Duration) {
    let result = match outcome {
        outcome if outcome.is_delivered() => "delivered",
        Outcome::Answered(_) => "status",
        Outcome::Failed(failure) => failure.name(),
    };
    counter!("offpay_webhook_attempts_total", "result" => result).increment(1);
    histogram!("offpay_webhook_attempt_seconds").record(took.as_secs_f64());
    let status = outcome.status();
    tracing::debug!(webhook = %webhook.id, result, status, "a webhook was called");
}

fn after(retry: Retry, attempt: &Attempt, asked: Option<Seconds>) -> Retry {
    if attempt.outcome.is_delivered() {
        return retry.succeeded(attempt.at);
    }
    let mut chance = [0];
    // Without entropy all pauses are whole, which is no harm.
    let _ = getrandom::fill(&mut chance);
    let failed = retry.failed(attempt.at, chance[0], asked);
    if attempt.outcome.is_gone() {
        failed.ended(attempt.at, DisabledBecause::Gone)
    } else {
        failed
    }
}

fn ended(webhook: &Webhook, disabled: Disabled) -> offpay_operator::event::NewEvent {
    let because = disabled.because.name();
    tracing::info!(webhook = %webhook.id, because, "a webhook is disabled");
    counter!("offpay_webhooks_disabled_total", "because" => because).increment(1);
    told(
        webhook.owner,
        "webhook.disabled",
        json!({ "webhook": webhook.id.0, "because": because }),
    )
}

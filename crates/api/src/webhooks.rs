//! `/v1/webhooks`

use offpay_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::SecretText;

/// Making a webhook.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent: `https:`, on the public internet, a port that the operator allows.
    #[schema(max_length = 2048, example = "https://shop.example/offpay")]
    pub url: String,
    /// Which kinds of events: `payment.cleared`, or `payment.*` for all that begin so. All without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 32, example = json!(["payment.*"]))]
    pub kinds: Vec<String>,
}

/// A webhook with the secret that its deliveries are signed with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookWithSecret {
    /// `whsec_` and 32 bytes in base64, as Standard Webhooks has it. Shown here alone.
    #[schema(value_type = String)]
    pub secret: SecretText,
    /// What is known of the webhook.
    pub webhook: Webhook,
}

/// How it goes with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// The last attempt was taken, or there was none.
    Active,
    /// The last attempt was not taken: `next_attempt_at` says when the next is.
    Failing,
    /// It is not called: `disabled_because` says why.
    Disabled,
}

/// What is known of a webhook.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its id.
    pub id: Uuid,
    /// Where events are sent.
    pub url: String,
    /// Which kinds; none: all.
    pub kinds: Vec<String>,
    /// How it goes.
    pub state: WebhookState,
    /// Attempts in a row that were not taken.
    pub failures: u32,
    /// Since when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub failing_since: Option<Timestamp>,
    /// When the next attempt is, of one that is failing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub next_attempt_at: Option<Timestamp>,
    /// Since when it is not called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub disabled_at: Option<Timestamp>,
    /// Why: `owner` (who changed it), `failing` (for five days), `gone` (it answered 410).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_because: Option<String>,
    /// Until when deliveries are signed with an older secret as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub old_secrets_until: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}

/// Changing a webhook. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhook {
    /// Where events are sent from now on, those that wait included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// Which kinds are queued from now on; an empty list for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 32)]
    pub kinds: Option<Vec<String>>,
    /// `false` disables it. `true` enables it, or has one that is failing tried at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Skips all that was not delivered until now. Without it nothing is left out, also of what happened while the
    /// webhook was disabled.
    #[serde(default)]
    pub skip_missed: bool,
}

/// Making a new secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateWebhookSecret {
    /// For how many seconds deliveries are signed with the old secret as well: at most a week, a day without it. 0 if
    /// somebody else may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 604_800)]
    pub overlap_s: Option<u32>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not delivered yet.
    Pending,
    /// The receiver answered with 2xx.
    Delivered,
    /// The owner had it skipped.
    Skipped,
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// What is sent as `webhook-id`: the same at every attempt.
    #[schema(example = "msg_0192f0c1a2b37c4d8e9f001122334455")]
    pub message: String,
    /// The event's id in `GET /v1/events`.
    #[schema(example = "42")]
    pub event: String,
    /// The event's kind.
    #[schema(example = "payment.cleared")]
    pub kind: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The status that the last attempt was answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last attempt was not answered: `timeout`, `unresolved`, `forbidden_address`, `forbidden_url`,
    /// `unreachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was queued, for the last time.
    #[schema(value_type = u64)]
    pub queued_at: Timestamp,
    /// When it was tried last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub attempted_at: Option<Timestamp>,
}

/// Which deliveries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesQuery {
    /// Where the last page ended: its `next`. The first page without it.
    pub cursor: Option<String>,
    /// How many items, at most 200; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Those in this state; all without it.
    pub state: Option<DeliveryState>,
}

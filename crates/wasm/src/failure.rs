use offpay_wallet::{Token, messages::Message};
use serde::Serialize;
use serde_json::Value;

/// Why something was not done: a stable code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Stays the same, for programs and translations.
    pub code: &'static str,
    /// In plain English, for whoever stands at the counter.
    pub message: String,
    /// Whether the same can succeed later.
    pub retryable: bool,
    /// Details, depending on the code.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub with: Value,
}

impl Failure {
    /// A failure of the engine's own.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable: false,
            with: Value::Null,
        }
    }

    /// What the page sent is not what it should be: a fault of the page.
    pub(crate) fn malformed(what: impl core::fmt::Display) -> Self {
        Self::new("malformed", format!("This does not work: {what}"))
    }

    /// What a node answered cannot be read.
    pub(crate) fn answer(what: impl core::fmt::Display) -> Self {
        Self {
            retryable: true,
            ..Self::new(
                "node_answer",
                format!("The network answered nonsense: {what}"),
            )
        }
    }

    /// One of the wallet's own refusals, in its own words.
    pub(crate) fn of(
        code: &'static str,
        retryable: bool,
        why: &impl Message,
        token: &Token,
    ) -> Self {
        Self {
            retryable,
            ..Self::new(code, why.message(token))
        }
    }
}

/// Turns the wallet's errors into failures, with the words that the wallet has for them.
macro_rules! failures {
    ($token:expr, $error:expr) => {{
        let error = $error;
        $crate::failure::Failure::of(error.code(), error.is_retryable(), &error, $token)
    }};
    ($token:expr) => {
        |error| $crate::failure::Failure::of(error.code(), error.is_retryable(), &error, $token)
    };
}

pub(crate) use failures;

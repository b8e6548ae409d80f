//! Refusals and errors, for people and for programs.

use std::fmt;

use anyhow::{Error, Result};
use offpay_wallet::{
    Token,
    accept::AcceptError,
    ask::AskError,
    backup::BackupError,
    channel::ChannelError,
    keys::{KeyError, LockedError},
    messages::Message,
    owner::OwnerError,
    pay::PayError,
    purse::PurseError,
    receipt::ReceiptError,
    storage::StorageError,
    sync::SyncError,
    wallet::{CreateError, OpenError, UnlockError},
};
use serde_json::json;

use super::session::Session;
use crate::{cli::Answer, output::Style};

/// Says why not, in the shopkeeper's words, and ends with 1.
pub(super) fn refuse(
    session: &Session<'_>,
    heading: &str,
    code: &'static str,
    words: &str,
    retryable: bool,
) -> Result<Answer> {
    if session.json() {
        session.output.json(&json!({
            "refused": { "code": code, "message": words, "retryable": retryable },
        }))?;
    } else {
        let output = session.output;
        output.line(&output.paint(Style::Bad, heading))?;
        output.line(words)?;
    }
    Ok(Answer::No)
}

/// A sentence of the wallet's, which stands for the error below it.
#[derive(Debug)]
pub(crate) struct PlainWords(String);

impl fmt::Display for PlainWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! known {
    ($($kind:ty),* $(,)?) => {
        /// Puts the wallet's own words in front of one of its errors.
        pub(super) fn in_plain_words(error: Error, token: &Token) -> Error {
            let words = error.chain().find_map(|cause| {
                $(if let Some(known) = cause.downcast_ref::<$kind>() {
                    return Some(known.message(token));
                })*
                None
            });
            match words {
                Some(words) => error.context(PlainWords(words)),
                None => error,
            }
        }

        /// The stable name of an error of the wallet's, and whether the same can succeed later.
        pub(crate) fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<(&'static str, bool)> {
            $(if let Some(known) = error.downcast_ref::<$kind>() {
                return Some((known.code(), known.is_retryable()));
            })*
            None
        }
    };
}

known!(
    AcceptError,
    AskError,
    BackupError,
    ChannelError,
    CreateError,
    KeyError,
    LockedError,
    OpenError,
    OwnerError,
    PayError,
    PurseError,
    ReceiptError,
    StorageError,
    SyncError,
    UnlockError,
);

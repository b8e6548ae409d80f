//! Errors, for people and for programs.

use anyhow::Error;
use offpay_chain::{
    ChainError, ConnectError, DeployError, LocalChainError, OpenError, ProveError,
    deploy::RecordError, sender::KeystoreError,
};
use offpay_server::StartError;
use offpay_store::backup::BackupError;
use serde::Serialize;

use crate::{
    commands::settle::SettleRefusal,
    record::RecordFileError,
    server::ServerError,
    wallet::answer::{PlainWords, code_of},
};

/// An error as `--json` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    error: Described,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    code: &'static str,
    message: String,
    retryable: bool,
}

impl Failure {
    pub(crate) fn new(error: &Error) -> Self {
        let (code, retryable) = name(error).unwrap_or(("error", false));
        Self {
            error: Described {
                code,
                message: said(error),
                retryable,
            },
        }
    }
}

/// The error and its causes in one line, each said once.
pub(crate) fn said(error: &Error) -> String {
    if let Some(words) = error.downcast_ref::<PlainWords>() {
        return words.to_string();
    }
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// The stable name of the first cause that has one.
fn name(error: &Error) -> Option<(&'static str, bool)> {
    error.chain().find_map(|cause| {
        macro_rules! named {
            ($($kind:ty),*) => {
                $(if let Some(error) = cause.downcast_ref::<$kind>() {
                    return Some((error.code(), error.is_retryable()));
                })*
            };
        }
        named!(
            BackupError,
            ChainError,
            ConnectError,
            DeployError,
            LocalChainError,
            OpenError,
            ProveError,
            RecordError,
            RecordFileError,
            ServerError,
            SettleRefusal,
            StartError,
            KeystoreError
        );
        code_of(cause)
    })
}

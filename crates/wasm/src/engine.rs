use std::{mem, rc::Rc};

use offpay_protocol::Timestamp;
use offpay_wallet::{
    Entropy, Wallet,
    records::Records,
    storage::{Entry, StorageError},
    wallet::OpenError,
};
use serde_json::{Value, json};

use crate::{
    chain::Round,
    failure::Failure,
    journal::{Journal, Outbox},
    text,
};

/// A wallet over a storage that only the page can write.
///
/// A command is two calls: [`begin`](Self::begin) decides and gives out what is to be written; [`finish`](Self::finish)
/// says that it is durable, and gives out the answer. In between the engine answers nothing at all.
#[derive(Debug)]
pub struct Engine {
    pub(crate) wallet: Option<Wallet<Journal>>,
    pub(crate) round: Option<Round>,
    pub(crate) outbox: Outbox,
    held: Option<String>,
    broken: bool,
}

/// When a command is given, and its randomness.
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) entropy: Entropy,
}

impl Engine {
    /// The wallet that these stored entries mean, in order; an engine without a wallet if there are none.
    ///
    /// # Errors
    ///
    /// The entries are not a wallet of this version.
    pub fn open(entries: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let mut records = Records::default();
        for stored in entries {
            let entry = text::entry(&stored).map_err(damaged)?;
            records.apply(&entry).map_err(damaged)?;
        }
        let outbox = Outbox::default();
        let is_empty = records.number == 0;
        let journal = Journal::new(records, Rc::clone(&outbox));
        let wallet = match Wallet::open(journal) {
            Ok(wallet) => Some(wallet),
            Err(OpenError::NoWallet) if is_empty => None,
            Err(error) => return Err(damaged(error)),
        };
        Ok(Self {
            wallet,
            round: None,
            outbox,
            held: None,
            broken: false,
        })
    }

    /// Decides. What comes back is to be written, all or nothing and durably; then [`finish`](Self::finish) has the
    /// answer. If it is empty there is nothing to write.
    ///
    /// # Errors
    ///
    /// `busy` while another command is not finished; `broken` after a write that failed.
    pub fn begin(
        &mut self,
        command: &str,
        now: u64,
        entropy: [u8; 32],
    ) -> Result<Vec<String>, Failure> {
        if self.broken {
            return Err(broken());
        }
        if self.held.is_some() {
            return Err(Failure::new("busy", "Another operation is not finished."));
        }
        let command = text::command(command)?;
        let now = Timestamp::new(now).ok_or_else(|| Failure::malformed("the time"))?;
        let entropy = Entropy::new(entropy);
        let answer = self.run(command, &Moment { now, entropy });
        let entries: Vec<Entry> = mem::take(&mut *self.outbox.borrow_mut());
        let written: Result<Vec<String>, _> = entries.iter().map(serde_json::to_string).collect();
        let written = written.map_err(Failure::malformed)?;
        self.held = Some(said(&answer).to_string());
        Ok(written)
    }

    /// What was begun is durable: gives out its answer.
    ///
    /// # Errors
    ///
    /// Nothing was begun, or a write failed.
    pub fn finish(&mut self) -> Result<String, Failure> {
        if self.broken {
            return Err(broken());
        }
        self.held
            .take()
            .ok_or_else(|| Failure::new("nothing_begun", "Nothing was begun."))
    }

    /// A write failed, and nobody knows whether it happened: this engine answers nothing any more. A new one is opened
    /// over what is really stored.
    pub fn fail(&mut self) {
        self.held = None;
        self.wallet = None;
        self.round = None;
        self.broken = true;
    }
}

fn said(answer: &Result<Value, Failure>) -> Value {
    match answer {
        Ok(value) => json!({ "ok": value }),
        Err(failure) => json!({ "refused": failure }),
    }
}

fn broken() -> Failure {
    Failure {
        retryable: true,
        ..Failure::new(
            StorageError::Full.code(),
            "This device could not save anything. Open the app again.",
        )
    }
}

fn damaged(error: impl core::fmt::Display) -> Failure {
    Failure::new(
        "storage_inconsistent",
        format!("What is stored on this device cannot be read: {error}"),
    )
}

//! The outbox as it is stored: which transaction has which nonce, what was signed, and what became of it.

use core::future::Future;

use offpay_protocol::Timestamp;

use super::StorageError;
use crate::{
    event::NewEvent,
    outbox::{
        Attempt, GasSpent, InFlight, Inclusion, NewAttempt, NewTransaction, StoredTransaction,
    },
};

/// What became of a transaction that has a nonce, as both the chain's nodes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One of its signings is in a block that is not final.
    Included {
        /// Which signing, by its hash.
        hash: [u8; 32],
        /// The block.
        inclusion: Inclusion,
        /// Why it reverted, if it did.
        failure: Option<String>,
    },
    /// The block that it was in is no longer in the chain.
    TakenBack,
    /// The block that this signing is in is final.
    Final {
        /// Which signing, by its hash.
        hash: [u8; 32],
        /// The block.
        inclusion: Inclusion,
        /// Why it reverted, if it did.
        failure: Option<String>,
    },
    /// Its nonce was used for something else in a final block: it can never be mined as it was signed, and gets
    /// another nonce.
    Lost,
}

/// The outbox.
pub trait OutboxStorage {
    /// Appends transactions that go with no other change; gives their numbers. Work that is there keeps its number.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn append_transactions(
        &self,
        transactions: &[NewTransaction],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<i64>, StorageError>> + Send;

    /// Puts work in again that failed: under the same name with `#1`, `#2` … behind it. Work that was never put in is put
    /// in; nothing happens to work that is under way or went through, and to a try that is not older than `before`.
    /// Gives the numbers of what was put in.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn append_again(
        &self,
        transactions: &[NewTransaction],
        before: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<i64>, StorageError>> + Send;

    /// Transactions that have no nonce yet: those with a deadline first, the nearest first, then in their order.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn queued(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<StoredTransaction>, StorageError>> + Send;

    /// The number of the first transaction that is in no block and did not fail.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn first_unmined(&self) -> impl Future<Output = Result<Option<i64>, StorageError>> + Send;

    /// Transactions of this sender that have a nonce and are not final, by their nonces.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn in_flight(
        &self,
        sender: [u8; 20],
    ) -> impl Future<Output = Result<Vec<InFlight>, StorageError>> + Send;

    /// The nonce after the highest that was ever given out; `None` if none was.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn next_nonce(
        &self,
        sender: [u8; 20],
    ) -> impl Future<Output = Result<Option<u64>, StorageError>> + Send;

    /// Stores a signing; what it gives back may leave. The first signing of a transaction gives it its nonce; a nonce
    /// that another transaction has, and a second nonce for one transaction, are refused.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_attempt(
        &self,
        attempt: &NewAttempt,
        now: Timestamp,
    ) -> impl Future<Output = Result<Attempt, StorageError>> + Send;

    /// Notes that a signing was handed to a node.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_sent(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Notes what became of a transaction that has a nonce, with what is told about it.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_outcome(
        &self,
        transaction: i64,
        outcome: &Outcome,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Notes that a transaction without a nonce would revert, and is not sent.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_refused(
        &self,
        transaction: i64,
        failure: &str,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A transaction, with all of its signings, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn transaction(
        &self,
        number: i64,
    ) -> impl Future<Output = Result<Option<(StoredTransaction, Vec<Attempt>)>, StorageError>> + Send;

    /// Transactions put in before `before` that are in no block, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn unmined(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<StoredTransaction>, StorageError>> + Send;

    /// Gas that was spent in final blocks, reverted transactions included, by purpose.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn gas_spent(&self) -> impl Future<Output = Result<Vec<GasSpent>, StorageError>> + Send;
}

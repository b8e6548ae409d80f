//! What the operator is shown, and what they do by hand.

use core::future::Future;

use offpay_protocol::{PurseKey, Timestamp};

use super::StorageError;
use crate::{
    UserId,
    admin::{
        Abandoned, Action, Cancelled, FeeDay, GasDay, ListedTransaction, NewAction, OwedPair,
        Retried, TransactionFilter, UserCounts,
    },
    event::NewEvent,
};

/// What the operator is shown, and what they do by hand. Each action is written with its row of the log of actions.
pub trait AdminStorage {
    /// Notes an action that changes nothing else in the database.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn append_action(
        &self,
        action: &NewAction,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Actions with numbers below `before` (`i64::MAX` for the newest), newest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn actions_before(
        &self,
        before: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Action>, StorageError>> + Send;

    /// Freezes or thaws a user; whether anything changed. The events are appended only if it did; the action always.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn set_frozen(
        &self,
        user: UserId,
        frozen: bool,
        events: &[NewEvent],
        action: &NewAction,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// What purses owe: all pairs of the first purses after this one, by purse and payee; at most `limit` purses.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn owed_by_purse(
        &self,
        after: Option<PurseKey>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<OwedPair>, StorageError>> + Send;

    /// What one purse owes.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn owed_by(
        &self,
        purse: PurseKey,
    ) -> impl Future<Output = Result<Vec<OwedPair>, StorageError>> + Send;

    /// Transactions with numbers below `before` (`i64::MAX` for the newest), newest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn list_transactions(
        &self,
        filter: TransactionFilter,
        before: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ListedTransaction>, StorageError>> + Send;

    /// Tries a transaction again, where that is safe: what was signed is only ever sent as it is, and what reverted
    /// gets a new number once its block is final.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn retry_transaction(
        &self,
        number: i64,
        action: &NewAction,
        now: Timestamp,
    ) -> impl Future<Output = Result<Retried, StorageError>> + Send;

    /// Gives a transaction up that was never signed.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn abandon_transaction(
        &self,
        number: i64,
        events: &[NewEvent],
        action: &NewAction,
        now: Timestamp,
    ) -> impl Future<Output = Result<Abandoned, StorageError>> + Send;

    /// Wants a transaction that was signed and is in no block replaced: its nonce is used for nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn cancel_transaction(
        &self,
        number: i64,
        action: &NewAction,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cancelled, StorageError>> + Send;

    /// Gas that was spent in final blocks by transactions that were signed from `since` on, by day and purpose.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn gas_by_day(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<GasDay>, StorageError>> + Send;

    /// Fees in the token that final operations paid, which were asked for from `since` on, by day.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn fees_by_day(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<FeeDay>, StorageError>> + Send;

    /// How many users' data keys each master key seals.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn data_keys_by_master(
        &self,
    ) -> impl Future<Output = Result<Vec<(String, u64)>, StorageError>> + Send;

    /// How many users there are.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn user_counts(&self) -> impl Future<Output = Result<UserCounts, StorageError>> + Send;
}

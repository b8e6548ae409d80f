//! What settlement reads and writes.

use core::future::Future;

use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Signature, Timestamp, messages::Payment,
};

use super::StorageError;
use crate::{
    event::NewEvent,
    outbox::{NewTransaction, TransactionState},
};

/// A debt that no transaction on its way settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDebt {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The highest cumulative that can be presented.
    pub cumulative: Amount,
    /// The payment with it.
    pub payment: PaymentId,
    /// What the chain has paid of it for good.
    pub settled: Amount,
    /// When the oldest payment came that is not settled.
    pub since: Timestamp,
    /// The purse is one of a hosted user.
    pub is_hosted: bool,
}

/// A debt that a transaction was to settle, which is final or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoneDebt {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The cumulative that was presented.
    pub cumulative: Amount,
    /// What became of the transaction.
    pub state: TransactionState,
}

/// Sums over all debts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DebtSums {
    /// How many pairs owe something.
    pub pairs: u64,
    /// What is owed in all, in base units.
    pub owed: u128,
    /// What of it is in no transaction on its way, in base units.
    pub unsent: u128,
    /// What of it cannot be settled as things are: in default, closed, beyond the funds; in base units.
    pub unprotected: u128,
}

/// A pair and the highest cumulative that is presented for it.
pub type Row = (PurseKey, AccountId, Amount);

/// What settlement reads and writes.
pub trait SettlementStorage {
    /// Debts that no transaction on its way settles and that are not put aside, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn open_debts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<OpenDebt>, StorageError>> + Send;

    /// Puts a transaction into the outbox, and notes which debts it settles. If the same work failed before, it is put
    /// in again under a new name.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_settling(
        &self,
        rows: &[Row],
        transaction: &NewTransaction,
        now: Timestamp,
    ) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Leaves a debt alone until then, and says why. Says whether that is news.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn put_aside(
        &self,
        row: Row,
        why: &'static str,
        until: Timestamp,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Debts whose transaction is final or failed.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn done_debts(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<DoneDebt>, StorageError>> + Send;

    /// Notes what the chain has paid a pair for good, and that no transaction is on its way for it any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_settled(
        &self,
        purse: PurseKey,
        payee: AccountId,
        paid: Amount,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Notes what the chain has paid a pair for good, and leaves alone what is done about it.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn note_settled(
        &self,
        purse: PurseKey,
        payee: AccountId,
        paid: Amount,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A payment that can be presented, with its signature.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn presentable(
        &self,
        purse: PurseKey,
        payment: PaymentId,
    ) -> impl Future<Output = Result<Option<(Payment, Signature)>, StorageError>> + Send;

    /// Purses that were stopped, or signed what is not cleared because they end or promised more than they have: whoever
    /// presents first is paid.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn endangered_purses(&self)
    -> impl Future<Output = Result<Vec<PurseKey>, StorageError>> + Send;

    /// Whether a purse is a hosted user's.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn is_hosted_purse(
        &self,
        purse: PurseKey,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Sums over all debts.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn debt_sums(&self) -> impl Future<Output = Result<DebtSums, StorageError>> + Send;
}

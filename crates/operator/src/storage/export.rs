//! Everything of a kind, oldest first, for taking it elsewhere.

use core::future::Future;

use offpay_protocol::{PaymentId, PurseKey, Signature, Timestamp, messages::Payment};

use super::{Entered, StorageError};
use crate::hosted::Operation;

/// A payment that was cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPayment {
    /// Its number: a cursor. Numbers have no gaps.
    pub number: i64,
    /// Its name among those of its purse.
    pub id: PaymentId,
    /// Who pays.
    pub purse: PurseKey,
    /// What was signed.
    pub payment: Payment,
    /// By the purse's device.
    pub signature: Signature,
    /// When it was cleared.
    pub cleared_at: Timestamp,
}

/// Everything of a kind. A number that was given is never followed by a smaller one: who goes on behind the last number
/// misses nothing, whatever was being written meanwhile.
pub trait ExportStorage {
    /// The highest number of a movement of the books below which nothing will come any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_horizon(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Movements of the books with numbers above `after` and up to `upto`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_movements(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Entered>, StorageError>> + Send;

    /// Cleared payments with numbers above `after`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_payments(
        &self,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ExportedPayment>, StorageError>> + Send;

    /// The highest number of a transaction below which nothing will come any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn transaction_horizon(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Operations, as they are now, whose transactions have numbers above `after` and up to `upto`, by those numbers.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_operations(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Operation>, StorageError>> + Send;
}

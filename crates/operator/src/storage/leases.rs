//! What one of several servers does alone: by a lease that it renews, and a token that its writes are checked by.

use core::{future::Future, time::Duration};

use super::StorageError;

/// Leases, each held by one server at a time.
pub trait LeaseStorage {
    /// Takes the lease of this name, or renews it, for so long by the database's clock. Gives the token of the holder,
    /// which rises with every change of holder; `None` while another holds it. With `at_once`, takes it from whoever
    /// holds it.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hold_lease(
        &self,
        name: &'static str,
        holder: &str,
        lasts: Duration,
        at_once: bool,
    ) -> impl Future<Output = Result<Option<i64>, StorageError>> + Send;

    /// Gives it back, so that another need not wait.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn release_lease(
        &self,
        name: &'static str,
        holder: &str,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

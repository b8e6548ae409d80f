use core::future::Future;

use offpay_protocol::Timestamp;

use crate::{identity::guessing::Guess, storage::StorageError};

/// Counts of guesses, and nonces that were used.
pub trait GuessStorage {
    /// Counts one more guess at `subject` before it is checked, or says how long to wait.
    fn count_guess(
        &self,
        subject: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Guess, StorageError>> + Send;

    /// Forgets the guesses at `subject`: the last one was right.
    fn forget_guesses(
        &self,
        subject: &str,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Uses a nonce, which means nothing after `expires_at`; whether it was not used before.
    fn use_nonce(
        &self,
        nonce: &str,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}

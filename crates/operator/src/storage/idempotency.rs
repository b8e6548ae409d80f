//! Requests that carry an idempotency key, and what was answered.

use core::future::Future;

use offpay_protocol::Timestamp;

use super::StorageError;

/// A request with an idempotency key. Of the key itself, only hashes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Hash of who asks and their key.
    pub key: [u8; 32],
    /// Hash of the key and what is asked.
    pub request: [u8; 32],
}

/// An answer as it is kept: sealed, because it can hold a session's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The sealed answer.
    pub sealed: Vec<u8>,
}

/// What is known of a request's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the request is to be done, and others with the key have to wait.
    Fresh,
    /// It is being done, or was when the server ended.
    InProgress,
    /// The key was used for something else.
    Mismatch,
    /// It was done; this was answered.
    Done(KeptAnswer),
}

/// Requests with idempotency keys.
pub trait IdempotencyStorage {
    /// Begins a request, unless its key is known. Who begins has until `lease`: then the server has ended in the middle
    /// of it, and it is begun anew.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn begin_request(
        &self,
        request: KeyedRequest,
        now: Timestamp,
        lease: Timestamp,
    ) -> impl Future<Output = Result<Begun, StorageError>> + Send;

    /// Keeps the answer until `expires`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn keep_answer(
        &self,
        request: KeyedRequest,
        answer: &KeptAnswer,
        expires: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Forgets a request that failed and can be tried again.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn forget_request(
        &self,
        request: KeyedRequest,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Forgets what expired; tells how many.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn forget_old_requests(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<u64, StorageError>> + Send;
}

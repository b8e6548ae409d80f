//! What hosted users do with their money, as it is stored.

use core::future::Future;

use offpay_protocol::{AccountId, Amount, PaymentId, PurseKey, Reference, Timestamp};

use super::StorageError;
use crate::{
    UserId,
    event::NewEvent,
    hosted::{
        HostedPayment, HostedPurse, NewOperation, NewPayment, NewPurse, Operation, OperationId,
        OperationState, PaymentState, Reached, RequestId, StoredRequest,
    },
    outbox::NewTransaction,
};

/// Operations: what hosted users asked the chain to do.
pub trait OperationStorage {
    /// Stores an operation, the transaction that does it and the purse that it opens, if any.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn start_operation(
        &self,
        operation: &NewOperation,
        transaction: &NewTransaction,
        purse: Option<&NewPurse>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Operation, StorageError>> + Send;

    /// A user's operation.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn operation(
        &self,
        user: UserId,
        id: OperationId,
    ) -> impl Future<Output = Result<Option<Operation>, StorageError>> + Send;

    /// The operation that was stored under the name of a request.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn operation_once(
        &self,
        once: [u8; 32],
    ) -> impl Future<Output = Result<Option<Operation>, StorageError>> + Send;

    /// A user's operations, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn operations(
        &self,
        user: UserId,
        before: Option<OperationId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Operation>, StorageError>> + Send;

    /// A user's operations that are not over.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn open_operations(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<Operation>, StorageError>> + Send;

    /// All operations that are not over, with what became of their transactions, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn operations_to_follow(
        &self,
        after: Option<OperationId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(Operation, Reached)>, StorageError>> + Send;

    /// Notes how far an operation is, and tells about it, unless that is known already.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_operation_state(
        &self,
        id: OperationId,
        state: OperationState,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

/// Purses of hosted users, and what they have signed.
pub trait HostedPurseStorage {
    /// A purse of a hosted user.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_purse(
        &self,
        purse: PurseKey,
    ) -> impl Future<Output = Result<Option<HostedPurse>, StorageError>> + Send;

    /// All purses of a hosted user, newest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_purses(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<HostedPurse>, StorageError>> + Send;

    /// Which of these purses this server signs for.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn signed_for(
        &self,
        purses: &[PurseKey],
    ) -> impl Future<Output = Result<Vec<PurseKey>, StorageError>> + Send;

    /// What a purse has promised a payee in all.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn promised(
        &self,
        purse: PurseKey,
        payee: AccountId,
    ) -> impl Future<Output = Result<Amount, StorageError>> + Send;

    /// Stores a signed payment, moves the purse's next serial from the payment's first to behind its last, and enters
    /// the promise in the books. `false`, and nothing is stored, if the serial was handed out meanwhile: plan anew.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_signed(
        &self,
        payment: &NewPayment,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Notes what clearing said of a signed payment, and tells about it, unless that is known already.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_payment_state(
        &self,
        payment: PaymentId,
        state: PaymentState,
        refusal: Option<&str>,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Payments that were signed and about which clearing has said nothing, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn payments_to_clear(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<HostedPayment>, StorageError>> + Send;

    /// A payment of a hosted purse.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_payment(
        &self,
        payment: PaymentId,
    ) -> impl Future<Output = Result<Option<HostedPayment>, StorageError>> + Send;

    /// The payment that was stored under the name of a request.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_payment_once(
        &self,
        once: [u8; 32],
    ) -> impl Future<Output = Result<Option<HostedPayment>, StorageError>> + Send;

    /// Payments of hosted purses that a user made or got, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_history(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<HostedPayment>, StorageError>> + Send;

    /// What was given back of a payment. Refused payments count, for one that clearing refused can still be settled.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn refunded(
        &self,
        payment: PaymentId,
    ) -> impl Future<Output = Result<Amount, StorageError>> + Send;

    /// The payments of hosted purses that carry this reference to this payee, refused ones not counted.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn payments_of_reference(
        &self,
        payee: AccountId,
        reference: Reference,
    ) -> impl Future<Output = Result<Vec<HostedPayment>, StorageError>> + Send;
}

/// Requests that hosted payees made.
pub trait RequestStorage {
    /// Stores a request, before it is shown.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_request(
        &self,
        request: &StoredRequest,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A request.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn request(
        &self,
        id: RequestId,
    ) -> impl Future<Output = Result<Option<StoredRequest>, StorageError>> + Send;

    /// The request with this reference.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn request_of_reference(
        &self,
        reference: Reference,
    ) -> impl Future<Output = Result<Option<StoredRequest>, StorageError>> + Send;

    /// A user's requests, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn requests(
        &self,
        user: UserId,
        before: Option<RequestId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<StoredRequest>, StorageError>> + Send;
}

/// An address that a hosted user may withdraw to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalAddress {
    /// The address.
    pub address: AccountId,
    /// What the user calls it.
    pub label: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// From when on it can be confirmed.
    pub usable_at: Timestamp,
    /// When the user confirmed it.
    pub confirmed_at: Option<Timestamp>,
}

/// Where hosted users may withdraw to.
pub trait AddressStorage {
    /// Adds an address, with what is told about it. One that is there stays as it is.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn add_address(
        &self,
        user: UserId,
        address: &WithdrawalAddress,
        events: &[NewEvent],
    ) -> impl Future<Output = Result<WithdrawalAddress, StorageError>> + Send;

    /// Confirms an address.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn confirm_address(
        &self,
        user: UserId,
        address: AccountId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Takes an address out. Whether it was there.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn remove_address(
        &self,
        user: UserId,
        address: AccountId,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// A user's addresses, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn addresses(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<WithdrawalAddress>, StorageError>> + Send;
}

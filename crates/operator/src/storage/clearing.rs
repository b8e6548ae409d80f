//! Storing what clearing decided, and reading it again.

use core::future::Future;

use offpay_protocol::{
    AccountId, Amount, OperatorId, PaymentId, PurseKey, Signature, Timestamp,
    clearance::RecordedPayment,
    messages::{Clearance, OperatorKey, Payment, Revocations},
};

use super::StorageError;
use crate::{
    clearing::{DoubleSpend, Frontier, KeptFor, Seen},
    event::NewEvent,
    outbox::NewTransaction,
};

/// A payment with its signature, and the purse that signed it. Its domain is the database's one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPayment {
    /// Its name.
    pub id: PaymentId,
    /// Who signed it.
    pub purse: PurseKey,
    /// What was signed.
    pub payment: Payment,
    /// The signature.
    pub signature: Signature,
}

impl StoredPayment {
    /// As clearances name it.
    pub const fn recorded(&self) -> RecordedPayment {
        RecordedPayment {
            purse: self.purse,
            id: self.id,
        }
    }
}

/// A clearance as the operator signed it: one for all payments of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredClearance {
    /// The number of its first payment. Its payments have consecutive numbers, in the order of the tree's leaves.
    pub first: i64,
    /// How many payments it clears.
    pub payments: u32,
    /// What was signed.
    pub clearance: Clearance,
    /// By whom.
    pub operator: OperatorId,
    /// The signature.
    pub signature: Signature,
}

/// What a commit that records something of a purse says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PurseHead {
    /// The purse.
    pub purse: PurseKey,
    /// The version that it was decided on; the next one is of this commit.
    pub version: i64,
    /// Where the purse's payments end with this commit; `None` while some are not cleared.
    pub frontier: Option<Frontier>,
}

/// Where the payments of a purse end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseFrontier {
    /// The purse.
    pub purse: PurseKey,
    /// The version that this is of.
    pub version: i64,
    /// Where they end.
    pub frontier: Frontier,
}

/// Everything that one commit of clearing records, at once or not at all.
#[derive(Clone, Debug, Default)]
pub struct ClearingCommit {
    /// The clearance; `None` if nothing is cleared.
    pub clearance: Option<StoredClearance>,
    /// What it clears, in the order of its leaves.
    pub cleared: Vec<StoredPayment>,
    /// The purses of which anything is recorded, each with the version that it was decided on.
    pub heads: Vec<PurseHead>,
    /// Which of these were kept before.
    pub no_longer_kept: Vec<(PurseKey, PaymentId)>,
    /// What was refused and is kept, and for what.
    pub kept: Vec<(StoredPayment, KeptFor)>,
    /// Evidence. The first of a purse stays.
    pub double_spends: Vec<DoubleSpend>,
    /// What is to be sent because of it.
    pub transactions: Vec<NewTransaction>,
    /// What is to be told because of it.
    pub events: Vec<NewEvent>,
    /// The version of the slot map that says that these purses are here.
    pub slots: i64,
    /// When.
    pub now: Timestamp,
}

/// Everything that was ever seen of a purse.
#[derive(Clone, Debug, Default)]
pub struct PurseHistory {
    /// Its payments, cleared and kept.
    pub payments: Vec<(Payment, Seen)>,
    /// There is evidence of a double spend.
    pub stopped: bool,
    /// Rises with every commit that records anything of the purse; 0 before the first.
    pub version: i64,
}

/// What became of a stored payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStanding {
    /// It was cleared, under this number.
    Cleared(i64),
    /// It was refused, and is kept.
    Kept(KeptFor),
}

/// What a purse owes a payee by the payments that were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedPair {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The highest cumulative of any payment that can be presented.
    pub cumulative: Amount,
    /// That payment.
    pub payment: PaymentId,
    /// What the chain has paid of it, as whoever settles recorded it.
    pub settled: Amount,
    /// When the oldest payment came of those that are not settled.
    pub owed_since: Timestamp,
}

/// What clearing stores.
pub trait ClearingStorage {
    /// The number of the last payment that was cleared; 0 before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn last_cleared(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// How many payments were ever cleared. Numbers have gaps, so that this is not the last one's; it reads an index
    /// from end to end.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn cleared_count(&self) -> impl Future<Output = Result<u64, StorageError>> + Send;

    /// What was seen of each of these purses, in their order.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn purse_histories(
        &self,
        purses: &[PurseKey],
    ) -> impl Future<Output = Result<Vec<PurseHistory>, StorageError>> + Send;

    /// Where the payments of these purses end: of those alone of which every payment that was seen is cleared, and
    /// which are not stopped.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn purse_frontiers(
        &self,
        purses: &[PurseKey],
    ) -> impl Future<Output = Result<Vec<PurseFrontier>, StorageError>> + Send;

    /// The most that these purses promised these payees, of those pairs that there are. Where a purse has a
    /// [frontier](Self::purse_frontiers), by any payment that was seen.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn highest_promises(
        &self,
        pairs: &[(PurseKey, AccountId)],
    ) -> impl Future<Output = Result<Vec<(PurseKey, AccountId, Amount)>, StorageError>> + Send;

    /// Gives out numbers for so many payments that are to be cleared, to nobody else and never again: the first of them.
    /// Numbers that are not used stay unused.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn reserve_numbers(&self, count: u32)
    -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Records what clearing decided. Refused if another process recorded anything of one of its purses since the
    /// version that was decided on, or if the slot map is another one than that it was decided by.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn commit_clearing(
        &self,
        commit: &ClearingCommit,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A payment of a purse by its name. The name alone is not enough: a payment does not say which purse it is out of,
    /// so two purses can sign the same message.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn payment(
        &self,
        purse: PurseKey,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<(StoredPayment, PaymentStanding)>, StorageError>> + Send;

    /// The clearance of the payment with this number, and all payments that it clears.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn clearance_of(
        &self,
        number: i64,
    ) -> impl Future<Output = Result<Option<(StoredClearance, Vec<RecordedPayment>)>, StorageError>> + Send;

    /// Cleared payments with numbers after `number`, in their order. Where several servers clear, a lower number can come
    /// after a higher one.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn cleared_after(
        &self,
        number: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(i64, StoredPayment)>, StorageError>> + Send;

    /// The evidence that stopped a purse, as stored.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn double_spend(
        &self,
        purse: PurseKey,
    ) -> impl Future<Output = Result<Option<DoubleSpend>, StorageError>> + Send;

    /// Purses that were stopped by evidence.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn stopped_purses(&self) -> impl Future<Output = Result<Vec<PurseKey>, StorageError>> + Send;

    /// What purses owe payees and the chain has not paid, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn owed_pairs(
        &self,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<OwedPair>, StorageError>> + Send;
}

/// A key of the operator's, and how it came after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredOperatorKey {
    /// The key.
    pub operator: OperatorId,
    /// From when on it signs.
    pub valid_from: Timestamp,
    /// The rotation that the key before signed; `None` for the first.
    pub rotation: Option<(OperatorKey, Signature)>,
}

/// The operator's keys.
pub trait OperatorKeyStorage {
    /// All of them, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn operator_keys(
        &self,
    ) -> impl Future<Output = Result<Vec<StoredOperatorKey>, StorageError>> + Send;

    /// Adds the next key. Refused if it is there already, or if the key before has another successor.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn add_operator_key(
        &self,
        key: &StoredOperatorKey,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

/// A list of purses that are closing, as the operator signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRevocations {
    /// What was signed.
    pub revocations: Revocations,
    /// The signature.
    pub signature: Signature,
}

/// What changed between two revocation lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationChanges {
    /// Purses that came onto the list.
    pub added: Vec<PurseKey>,
    /// Purses that left it: they are closed.
    pub removed: Vec<PurseKey>,
}

/// The revocation list.
pub trait RevocationStorage {
    /// The newest list's signature; `None` before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn newest_revocations(
        &self,
    ) -> impl Future<Output = Result<Option<StoredRevocations>, StorageError>> + Send;

    /// What changed after the list with this version, up to the newest; all of it for 0.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn revocation_changes(
        &self,
        since: u64,
    ) -> impl Future<Output = Result<RevocationChanges, StorageError>> + Send;

    /// Records the next list. Refused if there is one with its version already.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn add_revocations(
        &self,
        list: &StoredRevocations,
        changes: &RevocationChanges,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

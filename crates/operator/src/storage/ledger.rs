//! The books, as they are stored.

use core::future::Future;

use offpay_protocol::Timestamp;

use super::StorageError;
use crate::{
    event::NewEvent,
    follower::BlockRef,
    ledger::{Books, LedgerAccount, Movement, Totals},
};

/// What an entry of the chain's log does to the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The entry's place in the log.
    pub sequence: i64,
    /// What it does.
    pub change: PostingChange,
    /// What users are told of it.
    pub events: Vec<NewEvent>,
}

/// What an entry of the chain's log does to the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostingChange {
    /// Money moved.
    Enter(Vec<Movement>),
    /// What the entry with this number had moved is moved back.
    TakeBack(i64),
}

/// A movement as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Its place in the books: a cursor.
    pub number: i64,
    /// What it follows from: `chain/<sequence>/<row>` or `payment/<id>`.
    pub source: String,
    /// What moved.
    pub movement: Movement,
    /// When it was entered.
    pub at: Timestamp,
}

/// Some accounts of the books, all of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedPage {
    /// The accounts with their kept totals, in the order of their names.
    pub accounts: Vec<(LedgerAccount, Totals)>,
    /// The head of the followed chain; `None` before it is followed.
    pub head: Option<BlockRef>,
    /// Whether the books hold everything that the chain's log tells: only then are they of the head's block.
    pub is_current: bool,
}

/// The books.
pub trait LedgerStorage {
    /// The last entry of the chain's log that was worked in.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_cursor(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Works entries of the chain's log in, and moves the cursor to `upto`. Entries at or below the cursor are in
    /// already and are passed over, so that none is worked in twice.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn enter_postings(
        &self,
        postings: &[Posting],
        upto: i64,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The kept totals of some accounts, in their order.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_totals(
        &self,
        accounts: &[LedgerAccount],
    ) -> impl Future<Output = Result<Vec<Totals>, StorageError>> + Send;

    /// The books as they are kept, and as all movements add up, of one moment: with the cursor of that moment.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_books(
        &self,
    ) -> impl Future<Output = Result<(Books, Books, i64), StorageError>> + Send;

    /// The first accounts after this one, by the order of their names, with the block that they are of.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_page(
        &self,
        after: Option<LedgerAccount>,
        limit: u32,
    ) -> impl Future<Output = Result<AuditedPage, StorageError>> + Send;

    /// An account's movements after `cursor`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_statement(
        &self,
        account: LedgerAccount,
        cursor: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Entered>, StorageError>> + Send;
}

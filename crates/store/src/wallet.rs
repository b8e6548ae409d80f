//! A wallet in one SQLite file.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use offpay_wallet::{
    records::Records,
    storage::{Entry, Storage, StorageError},
};
use rusqlite::Connection;

mod error;
mod json;
mod load;
mod migrations;
mod record;
mod restore;

use error::{failed, medium};

/// A wallet's storage in one SQLite file, held by this process alone.
#[derive(Debug)]
pub struct WalletFile {
    connection: Connection,
    lease: i64,
    path: PathBuf,
    // Held as long as the wallet is open; the operating system lets go of it, however the process ends.
    _lock: File,
}

impl WalletFile {
    /// Opens the file, making it if it is not there, and keeps every other process out until it is dropped.
    ///
    /// # Errors
    ///
    /// [`StorageError::InUse`] if another process has it open, [`StorageError::TooNew`] if a newer program wrote it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StorageError> {
        let path = path.into();
        let lock = take_lock(&path)?;
        let mut connection = Connection::open(&path).map_err(failed)?;
        configure(&connection)?;
        migrations::run(&mut connection)?;
        let lease = connection
            .query_row(
                "UPDATE wallet SET lease = lease + 1 RETURNING lease",
                [],
                |row| row.get(0),
            )
            .map_err(failed)?;
        Ok(Self {
            connection,
            lease,
            path,
            _lock: lock,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The lock is a file of its own: SQLite's file may be copied for a backup while the wallet is closed.
fn take_lock(path: &Path) -> Result<File, StorageError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(medium)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse),
        Err(TryLockError::Error(error)) => Err(medium(error)),
    }
}

/// Durable at every commit, and strict about references.
fn configure(connection: &Connection) -> Result<(), StorageError> {
    connection
        .busy_timeout(Duration::from_secs(2))
        .map_err(failed)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StorageError::Inconsistent {
            what: "the file's medium supports WAL",
        });
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA secure_delete = ON;",
        )
        .map_err(failed)
}

impl Storage for WalletFile {
    fn load(&mut self) -> Result<Records, StorageError> {
        let transaction = self.connection.transaction().map_err(failed)?;
        load::records(&transaction)
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(failed)?;
        record::begin(&transaction, self.lease, entry)?;
        record::carry_out(&transaction, &entry.use_case)?;
        transaction.commit().map_err(failed)
    }
}

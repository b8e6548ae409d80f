use offpay_wallet::storage::StorageError;
use rusqlite::{Connection, TransactionBehavior};

use super::error::{failed, inconsistent};

/// "OfPw", in SQLite's header: that a file is a wallet of OffPay.
const APPLICATION_ID: i32 = 0x4f66_5077;

/// Each brings a file from the version of its place to the next. What was released is never edited.
const MIGRATIONS: [&str; 2] = [
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
];

/// Brings the file to the newest version.
pub(super) fn run(connection: &mut Connection) -> Result<(), StorageError> {
    let known = u32::try_from(MIGRATIONS.len()).map_err(|_| inconsistent("versions are few"))?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let found: u32 = transaction
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    let id: i32 = transaction
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(failed)?;
    if found > known {
        return Err(StorageError::TooNew { found, known });
    }
    let is_empty: bool = transaction
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
            row.get(0)
        })
        .map_err(failed)?;
    if id != APPLICATION_ID && !is_empty {
        return Err(inconsistent("the file is a wallet"));
    }
    for (version, migration) in (1u32..).zip(MIGRATIONS) {
        if version > found {
            transaction.execute_batch(migration).map_err(failed)?;
            transaction
                .pragma_update(None, "user_version", version)
                .map_err(failed)?;
        }
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

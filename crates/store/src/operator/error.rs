//! What the database's errors mean.

use offpay_operator::storage::StorageError;

/// SQLite's "database or disk is full".
const SQLITE_FULL: &str = "13";
/// SQLite's busy and locked, with their extended codes.
const SQLITE_BUSY: [&str; 6] = ["5", "261", "517", "773", "6", "262"];
/// PostgreSQL's serialization failure and deadlock.
const POSTGRES_CONTENTION: [&str; 2] = ["40001", "40P01"];
/// PostgreSQL's disk full.
const POSTGRES_FULL: &str = "53100";

/// What a failed statement means.
pub(crate) fn storage(error: sqlx::Error) -> StorageError {
    let code = error
        .as_database_error()
        .and_then(|database| database.code().map(std::borrow::Cow::into_owned));
    match (&error, code.as_deref()) {
        (_, Some(code)) if code == SQLITE_FULL || code == POSTGRES_FULL => {
            StorageError::Full(error.into())
        }
        (_, Some(code)) if SQLITE_BUSY.contains(&code) || POSTGRES_CONTENTION.contains(&code) => {
            StorageError::Contention(error.into())
        }
        // PostgreSQL's classes: 08 connection, 53 resources, 57 operator intervention (shutdown). 10 is SQLite's I/O.
        (_, Some(code))
            if code.len() == 5
                && ["08", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
        {
            StorageError::Unavailable(error.into())
        }
        (sqlx::Error::Database(database), _)
            if database.is_unique_violation()
                || database.is_check_violation()
                || database.is_foreign_key_violation() =>
        {
            StorageError::Refused(error.into())
        }
        (
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound,
            _,
        ) => StorageError::Unreadable(error.into()),
        _ => StorageError::Unavailable(error.into()),
    }
}

/// What a failed commit means: if the connection broke, nobody knows.
pub(crate) fn commit(error: sqlx::Error) -> StorageError {
    match storage(error) {
        StorageError::Unavailable(source) => StorageError::Unknown(source),
        other => other,
    }
}

/// A stored value that cannot be.
pub(crate) fn unreadable(
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StorageError {
    StorageError::Unreadable(error.into())
}

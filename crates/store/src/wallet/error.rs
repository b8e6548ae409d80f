use offpay_wallet::storage::StorageError;
use rusqlite::ErrorCode;

/// What SQLite's complaint means to a wallet.
pub(super) fn failed(error: rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageError::InUse,
        Some(ErrorCode::DiskFull) => StorageError::Full,
        Some(ErrorCode::ConstraintViolation) => StorageError::Inconsistent {
            what: "the entry keeps the schema's rules",
        },
        Some(ErrorCode::NotADatabase) => StorageError::Inconsistent {
            what: "the file is a wallet",
        },
        Some(ErrorCode::DatabaseCorrupt) => StorageError::Inconsistent {
            what: "the file is undamaged",
        },
        _ => medium(error),
    }
}

pub(super) fn medium(error: impl std::error::Error + Send + Sync + 'static) -> StorageError {
    StorageError::Medium(Box::new(error))
}

pub(super) const fn inconsistent(what: &'static str) -> StorageError {
    StorageError::Inconsistent { what }
}

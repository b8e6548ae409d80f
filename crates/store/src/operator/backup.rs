//! Copies of the operator's database: made while a server runs, and brought back to an empty place.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use offpay_operator::{
    hosted::RETIRED,
    storage::{LedgerStorage as _, StorageError},
};
use offpay_protocol::Timestamp;
use thiserror::Error;

use super::{
    Database, OpenError,
    columns::{amount, read_time},
    error::storage,
    write,
};

mod postgres;
mod sqlite;

/// What a database holds: enough to know what is missing in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The version of its tables.
    pub schema: i64,
    /// How many payments were cleared.
    pub payments: i64,
    /// When the last of them was cleared.
    pub last_cleared_at: Option<Timestamp>,
    /// How many movements the books have.
    pub movements: i64,
    /// The number of the last event.
    pub events: i64,
    /// The newest block that was followed.
    pub block: Option<i64>,
}

/// What was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the copy held.
    pub holds: Holds,
    /// The version that its tables have now.
    pub schema: i64,
    /// What is wrong with its books; nothing, in a whole copy.
    pub findings: Vec<String>,
    /// Hosted purses that sign nothing any more: which serials they gave out after the copy was made is not known.
    pub retired: u64,
}

/// Why there is no copy, or it is not brought back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The URL is neither `sqlite:<file>` nor `postgres://…`.
    #[error("a database URL begins with sqlite: or postgres://")]
    Scheme,
    /// There is something already, and it is not written over.
    #[error("{} is there already: it is not written over", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The database does not do it.
    #[error("the database: {0}")]
    Database(#[source] sqlx::Error),
    /// The copy is damaged.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    /// It is no copy of an operator's database.
    #[error("this is no backup of an operator's database of this kind")]
    NotABackup,
    /// Its tables are newer than this program.
    #[error(
        "its tables have version {found}, and this program knows {known}: use the program that made it, or a newer one"
    )]
    Newer {
        /// The version of its tables.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database to restore into has tables.
    #[error("the database is not empty: restore into a new one")]
    NotEmpty,
    /// PostgreSQL's programs are not there.
    #[error(
        "{program} is missing: install PostgreSQL's client programs, or name their folder in {}",
        crate::postgres_programs::VARIABLE
    )]
    NoProgram {
        /// Which one.
        program: &'static str,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which one.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// What was restored does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was restored cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BackupError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(_))
    }

    /// A name that stays the same, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Scheme => "database_scheme",
            Self::Exists(_) => "backup_exists",
            Self::File { .. } => "backup_file",
            Self::Database(_) => "database_unavailable",
            Self::Damaged(_) => "backup_damaged",
            Self::NotABackup => "not_a_backup",
            Self::Newer { .. } => "backup_newer",
            Self::NotEmpty => "database_not_empty",
            Self::NoProgram { .. } => "postgres_program_missing",
            Self::Program { .. } => "postgres_program_failed",
            Self::Open(_) => "database_not_opened",
            Self::Storage(error) => error.code(),
        }
    }
}

/// Copies a database into a new file, of one moment, while a server uses it. The copy is checked before it gets its name.
///
/// # Errors
///
/// [`BackupError`]; there is no file of that name then.
pub async fn back_up(url: &str, to: &Path) -> Result<Holds, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.into()));
    }
    match kind(url)? {
        Kind::Sqlite => sqlite::back_up(url, to).await,
        Kind::Postgres => postgres::back_up(url, to).await,
    }
}

/// Brings a copy back to where there is nothing, brings its tables up to date and audits its books.
///
/// Hosted purses are retired: a purse that signs with a serial that it gave out after the copy was made would lie. Only
/// if nothing was acknowledged after it was made (`complete`) do they go on.
///
/// # Errors
///
/// [`BackupError`].
pub async fn restore(url: &str, from: &Path, complete: bool) -> Result<Restored, BackupError> {
    match kind(url)? {
        Kind::Sqlite => sqlite::restore(url, from, complete).await,
        Kind::Postgres => postgres::restore(url, from, complete).await,
    }
}

enum Kind {
    Sqlite,
    Postgres,
}

fn kind(url: &str) -> Result<Kind, BackupError> {
    if url.starts_with("sqlite:") {
        Ok(Kind::Sqlite)
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        Ok(Kind::Postgres)
    } else {
        Err(BackupError::Scheme)
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    |error| BackupError::File { path, error }
}

/// The name that a file has until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// An empty file that others cannot read, in the place of what was broken off before.
fn begin(path: &Path) -> Result<PathBuf, BackupError> {
    let unfinished = unfinished(path);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed(&unfinished)(error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished).map_err(failed(&unfinished))?;
    Ok(unfinished)
}

/// Gives a whole file its name, durably, if nothing has that name.
fn finish(unfinished: &Path, path: &Path) -> Result<(), BackupError> {
    File::open(unfinished)
        .and_then(|file| file.sync_all())
        .map_err(failed(unfinished))?;
    fs::hard_link(unfinished, path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(path.into()),
        _ => failed(path)(error),
    })?;
    fs::remove_file(unfinished).map_err(failed(unfinished))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(folder))
}

/// What a database holds, over a connection of either engine.
macro_rules! holds {
    ($connection:expr) => {{
        let numbers: (i64, Option<i64>, i64, Option<i64>) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM payments), (SELECT MAX(cleared_at) FROM clearances), \
             (SELECT COUNT(*) FROM ledger_movements), (SELECT MAX(sequence) FROM events)",
        )
        .fetch_one(&mut *$connection)
        .await
        .map_err($crate::operator::backup::BackupError::Database)?;
        let schema: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
            .fetch_one(&mut *$connection)
            .await
            .map_err($crate::operator::backup::BackupError::Database)?;
        let block: Option<i64> = sqlx::query_scalar("SELECT head_number FROM chain_cursor")
            .fetch_optional(&mut *$connection)
            .await
            .map_err($crate::operator::backup::BackupError::Database)?;
        $crate::operator::backup::told(schema, numbers, block)?
    }};
}
use holds;

type Numbers = (i64, Option<i64>, i64, Option<i64>);

fn told(
    schema: Option<i64>,
    (payments, cleared_at, movements, events): Numbers,
    block: Option<i64>,
) -> Result<Holds, BackupError> {
    Ok(Holds {
        schema: schema.ok_or(BackupError::NotABackup)?,
        payments,
        last_cleared_at: cleared_at.map(read_time).transpose()?,
        movements,
        events: events.unwrap_or_default(),
        block,
    })
}

/// Refuses tables that are newer than this program's.
fn check_version(found: i64, known: i64) -> Result<(), BackupError> {
    if found > known {
        return Err(BackupError::Newer { found, known });
    }
    Ok(())
}

/// What is done with a database that was brought back, before anybody uses it.
async fn prepare(
    database: &Database,
    holds: Holds,
    known: i64,
    complete: bool,
) -> Result<Restored, BackupError> {
    let (kept, counted, _) = database.ledger_books().await?;
    let wrong = kept.compare(&counted).into_iter().chain(counted.audit());
    let findings = wrong.map(|imbalance| imbalance.to_string()).collect();
    let retired = if complete { 0 } else { retire(database).await? };
    Ok(Restored {
        holds,
        schema: known,
        findings,
        retired,
    })
}

/// No serial is left to the purses that this server signs for.
async fn retire(database: &Database) -> Result<u64, StorageError> {
    write!(database, |tx| {
        sqlx::query("UPDATE hosted_purses SET next_serial = $1 WHERE keeper = 'server' AND next_serial <> $1")
            .bind(amount(RETIRED))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected()
    })
}

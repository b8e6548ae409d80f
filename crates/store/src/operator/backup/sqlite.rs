//! Copies of a database in a file.

use std::{fs, io::Read as _, path::Path, str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{
    BackupError, Holds, Restored, begin, check_version, failed, finish, holds, prepare, unfinished,
};
use crate::operator::{Database, connect};

/// What every database of SQLite begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// How long another writer is waited for.
const BUSY: Duration = Duration::from_secs(30);

pub(super) async fn back_up(url: &str, to: &Path) -> Result<Holds, BackupError> {
    // Its tables are left as they are, whatever version they have.
    let mut source = SqliteConnectOptions::from_str(url)
        .map_err(BackupError::Database)?
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .connect()
        .await
        .map_err(BackupError::Database)?;
    let copy = begin(to)?;
    let copied = sqlx::query("VACUUM INTO $1")
        .bind(copy.display().to_string())
        .execute(&mut source)
        .await
        .map_err(BackupError::Database);
    source.close().await.map_err(BackupError::Database)?;
    copied?;
    let holds = check(&copy).await?;
    finish(&copy, to)?;
    Ok(holds)
}

/// A file that nobody writes to, as it is.
async fn look(file: &Path) -> Result<SqliteConnection, BackupError> {
    SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true)
        .connect()
        .await
        .map_err(BackupError::Database)
}

/// Whether a copy is whole, and what it holds.
async fn check(copy: &Path) -> Result<Holds, BackupError> {
    let mut connection = look(copy).await?;
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut connection)
        .await
        .map_err(|error| BackupError::Damaged(error.to_string()))?;
    if said != ["ok"] {
        return Err(BackupError::Damaged(said.join("; ")));
    }
    let ours: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ledger_movements'",
    )
    .fetch_optional(&mut connection)
    .await
    .map_err(BackupError::Database)?;
    if ours.is_none() {
        return Err(BackupError::NotABackup);
    }
    let holds = holds!(&mut connection);
    connection.close().await.map_err(BackupError::Database)?;
    Ok(holds)
}

pub(super) async fn restore(
    url: &str,
    from: &Path,
    complete: bool,
) -> Result<Restored, BackupError> {
    let options = SqliteConnectOptions::from_str(url).map_err(BackupError::Database)?;
    let to = options.get_filename().to_owned();
    for end in ["", "-wal", "-shm"] {
        let mut name = to.as_os_str().to_owned();
        name.push(end);
        if Path::new(&name).exists() {
            return Err(BackupError::Exists(name.into()));
        }
    }
    let mut magic = [0; 16];
    fs::File::open(from)
        .and_then(|mut file| file.read_exact(&mut magic))
        .map_err(failed(from))?;
    if magic != MAGIC {
        return Err(BackupError::NotABackup);
    }
    let copy = begin(&to)?;
    // Only its content: the copy is for its owner alone, whoever may read the backup.
    let copied = fs::File::open(from).and_then(|mut from| {
        let mut to = fs::OpenOptions::new().write(true).open(&copy)?;
        std::io::copy(&mut from, &mut to)
    });
    copied.map_err(failed(&copy))?;
    let holds = check(&copy).await?;
    let known = connect::newest_sqlite();
    check_version(holds.schema, known)?;
    let restored = open_and_prepare(&copy, holds, known, complete).await?;
    debug_assert_eq!(unfinished(&to), copy);
    finish(&copy, &to)?;
    Ok(restored)
}

async fn open_and_prepare(
    copy: &Path,
    holds: Holds,
    known: i64,
    complete: bool,
) -> Result<Restored, BackupError> {
    let database = Database::open(&format!("sqlite:{}", copy.display())).await?;
    let restored = prepare(&database, holds, known, complete).await;
    database.close().await;
    // Everything into the one file that gets the name.
    let mut connection = SqliteConnectOptions::new()
        .filename(copy)
        .journal_mode(SqliteJournalMode::Delete)
        .connect()
        .await
        .map_err(BackupError::Database)?;
    sqlx::query("SELECT 1")
        .execute(&mut connection)
        .await
        .map_err(BackupError::Database)?;
    connection.close().await.map_err(BackupError::Database)?;
    restored
}

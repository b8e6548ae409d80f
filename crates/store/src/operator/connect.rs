//! Opening the database, and bringing its tables up to date.

use std::{str::FromStr, time::Duration};

use offpay_operator::storage::StorageError;
use sqlx::{
    Connection as _, Database as Engine, PgPool, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    error,
    leases::{Fence, TakenOver},
};

pub(crate) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
pub(crate) const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

const IDLE_IN_TRANSACTION: &str = "SET idle_in_transaction_session_timeout = '5s'";
pub(crate) const BEGIN_LOCKED: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// How often a transaction is run anew because of other writers.
const MOST_TURNS: u32 = 12;
/// How long a connection may be waited for.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Pages of 4 KiB that SQLite's log holds before the writer itself brings them into the database, and begins the log anew.
/// Most of them [`Database::checkpoint`] has brought in by then.
const LONGEST_LOG: &str = "16384";
/// What the writing connection keeps in memory, in negative KiB: the ends of all indexes that are written to.
const WRITE_CACHE: &str = "-65536";

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The newest version of the tables that this program knows, on SQLite.
pub(crate) fn newest_sqlite() -> i64 {
    newest(&SQLITE)
}

/// The same on PostgreSQL.
pub(crate) fn newest_postgres() -> i64 {
    newest(&POSTGRES)
}

/// What the tables say of themselves, if they are newer than `known`: `None` if they are not, and whether this program may
/// work on them.
macro_rules! check_newer {
    ($pool:expr, $known:expr) => {{
        let applied: Result<Option<i64>, _> =
            sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
                .fetch_one($pool)
                .await;
        // A database without tables has none of migrations either.
        let applied = applied.ok().flatten().unwrap_or_default();
        if applied > $known {
            let needed: Option<i64> = sqlx::query_scalar("SELECT oldest FROM tables_for")
                .fetch_optional($pool)
                .await
                .map_err(OpenError::Connect)?;
            match needed {
                Some(needed) if needed <= $known => true,
                needed => {
                    return Err(OpenError::TooOld {
                        needed: needed.unwrap_or(applied),
                        known: $known,
                    });
                }
            }
        } else {
            false
        }
    }};
}

/// This program's migrations, for tables that a newer one brought up to date: those that it does not know stay.
fn leaving_newer(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

fn newest(migrator: &Migrator) -> i64 {
    let versions = migrator.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}

/// The operator's database: SQLite in a file, or PostgreSQL.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pools: Pools,
    /// What is written is checked by this.
    pub(crate) fence: Option<Fence>,
}

#[derive(Clone, Debug)]
pub(crate) enum Pools {
    /// One connection writes, so that writers queue in this process and never fail as busy.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
        /// Brings the write-ahead log into the database, beside the writer.
        checkpoint: SqlitePool,
    },
    Postgres(PgPool),
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither `sqlite:<file>` nor `postgres://…`.
    #[error("a database URL begins with sqlite: or postgres://")]
    Scheme,
    /// It cannot be opened or reached.
    #[error("the database cannot be opened: {0}")]
    Connect(#[source] sqlx::Error),
    /// A newer program changed its tables so that this one cannot work on them.
    #[error(
        "the database's tables need a program that knows migration {needed}, and this one knows {known}: start the newer program"
    )]
    TooOld {
        /// The migration that a program has to know.
        needed: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// Its tables were changed by something else, or a migration failed.
    #[error("the database's tables do not fit: {0}")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl Database {
    /// Opens `sqlite:<file>` (made if missing) or `postgres://…`, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; its text never holds the URL, which can carry a password.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await
        } else {
            Err(OpenError::Scheme)
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(OpenError::Connect)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            // A page is changed by many commits before it is written to its place once.
            .pragma("wal_autocheckpoint", LONGEST_LOG);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            // SQLite ends a transaction by itself when the disk is full. What was told to roll it back then fails, and takes
            // the connection to be in it for good.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .connect_with(options.clone().pragma("cache_size", WRITE_CACHE))
            .await
            .map_err(OpenError::Connect)?;
        if check_newer!(&write, newest_sqlite()) {
            let migrator = leaving_newer(sqlx::migrate!("migrations/sqlite"));
            migrator.run(&write).await.map_err(OpenError::Migrate)?;
        } else {
            SQLITE.run(&write).await.map_err(OpenError::Migrate)?;
        }
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(ACQUIRE)
            .connect_with(options.clone().read_only(true))
            .await
            .map_err(OpenError::Connect)?;
        let checkpoint = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options);
        Ok(Self {
            pools: Pools::Sqlite {
                write,
                read,
                checkpoint,
            },
            fence: None,
        })
    }

    async fn open_postgres(url: &str) -> Result<Self, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // A server that is stopped in the middle of a transaction, or cut off, holds its locks no longer.
                    sqlx::query(IDLE_IN_TRANSACTION)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .connect(url)
            .await
            .map_err(OpenError::Connect)?;
        if check_newer!(&pool, newest_postgres()) {
            let migrator = leaving_newer(sqlx::migrate!("migrations/postgres"));
            migrator.run(&pool).await.map_err(OpenError::Migrate)?;
        } else {
            POSTGRES.run(&pool).await.map_err(OpenError::Migrate)?;
        }
        Ok(Self {
            pools: Pools::Postgres(pool),
            fence: None,
        })
    }

    /// Brings what SQLite's log holds into the database, while others read and write. To be called several times a second:
    /// otherwise the writer does it, and whoever waits for the writer waits for it. On PostgreSQL this is nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn checkpoint(&self) -> Result<(), StorageError> {
        let Pools::Sqlite { checkpoint, .. } = &self.pools else {
            return Ok(());
        };
        // Passive: it holds up nobody. Others would hold the writer's lock while they wait for readers.
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(checkpoint)
            .await
            .map(drop)
            .map_err(error::storage)
    }

    /// Closes it, after everything that was begun.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite {
                write,
                read,
                checkpoint,
            } => {
                checkpoint.close().await;
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Which engine it is: `sqlite` or `postgres`.
    pub const fn engine(&self) -> &'static str {
        match &self.pools {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgres",
        }
    }
}

/// Commits; a broken connection leaves it unknown.
pub(crate) async fn commit<E: Engine>(transaction: Transaction<'_, E>) -> Result<(), StorageError> {
    transaction.commit().await.map_err(error::commit)
}

/// The count of turns that a transaction has had.
pub(crate) struct Turn(u32);

impl Turn {
    pub(crate) const fn first() -> Self {
        Self(0)
    }

    /// Whether to try once more; waits a little first.
    pub(crate) async fn again(&mut self, error: &StorageError) -> bool {
        let again = matches!(error, StorageError::Contention(_)) && self.0 < MOST_TURNS;
        if again {
            self.0 += 1;
            tokio::time::sleep(Duration::from_millis(u64::from(self.0) * 3)).await;
        }
        again
    }
}

/// A connection inside a transaction, of either engine: for what several areas write alike.
pub(crate) trait Connection: Sized {
    /// Checks that a holder's lease is still its own; until the transaction ends, nobody else takes it.
    async fn pass(&mut self, fence: Fence) -> Result<(), StorageError>;

    /// The slot map's version; until the transaction ends, nobody changes the map.
    async fn hold_map(&mut self) -> Result<i64, StorageError>;

    /// The database's own time, in milliseconds since 1970.
    async fn clock_ms(&mut self) -> Result<i64, StorageError>;

    /// Appends to the event log. Called last in a transaction: on PostgreSQL it takes a lock that makes the order of
    /// sequence numbers the order of commits.
    async fn append_events(
        &mut self,
        events: &[offpay_operator::event::NewEvent],
        now: offpay_protocol::Timestamp,
    ) -> Result<(), StorageError>;

    /// Appends to the outbox what is not in it by its work key; gives the number of each.
    async fn append_transactions(
        &mut self,
        transactions: &[offpay_operator::outbox::NewTransaction],
        now: offpay_protocol::Timestamp,
    ) -> Result<Vec<i64>, StorageError>;
}

/// Whether the fence's token is the newest.
macro_rules! pass {
    ($connection:expr, $fence:expr, $statement:literal) => {{
        let token: Option<i64> = sqlx::query_scalar($statement)
            .bind($fence.name)
            .fetch_optional(&mut *$connection)
            .await
            .map_err(error::storage)?;
        if token == Some($fence.token) {
            Ok(())
        } else {
            Err(StorageError::Refused(TakenOver($fence.name).into()))
        }
    }};
}

impl Connection for sqlx::SqliteConnection {
    async fn pass(&mut self, fence: Fence) -> Result<(), StorageError> {
        pass!(self, fence, "SELECT token FROM fences WHERE name = $1")
    }

    async fn hold_map(&mut self) -> Result<i64, StorageError> {
        sqlx::query_scalar("SELECT version FROM slot_map WHERE one = 1")
            .fetch_one(&mut *self)
            .await
            .map_err(error::storage)
    }

    async fn clock_ms(&mut self) -> Result<i64, StorageError> {
        sqlx::query_scalar("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
            .fetch_one(&mut *self)
            .await
            .map_err(error::storage)
    }

    async fn append_events(
        &mut self,
        events: &[offpay_operator::event::NewEvent],
        now: offpay_protocol::Timestamp,
    ) -> Result<(), StorageError> {
        super::events::append!(self, events, now)
    }

    async fn append_transactions(
        &mut self,
        transactions: &[offpay_operator::outbox::NewTransaction],
        now: offpay_protocol::Timestamp,
    ) -> Result<Vec<i64>, StorageError> {
        super::outbox::append!(self, transactions, now)
    }
}

impl Connection for sqlx::PgConnection {
    async fn pass(&mut self, fence: Fence) -> Result<(), StorageError> {
        pass!(
            self,
            fence,
            "SELECT token FROM fences WHERE name = $1 FOR SHARE"
        )
    }

    async fn hold_map(&mut self) -> Result<i64, StorageError> {
        sqlx::query_scalar("SELECT version FROM slot_map WHERE one = 1 FOR SHARE")
            .fetch_one(&mut *self)
            .await
            .map_err(error::storage)
    }

    async fn clock_ms(&mut self) -> Result<i64, StorageError> {
        sqlx::query_scalar("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
            .fetch_one(&mut *self)
            .await
            .map_err(error::storage)
    }

    async fn append_events(
        &mut self,
        events: &[offpay_operator::event::NewEvent],
        now: offpay_protocol::Timestamp,
    ) -> Result<(), StorageError> {
        if events.is_empty() {
            return Ok(());
        }
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(super::events::LOCK)
            .execute(&mut *self)
            .await
            .map_err(error::storage)?;
        super::events::append!(self, events, now)
    }

    async fn append_transactions(
        &mut self,
        transactions: &[offpay_operator::outbox::NewTransaction],
        now: offpay_protocol::Timestamp,
    ) -> Result<Vec<i64>, StorageError> {
        super::outbox::append!(self, transactions, now)
    }
}

//! A fresh database of either engine, for one test.

use std::io;

use tempfile::TempDir;

use super::{PostgresError, PostgresServer};
use crate::{
    Database,
    operator::{OpenError, Pools},
};

/// The engines that every operator's storage has to work on alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL, on the server that the tests of a program share.
    Postgres,
}

impl Engine {
    /// Both: a conformance test loops over them.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A database that nobody else uses, with its tables. It is gone with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// The database.
    pub database: Database,
    /// How to open it again.
    pub url: String,
    _folder: Option<TempDir>,
}

/// Why there is no database to test on.
#[derive(Debug, thiserror::Error)]
pub enum TestDatabaseError {
    /// No folder for the file.
    #[error(transparent)]
    Folder(#[from] io::Error),
    /// No PostgreSQL.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl TestDatabase {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// [`TestDatabaseError`].
    pub async fn new(engine: Engine) -> Result<Self, TestDatabaseError> {
        let (url, folder) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir()?;
                let url = format!("sqlite:{}", folder.path().join("offpay.db").display());
                (url, Some(folder))
            }
            Engine::Postgres => (PostgresServer::shared()?.new_database().await?, None),
        };
        Ok(Self {
            database: Database::open(&url).await?,
            url,
            _folder: folder,
        })
    }

    /// Runs a statement as somebody would who writes to the tables by hand.
    ///
    /// # Errors
    ///
    /// The database refuses it.
    pub async fn run(&self, statement: &'static str) -> Result<(), sqlx::Error> {
        match &self.database.pools {
            Pools::Sqlite { write, .. } => sqlx::query(statement).execute(write).await.map(drop),
            Pools::Postgres(pool) => sqlx::query(statement).execute(pool).await.map(drop),
        }
    }

    /// The same with several statements, which a test made up.
    ///
    /// # Errors
    ///
    /// The database refuses one.
    pub async fn execute(&self, statements: &str) -> Result<(), sqlx::Error> {
        let statements = sqlx::AssertSqlSafe(statements.to_owned());
        match &self.database.pools {
            Pools::Sqlite { write, .. } => sqlx::raw_sql(statements).execute(write).await.map(drop),
            Pools::Postgres(pool) => sqlx::raw_sql(statements).execute(pool).await.map(drop),
        }
    }
}

//! A disk that is full.

use crate::{
    Database,
    operator::{Pools, storage_error},
};
use offpay_operator::storage::StorageError;

impl Database {
    /// Lets an SQLite file grow to so many pages, and no further. Does nothing on PostgreSQL.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn limit_pages(&self, pages: u32) -> Result<(), StorageError> {
        if let Pools::Sqlite { write, .. } = &self.pools {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "PRAGMA max_page_count = {pages}"
            )))
            .execute(write)
            .await
            .map_err(storage_error)?;
            // The limit is a connection's, and another may take its place.
            let options = (*write.connect_options()).clone();
            write.set_connect_options(options.pragma("max_page_count", pages.to_string()));
        }
        Ok(())
    }
}

//! The operator's storage: the same tables and statements on SQLite and PostgreSQL.
//!
//! Statements are written once, in the SQL that both speak, with `$1` parameters. `read!` and `write!` run them on
//! whichever engine is open. Amounts are text of 29 digits with leading zeros, so that their order is the order of the
//! numbers, in both, and nothing is rounded; hashes and addresses are bytes; times are seconds since 1970.

mod addresses;
mod admin;
mod attempts;
pub mod backup;
mod chain;
mod channels;
mod circles;
mod clearing;
mod columns;
mod connect;
mod error;
mod events;
mod export;
mod hosted_purses;
mod idempotency;
mod identity;
mod leases;
mod ledger;
mod log_counters;
mod operations;
mod outbox;
mod requests;
mod settling;
mod slots;
mod statement_counters;
mod watch;
mod webhooks;

pub use connect::{Database, OpenError};
pub use log_counters::LogCounters;
pub use slots::{MoveError, MovedRows, Moving};
pub use statement_counters::StatementCounters;

/// Runs `$body` with `$pool` bound to the pool for reading.
macro_rules! read {
    ($database:expr, |$pool:ident| $body:expr) => {
        match &$database.pools {
            $crate::operator::connect::Pools::Sqlite { read: $pool, .. } => $body,
            $crate::operator::connect::Pools::Postgres($pool) => $body,
        }
    };
}

/// Runs `$body` in a serializable transaction, with `$tx` bound to it, and commits; again if other writers were in the
/// way. For the holder of a lease, it begins by checking that it still is one. `$body` may use `?` with anything that becomes a `StorageError`, and is run anew from its start, so it must not
/// consume what it uses. `$tx` dereferences to the connection: `.execute(&mut *$tx)`.
macro_rules! write {
    ($database:expr, |$tx:ident| $body:expr) => {
        $crate::operator::write!(
            $database,
            $crate::operator::connect::BEGIN_POSTGRES,
            |$tx| $body
        )
    };
    // What holds locks on all that it decides on need not be serializable on PostgreSQL besides, and is in nobody's way.
    ($database:expr, $begin:expr, |$tx:ident| $body:expr) => {{
        let mut turn = $crate::operator::connect::Turn::first();
        loop {
            let outcome = match &$database.pools {
                $crate::operator::connect::Pools::Sqlite { write, .. } => {
                    async {
                        let mut transaction = write
                            .begin_with($crate::operator::connect::BEGIN_SQLITE)
                            .await
                            .map_err($crate::operator::error::storage)?;
                        if let Some(fence) = $database.fence {
                            $crate::operator::connect::Connection::pass(&mut *transaction, fence)
                                .await?;
                        }
                        let out = {
                            let $tx = &mut *transaction;
                            $body
                        };
                        $crate::operator::connect::commit(transaction).await?;
                        Ok::<_, ::offpay_operator::storage::StorageError>(out)
                    }
                    .await
                }
                $crate::operator::connect::Pools::Postgres(pool) => {
                    async {
                        let mut transaction = pool
                            .begin_with($begin)
                            .await
                            .map_err($crate::operator::error::storage)?;
                        if let Some(fence) = $database.fence {
                            $crate::operator::connect::Connection::pass(&mut *transaction, fence)
                                .await?;
                        }
                        let out = {
                            let $tx = &mut *transaction;
                            $body
                        };
                        $crate::operator::connect::commit(transaction).await?;
                        Ok::<_, ::offpay_operator::storage::StorageError>(out)
                    }
                    .await
                }
            };
            match outcome {
                Err(error) if turn.again(&error).await => {}
                outcome => break outcome,
            }
        }
    }};
}

pub(crate) use {read, write};

#[cfg(feature = "testing")]
pub(crate) use {connect::Pools, error::storage as storage_error};

//! For tests: storages of a wallet, one in memory and one that fails on purpose; databases of an operator, of either
//! engine.

mod database;
mod faulty;
mod full;
mod memory;
mod postgres;

pub use database::{Engine, TestDatabase, TestDatabaseError};
pub use faulty::{Fault, Faulty, Injector};
pub use memory::MemoryStorage;
pub use postgres::{PostgresError, PostgresServer};

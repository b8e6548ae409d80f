#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod operator;
mod postgres_programs;
mod wallet;

#[cfg(feature = "testing")]
pub mod testing;

pub use operator::{Database, backup};
pub use wallet::WalletFile;

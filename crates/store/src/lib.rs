#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod operator;
mod wallet;

#[cfg(feature = "testing")]
pub mod testing;

pub use operator::Database;
pub use wallet::WalletFile;

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod wallet;

#[cfg(feature = "testing")]
pub mod testing;

pub use wallet::WalletFile;

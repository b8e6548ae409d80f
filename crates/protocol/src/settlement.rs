//! The contract's rules for one purse, in Rust (sections 3, 5 and 6 of the protocol).
//!
//! A reference model: it moves no money and checks no signatures, it says what the contract does. Wallets and
//! operators foresee with it what a settlement will bring; a differential test runs it and the contract on the same
//! histories. It speaks of one purse and hands back what leaves it. Balances, collateral, circles and the clock are
//! the caller's.
//!
//! Words and errors are those of the Solidity sources.

mod close;
mod default;
mod error;
mod make_good;
mod owner;
mod settle;
mod state;

#[cfg(test)]
mod tests;

pub use close::Closed;
pub use error::PurseError;
pub use make_good::MadeGood;
pub use settle::{Presentation, Settled};
pub use state::{OpenDefault, PairState, PurseState};

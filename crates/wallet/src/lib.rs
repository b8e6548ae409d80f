#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

pub mod accept;
pub mod ask;
pub mod backup;
pub mod channel;
pub mod deployment;
pub mod durable;
pub mod history;
pub mod keys;
pub mod messages;
pub mod owner;
pub mod pay;
pub mod profile;
pub mod purse;
pub mod receipt;
pub mod records;
pub mod recovery;
pub mod refund;
pub mod report;
pub mod sale;
pub mod settings;
pub mod sign_in;
pub mod state;
pub mod storage;
pub mod sync;
pub mod use_case;
pub mod wallet;

mod date;
mod entropy;

pub use deployment::{Deployment, Token};
pub use durable::{Durable, Unstored};
pub use entropy::Entropy;
pub use state::State;
pub use wallet::Wallet;

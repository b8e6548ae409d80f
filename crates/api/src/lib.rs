#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod access_tokens;
pub mod account;
pub mod admin_accounts;
pub mod admin_export;
pub mod admin_log;
pub mod admin_overview;
pub mod admin_risks;
pub mod admin_transactions;
pub mod attestations;
pub mod audit;
pub mod certificates;
pub mod channels;
pub mod circles;
pub mod collateral;
pub mod deposits;
pub mod events;
pub mod faucet;
pub mod healthz;
pub mod me;
pub mod network;
pub mod operations;
pub mod operator;
pub mod page;
pub mod passkeys;
pub mod pay;
pub mod payments;
pub mod problem;
pub mod purses;
pub mod readyz;
pub mod recoveries;
pub mod relay;
pub mod requests;
pub mod revocations;
pub mod secret_text;
pub mod sessions;
pub mod transactions;
pub mod users;
pub mod watch;
pub mod webhooks;
pub mod withdrawals;

pub use problem::{Code, Problem};
pub use secret_text::SecretText;

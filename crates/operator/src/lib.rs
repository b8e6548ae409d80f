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

pub mod admin;
pub mod clearing;
pub mod event;
pub mod follower;
pub mod hosted;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod outbox;
pub mod purse;
pub mod settlement;
pub mod slots;
pub mod storage;
pub mod watch;
pub mod webhook;

pub use ids::UserId;

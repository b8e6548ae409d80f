#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod accounts;
pub mod app;
pub mod auth;
pub mod clearing;
pub mod clock;
pub mod config;
pub mod event_log;
pub mod follower;
pub mod http;
pub mod keys;
mod lease;
pub mod local;
pub mod log;
pub mod loops;
pub mod metrics;
pub mod money;
pub mod openapi;
pub mod outbox;
pub mod problem;
pub mod routes;
pub mod settlement;
pub mod shards;
pub mod start;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod vault;
pub mod watch;
pub mod web;
pub mod webhooks;

pub use app::App;
pub use config::Config;
pub use start::{Running, StartError, start};

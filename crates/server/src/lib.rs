#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod problem;
pub mod routes;

pub use app::App;
pub use config::Config;

#![doc = include_str!("../README.md")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod bindings;
mod chain;
mod command;
mod engine;
mod failure;
mod journal;
mod qr;
mod run;
mod text;

pub use bindings::{OffPayEngine, QrDrawing};
pub use engine::Engine;
pub use failure::Failure;

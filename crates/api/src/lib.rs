#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod healthz;
pub mod me;
pub mod page;
pub mod problem;
pub mod readyz;
pub mod secret_text;
pub mod sessions;
pub mod users;

pub use problem::{Code, Problem};
pub use secret_text::SecretText;

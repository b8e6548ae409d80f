#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod healthz;
pub mod page;
pub mod problem;
pub mod readyz;

pub use problem::{Code, Problem};

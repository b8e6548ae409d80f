#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod page;
pub mod problem;

pub use problem::{Code, Problem};

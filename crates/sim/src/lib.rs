#![doc = include_str!("../README.md")]

pub mod action;
pub mod chain;
pub mod channel;
pub mod cheat;
pub mod economics;
mod failure;
pub mod operator;
mod oracle;
pub mod person;
pub mod plant;
pub mod random;
pub mod run;
pub mod setup;
pub mod world;

pub use failure::Failure;

#![doc = include_str!("../README.md")]

pub mod compile;
pub mod copy;
pub mod mutant;
pub mod source;
pub mod suite;
pub mod trial;
pub mod weave;

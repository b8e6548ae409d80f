//! Hosted money, over HTTP on a chain of its own.

mod circles;
mod limits;
mod paying;
mod resuming;
mod story;
mod support;

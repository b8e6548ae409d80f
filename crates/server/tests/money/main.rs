//! Hosted money, over HTTP on a chain of its own.

mod channel_crashes;
mod channel_support;
mod channel_wallet;
mod channels;
mod circles;
mod limits;
mod paying;
mod resuming;
mod story;
mod support;

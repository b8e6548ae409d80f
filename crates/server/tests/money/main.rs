//! Hosted money, over HTTP on a chain of its own.

mod addresses;
mod backup;
mod channel_crashes;
mod channel_support;
mod channel_wallet;
mod channels;
mod circles;
mod limits;
mod operator;
mod paying;
mod purses;
mod resuming;
mod story;
mod support;
mod transactions;

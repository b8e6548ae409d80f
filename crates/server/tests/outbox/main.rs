//! The sender: whatever is lost, stuck, taken back or lied about, the chain does each work once.

mod lost;
mod nodes;
mod proxy;
mod sending;
mod stuck;
mod support;

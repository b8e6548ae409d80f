//! The sender: whatever is lost, stuck, taken back or lied about, the chain does each work once.

mod lost;
mod nodes;
mod sending;
mod stuck;
mod support;

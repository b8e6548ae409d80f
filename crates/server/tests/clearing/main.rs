//! Clearing as wallets use it: over HTTP, with purses of their own on a real chain, and no account at the server.

mod certificates;
mod payments;
mod reports;
mod rotation;
mod shards;
mod streams;
mod support;
mod watching;

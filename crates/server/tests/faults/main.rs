//! What happens around a server: its database goes and comes back. With the whole server, on a real chain.

mod database;
#[path = "../clearing/support.rs"]
#[allow(dead_code)]
mod support;

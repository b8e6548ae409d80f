//! What happens around a server: its database goes and comes back, its disk is full, its clock is set. Each with the whole
//! server, on a real chain.

mod clock;
mod database;
mod disk;
#[path = "../money/support.rs"]
#[allow(dead_code)]
mod money;
#[path = "../clearing/support.rs"]
#[allow(dead_code)]
mod support;

//! Following a real chain: one node or two, honest ones and others, forward and back.

mod history;
mod nodes;
mod reorgs;
mod watchtower;
mod world;

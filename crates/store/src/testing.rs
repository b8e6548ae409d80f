//! Storages for tests: one in memory, and one that fails on purpose.

mod faulty;
mod memory;

pub use faulty::{Fault, Faulty, Injector};
pub use memory::MemoryStorage;

//! Wallets in files: the same meaning as in memory, one process at a time, nothing lost.

mod conformance;
mod entries;
mod killed;
mod one_process;
mod versions;

//! The commands, one to a file.

pub(crate) mod account;
pub(crate) mod deploy;
pub(crate) mod purse;
pub(crate) mod settle;
pub(crate) mod verify;

//! The commands, one to a file.

pub(crate) mod account;
pub(crate) mod backup;
pub(crate) mod check_config;
pub(crate) mod deploy;
pub(crate) mod purse;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod settle;
pub(crate) mod verify;

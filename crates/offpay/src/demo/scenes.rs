//! The scenes, in their order.

pub(super) mod channel;
pub(super) mod cheat;
pub(super) mod double_spend;
pub(super) mod farewell;
pub(super) mod offline;
pub(super) mod relay;
pub(super) mod settling;
pub(super) mod setup;
pub(super) mod stale_close;
pub(super) mod two_devices;

//! Channels: money set aside for one counterparty (section 7 of the protocol).

mod acceptance;
mod position;
mod terms;

pub use acceptance::{AcceptedVoucher, ChannelView, VoucherRefusal, accept_voucher};
pub use position::{Payout, Position};
pub use terms::{InvalidTerms, LONGEST_CLOSE_DEADLINE, LONGEST_CLOSE_DELAY, Side};

//! The network is back: what to ask, what to hand in, and what the answers change.
//!
//! Pure planning. [`State::tasks`](crate::State::tasks) says what is to be done, most urgent first; the shell does it and hands every
//! [`Answer`] to [`Wallet::learn`](crate::Wallet::learn), which checks it and stores what it means. Doing a task twice,
//! or not at all, harms nothing: the next plan asks for what is still missing.

mod answer;
mod chain;
mod channels;
mod error;
mod hand_in;
mod learn;
mod operators;
mod own_purse;
mod paid;
mod plan;
mod ready;
mod standing;

pub use answer::{Answer, ChannelOnChain, CircleOnChain, PaidTo, PurseOnChain, PurseView};
pub use error::SyncError;
pub use hand_in::HAND_IN_AGAIN_AFTER;
pub use plan::Task;
pub use ready::{NotReady, Readiness};
pub use standing::{HandInDate, Progress, Standing};

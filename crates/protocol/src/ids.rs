//! The names of things: each kind of address and hash has a type of its own, so that none is taken for another.

use thiserror::Error;

mod address;
mod hash;

pub(crate) use address::checksummed;
pub use address::{AccountId, ChannelKey, Circle, OperatorId, PurseKey};
pub use hash::{ChannelId, Nonce, PaymentId, Reference};

/// Why a text names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// It is not `0x` and the right number of hex digits.
    #[error("not 0x followed by {digits} hex digits")]
    NotHex {
        /// How many digits there should be.
        digits: u8,
    },
    /// The address mixes capitals in a way that its EIP-55 checksum does not.
    #[error("the address fails its EIP-55 checksum")]
    Checksum,
}

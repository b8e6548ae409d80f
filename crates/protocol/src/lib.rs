#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

pub mod acceptance;
pub mod amount;
pub mod attestation;
pub mod certificate;
pub mod channel;
pub mod clearance;
pub mod conflict;
pub mod cover;
pub mod deposit;
pub mod domain;
pub mod ids;
pub mod messages;
pub mod payment_rules;
pub mod proof;
pub mod revocations;
pub mod serials;
pub mod settlement;
pub mod signature;
pub mod signed;
pub mod slot;
pub mod till;
pub mod timestamp;
pub mod wire;

mod cbor;
mod word;

pub use amount::Amount;
pub use domain::Domain;
pub use ids::{
    AccountId, ChannelId, ChannelKey, Circle, Nonce, OperatorId, PaymentId, PurseKey, Reference,
};
pub use messages::{Signable, TypedData};
pub use serials::Serials;
pub use signature::{Signature, SigningKey};
pub use signed::Signed;
pub use timestamp::{Seconds, Timestamp};

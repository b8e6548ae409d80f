//! Between the protocol's types and Solidity's.

use alloy::primitives::{
    U256,
    aliases::{U40, U96},
};
use offpay_protocol::{Amount, Seconds, Timestamp};

use crate::error::ChainError;

/// To Solidity. Always fits.
pub(crate) fn uint96(amount: Amount) -> U96 {
    U96::saturating_from(amount.get())
}

/// To Solidity. Always fits.
pub(crate) fn uint40(seconds: impl Into<u64>) -> U40 {
    U40::saturating_from(seconds.into())
}

/// From Solidity. Always fits.
pub(crate) fn amount(units: U96) -> Amount {
    Amount::new(units.saturating_to()).unwrap_or(Amount::MAX)
}

/// From Solidity. Always fits.
pub(crate) fn timestamp(seconds: U40) -> Timestamp {
    Timestamp::new(seconds.saturating_to()).unwrap_or(Timestamp::MAX)
}

/// From Solidity. Always fits.
pub(crate) fn seconds(seconds: U40) -> Seconds {
    Seconds::new(seconds.saturating_to()).unwrap_or_default()
}

/// A point in time that the contract holds as zero while it is not set.
pub(crate) fn set(seconds: U40) -> Option<Timestamp> {
    Some(timestamp(seconds)).filter(|at| !at.is_zero())
}

/// An amount that the contract holds in a whole word. All holdings are below 2^96, so anything above is no answer of
/// an OffPay contract.
pub(crate) fn held(units: U256) -> Result<Amount, ChainError> {
    narrow(units).ok_or(ChainError::OutOfRange)
}

/// An amount, if it is below 2^96.
pub(crate) fn narrow(units: U256) -> Option<Amount> {
    u128::try_from(units).ok().and_then(Amount::new)
}

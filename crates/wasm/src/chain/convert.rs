//! Between the contract's integers and the protocol's.

use alloy_primitives::{
    U256,
    aliases::{U40, U96},
};
use offpay_protocol::{
    Amount, Timestamp,
    messages::{ChannelTerms, Payment},
};

use super::abi::OffPay::{self as abi, PaymentRow};
use crate::Failure;

pub(super) fn uint96(amount: Amount) -> U96 {
    U96::from(amount.get())
}

pub(super) fn uint40(time: Timestamp) -> U40 {
    U40::from(time.get())
}

pub(super) fn amount(value: U96) -> Amount {
    // 96 bits always fit.
    u128::try_from(value)
        .ok()
        .and_then(Amount::new)
        .unwrap_or(Amount::MAX)
}

/// What is held in the contract never leaves 96 bits; another contract's number might.
pub(super) fn wide(value: U256) -> Result<Amount, Failure> {
    u128::try_from(value)
        .ok()
        .and_then(Amount::new)
        .ok_or_else(|| Failure::answer("more than there can be"))
}

pub(super) fn time(value: U40) -> Timestamp {
    u64::try_from(value)
        .ok()
        .and_then(Timestamp::new)
        .unwrap_or(Timestamp::MAX)
}

/// Zero stands for "not set".
pub(super) fn set(value: U40) -> Option<Timestamp> {
    Some(time(value)).filter(|time| !time.is_zero())
}

pub(super) fn terms(terms: &ChannelTerms) -> abi::TermsRow {
    abi::TermsRow {
        a: terms.a.into(),
        b: terms.b.into(),
        keyA: terms.key_a.into(),
        keyB: terms.key_b.into(),
        closeDelay: U40::from(terms.close_delay.get()),
        salt: terms.salt.into(),
    }
}

pub(super) fn row(payment: &Payment) -> PaymentRow {
    PaymentRow {
        payee: payment.payee.into(),
        start: uint96(payment.start),
        amount: uint96(payment.amount),
        cumulative: uint96(payment.cumulative),
        reference_: payment.reference.into(),
    }
}

//! Reading custom errors, and their stable names.

use alloy::{
    primitives::{Bytes, aliases::U40},
    sol_types::{Panic, Revert, SolError, SolInterface},
};

use super::ContractError;
use crate::{
    Refusal,
    bindings::{OffPay::OffPayErrors, OffPayToken::OffPayTokenErrors, Token::TokenErrors},
    convert::{narrow, set, timestamp},
};

impl ContractError {
    /// Reads what a call was reverted with.
    pub fn decode(data: &Bytes) -> Self {
        let known = OffPayErrors::abi_decode(data)
            .ok()
            .and_then(known)
            .or_else(|| token(data));
        known.unwrap_or_else(|| Self::Unknown(data.clone()))
    }

    /// A name that stays the same, for APIs and logs: the contract's.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidConfiguration => "InvalidConfiguration",
            Self::ZeroAddress => "ZeroAddress",
            Self::ZeroAmount => "ZeroAmount",
            Self::Reentered => "Reentered",
            Self::InvalidSignature { .. } => "InvalidSignature",
            Self::InvalidDeadline { .. } => "InvalidDeadline",
            Self::InsufficientBalance { .. } => "InsufficientBalance",
            Self::InsufficientCollateral { .. } => "InsufficientCollateral",
            Self::CollateralTooLow { .. } => "CollateralTooLow",
            Self::AlreadyRegistered { .. } => "AlreadyRegistered",
            Self::NotRegistered { .. } => "NotRegistered",
            Self::InvalidRecipient { .. } => "InvalidRecipient",
            Self::TokenTookFee { .. } => "TokenTookFee",
            Self::HoldingsTooLarge { .. } => "HoldingsTooLarge",
            Self::PermitRefused { .. } => "PermitRefused",
            Self::NotDismissable { .. } => "NotDismissable",
            Self::NotPrunable { .. } => "NotPrunable",
            Self::PurseKeyUsed { .. } => "PurseKeyUsed",
            Self::UnknownPurse { .. } => "UnknownPurse",
            Self::PurseIsClosed { .. } => "PurseIsClosed",
            Self::PurseClosing { .. } => "PurseClosing",
            Self::NotClosable { .. } => "NotClosable",
            Self::NotPurseOwner { .. } => "NotPurseOwner",
            Self::InvalidCoverCount { .. } => "InvalidCoverCount",
            Self::PledgeFixed { .. } => "PledgeFixed",
            Self::MalformedPayment => "MalformedPayment",
            Self::PaymentRefused { .. } => "PaymentRefused",
            Self::NotInDefault { .. } => "NotInDefault",
            Self::SettlementPeriodRunning { .. } => "SettlementPeriodRunning",
            Self::MakeGoodTooDear { .. } => "MakeGoodTooDear",
            Self::NoConflict => "NoConflict",
            Self::InvalidRows { .. } => "InvalidRows",
            Self::InvalidTerms => "InvalidTerms",
            Self::ChannelUsed { .. } => "ChannelUsed",
            Self::UnknownChannel { .. } => "UnknownChannel",
            Self::ChannelIsClosed { .. } => "ChannelIsClosed",
            Self::ChannelClosing { .. } => "ChannelClosing",
            Self::NotFinalizable { .. } => "NotFinalizable",
            Self::NotParty { .. } => "NotParty",
            Self::WrongDirection { .. } => "WrongDirection",
            Self::NonceUsed { .. } => "NonceUsed",
            Self::TransferFromFailed => "TransferFromFailed",
            Self::TransferFailed => "TransferFailed",
            Self::TokenBalance { .. } => "ERC20InsufficientBalance",
            Self::Unknown(_) => "Unknown",
        }
    }

    /// Whether the same operation can succeed later, with nothing changed by who asks for it.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::NotClosable { .. }
                | Self::SettlementPeriodRunning { .. }
                | Self::NotFinalizable { .. }
        )
    }
}

/// `None` where a number is beyond what an OffPay contract can hold: then it was not one that answered.
fn known(error: OffPayErrors) -> Option<ContractError> {
    use ContractError as E;
    use OffPayErrors as S;
    Some(match error {
        S::InvalidConfiguration(_) => E::InvalidConfiguration,
        S::ZeroAddress(_) => E::ZeroAddress,
        S::ZeroAmount(_) => E::ZeroAmount,
        S::Reentered(_) => E::Reentered,
        S::InvalidSignature(e) => E::InvalidSignature {
            expected: e.expected,
        },
        S::InvalidDeadline(e) => E::InvalidDeadline {
            deadline: timestamp(e.deadline),
        },
        S::InsufficientBalance(e) => E::InsufficientBalance {
            account: e.account.into(),
            balance: narrow(e.balance)?,
            amount: narrow(e.amount)?,
        },
        S::InsufficientCollateral(e) => E::InsufficientCollateral {
            account: e.account.into(),
            available: narrow(e.available)?,
            amount: narrow(e.amount)?,
        },
        S::CollateralTooLow(e) => E::CollateralTooLow {
            collateral: narrow(e.collateral)?,
            healthy: narrow(e.healthy)?,
        },
        S::AlreadyRegistered(e) => E::AlreadyRegistered {
            account: e.account.into(),
        },
        S::NotRegistered(e) => E::NotRegistered {
            account: e.account.into(),
        },
        S::InvalidRecipient(e) => E::InvalidRecipient { to: e.to },
        S::TokenTookFee(e) => E::TokenTookFee {
            expected: narrow(e.expected)?,
            received: narrow(e.received)?,
        },
        S::HoldingsTooLarge(e) => E::HoldingsTooLarge {
            holdings: e.holdings,
        },
        S::PermitRefused(e) => E::PermitRefused { signer: e.signer },
        S::NotDismissable(e) => E::NotDismissable {
            circle: e.circle.into(),
            payee: e.payee.into(),
        },
        S::NotPrunable(e) => E::NotPrunable {
            circle: e.circle.into(),
            payee: e.payee.into(),
        },
        S::PurseKeyUsed(e) => E::PurseKeyUsed {
            purse: e.key.into(),
        },
        S::UnknownPurse(e) => E::UnknownPurse {
            purse: e.key.into(),
        },
        S::PurseIsClosed(e) => E::PurseIsClosed {
            purse: e.key.into(),
        },
        S::PurseClosing(e) => E::PurseClosing {
            purse: e.key.into(),
            closes_at: timestamp(e.closesAt),
        },
        S::NotClosable(e) => E::NotClosable {
            purse: e.key.into(),
            closes_at: set(e.closesAt),
            pairs_in_default: e.pairsInDefault,
        },
        S::NotPurseOwner(e) => E::NotPurseOwner {
            purse: e.key.into(),
            caller: e.caller.into(),
        },
        S::InvalidCoverCount(e) => E::InvalidCoverCount {
            cover_count: e.coverCount,
        },
        S::PledgeFixed(e) => E::PledgeFixed {
            purse: e.key.into(),
        },
        S::MalformedPayment(_) => E::MalformedPayment,
        S::PaymentRefused(e) => E::PaymentRefused {
            refusal: Refusal::from_code(e.refusal),
            purse: e.purse.into(),
        },
        S::NotInDefault(e) => E::NotInDefault {
            purse: e.key.into(),
            payee: e.payee.into(),
        },
        S::SettlementPeriodRunning(e) => E::SettlementPeriodRunning {
            ends_at: timestamp(e.endsAt),
        },
        S::MakeGoodTooDear(e) => E::MakeGoodTooDear {
            needed: narrow(e.needed)?,
            max: narrow(e.max)?,
        },
        S::NoConflict(_) => E::NoConflict,
        S::InvalidRows(e) => E::InvalidRows { length: e.length },
        S::InvalidTerms(_) => E::InvalidTerms,
        S::ChannelUsed(e) => E::ChannelUsed {
            channel: e.channel.into(),
        },
        S::UnknownChannel(e) => E::UnknownChannel {
            channel: e.channel.into(),
        },
        S::ChannelIsClosed(e) => E::ChannelIsClosed {
            channel: e.channel.into(),
        },
        S::ChannelClosing(e) => channel_closing(e.channel, e.closesAt),
        S::NotFinalizable(e) => E::NotFinalizable {
            channel: e.channel.into(),
            closes_at: set(e.closesAt),
        },
        S::NotParty(e) => E::NotParty {
            channel: e.channel.into(),
            caller: e.caller.into(),
        },
        S::WrongDirection(e) => E::WrongDirection {
            channel: e.channel.into(),
        },
        S::NonceUsed(e) => E::NonceUsed {
            account: e.account.into(),
            nonce: e.nonce,
        },
    })
}

fn channel_closing(channel: alloy::primitives::B256, closes_at: U40) -> ContractError {
    ContractError::ChannelClosing {
        channel: channel.into(),
        closes_at: timestamp(closes_at),
    }
}

fn token(data: &Bytes) -> Option<ContractError> {
    match TokenErrors::abi_decode(data) {
        Ok(TokenErrors::TransferFromFailed(_)) => return Some(ContractError::TransferFromFailed),
        Ok(TokenErrors::TransferFailed(_)) => return Some(ContractError::TransferFailed),
        _ => {}
    }
    match OffPayTokenErrors::abi_decode(data) {
        Ok(OffPayTokenErrors::ERC20InsufficientBalance(e)) => Some(ContractError::TokenBalance {
            account: e.sender,
            balance: e.balance,
            needed: e.needed,
        }),
        _ => None,
    }
}

/// What a foreign error says, for people.
pub(super) fn explain(data: &Bytes) -> String {
    if data.is_empty() {
        return " without a reason".to_owned();
    }
    if let Ok(revert) = Revert::abi_decode(data) {
        return format!(": {}", revert.reason);
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return format!(": {panic}");
    }
    format!(" with {data}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::OffPay;

    #[test]
    fn every_error_of_the_contract_is_known() {
        for selector in OffPayErrors::SELECTORS {
            let mut data = selector.to_vec();
            // Zeros are a value of every argument that these errors have.
            data.resize(4 + 32 * 4, 0);
            let error = ContractError::decode(&data.into());
            let name = OffPayErrors::name_by_selector(*selector).unwrap_or_default();
            assert_eq!(error.code(), name, "{error}");
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn foreign_errors_are_told_as_they_are() {
        let said = |data: Vec<u8>| ContractError::decode(&data.into()).to_string();
        assert_eq!(said(vec![]), "refused without a reason");
        assert_eq!(said(Revert::from("paused").abi_encode()), "refused: paused");
        assert_eq!(said(vec![1, 2, 3, 4]), "refused with 0x01020304");
        let beyond = OffPay::TokenTookFee {
            expected: alloy::primitives::U256::MAX,
            received: alloy::primitives::U256::ZERO,
        };
        assert!(matches!(
            ContractError::decode(&beyond.abi_encode().into()),
            ContractError::Unknown(_)
        ));
    }
}

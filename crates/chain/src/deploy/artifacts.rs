//! The compiled contracts, as `scripts/bindings` wrote them.

use alloy::{
    primitives::{Address, Bytes},
    sol_types::{SolConstructor, SolValue},
};

use super::create2;
use crate::{
    Configuration,
    bindings::{OffPay, OffPayToken},
    convert::{uint40, uint96},
};

impl From<&Configuration> for OffPay::Configuration {
    fn from(configuration: &Configuration) -> Self {
        let parameters = &configuration.parameters;
        Self {
            token: configuration.token,
            treasury: configuration.treasury.into(),
            settlementPeriod: uint40(parameters.settlement_period),
            closeDelay: uint40(parameters.close_delay),
            healthyCollateral: uint96(parameters.healthy_collateral),
            openPenaltyBps: parameters.open_penalty.get(),
            circlePenaltyBps: parameters.circle_penalty.get(),
        }
    }
}

/// The constructor's arguments, ABI-encoded.
pub(super) fn contract_arguments(configuration: &Configuration) -> Bytes {
    OffPay::constructorCall {
        configuration: configuration.into(),
    }
    .abi_encode()
    .into()
}

/// The constructor's arguments, ABI-encoded.
pub(super) fn token_arguments(owner: Address) -> Bytes {
    owner.abi_encode().into()
}

pub(super) fn contract_init_code(configuration: &Configuration) -> Bytes {
    [
        OffPay::BYTECODE.as_ref(),
        &contract_arguments(configuration),
    ]
    .concat()
    .into()
}

pub(super) fn token_init_code(owner: Address) -> Bytes {
    [OffPayToken::BYTECODE.as_ref(), &token_arguments(owner)]
        .concat()
        .into()
}

/// Where a contract with this configuration is, on every chain where it was deployed.
pub fn contract_address(configuration: &Configuration) -> Address {
    create2::address(&contract_init_code(configuration))
}

/// Where $OFFPAY with this owner is, on every chain where it was deployed.
pub fn token_address(owner: Address) -> Address {
    create2::address(&token_init_code(owner))
}

//! Whether a token moves what it is asked to move: found out before anything is deployed for it.

use alloy::{
    eips::BlockId,
    network::TransactionBuilder,
    primitives::{Address, Bytes, U256, bytes},
    providers::Provider,
    rpc::types::{TransactionRequest, state::AccountOverride},
    sol_types::SolValue,
};

use super::{DEPLOYER, DeployError};
use crate::{ChainError, Node, bindings::Token::balanceOfCall, contract::ask};

/// Has a holder send `amount` of `token` to `to`, and answers what arrived. In Yul:
///
/// ```text
/// function held(token, who) -> value {
///     mstore(0, shl(224, 0x70a08231)) mstore(4, who)
///     if iszero(staticcall(gas(), token, 0, 36, 0, 32)) { revert(0, 0) }
///     value := mload(0)
/// }
/// let token := calldataload(0) let to := calldataload(32) let amount := calldataload(64)
/// let before := held(token, to)
/// mstore(0, shl(224, 0xa9059cbb)) mstore(4, to) mstore(36, amount)
/// if iszero(call(gas(), token, 0, 0, 68, 0, 0)) { revert(0, 0) }
/// mstore(0, sub(held(token, to), before)) return(0, 32)
/// ```
const PROBE: Bytes = bytes!(
    "6020355f35600c82826041565b9163a9059cbb60e01b5f52806004526040356024525f8060448180865af115603d576035916041565b035f5260205ff35b5f80fd5b60245f80926020946370a0823160e01b83526004525afa15603d575f519056"
);

/// Simulates a transfer of all that `holder` has, with the probe in the holder's place.
///
/// It finds what it can: where the holder has nothing, or the node does not simulate with other code, nothing is said.
/// The contract itself refuses such a token at every deposit.
pub(super) async fn check(node: &Node, token: Address, holder: Address) -> Result<(), DeployError> {
    let amount = ask(
        node,
        token,
        &balanceOfCall { account: holder },
        BlockId::latest(),
    )
    .await;
    let amount = match amount {
        Ok(amount) => amount,
        Err(ChainError::Refused(_) | ChainError::Malformed(_)) => {
            return Err(DeployError::NoToken(token));
        }
        Err(error) => return Err(error.into()),
    };
    if amount.is_zero() {
        return Ok(());
    }
    let input: Bytes = (token, DEPLOYER, amount).abi_encode().into();
    let request = TransactionRequest::default()
        .with_to(holder)
        .with_input(input);
    let code = AccountOverride::default().with_code(PROBE);
    let Ok(answer) = node
        .provider()
        .call(request)
        .account_override(holder, code)
        .await
    else {
        return Ok(());
    };
    match U256::abi_decode(&answer) {
        Ok(arrived) if arrived != amount => Err(DeployError::TokenTakesFee(token)),
        _ => Ok(()),
    }
}

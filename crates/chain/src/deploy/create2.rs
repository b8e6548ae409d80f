//! The deterministic deployer that most chains have (github.com/Arachnid/deterministic-deployment-proxy).

use alloy::primitives::{Address, B256, Bytes, TxKind, U256, address, b256, bytes, keccak256};

use super::DeployError;
use crate::{ChainError, Node, Sender, transaction::Call};

/// Takes a salt and init code, and creates the contract with CREATE2: its address depends on these alone.
pub const DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// Who signed the transaction that installs it: nobody has the key, the signature was chosen.
const PRESIGNER: Address = address!("0x3fab184622dc19b6109349b94811493bf2a45362");

/// 100,000 gas at 100 gwei.
const PRESIGNED_COST: u64 = 10_000_000_000_000_000;

/// Signed before EIP-155, so that it counts on every chain that still takes such transactions.
const PRESIGNED: Bytes = bytes!(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222"
);

/// `keccak256("OffPay/1")`: changes with the contract's version, so that a new version takes another address even
/// where its bytes were the same.
const SALT: B256 = b256!("5e29a5fbdc1d1058f5dc2589ac89061c3260d16b7bc420b3877eac6c002a30b8");

/// Where the deployer puts this init code.
pub(super) fn address(init_code: &[u8]) -> Address {
    DEPLOYER.create2(SALT, keccak256(init_code))
}

/// What the deployer is called with.
pub(super) fn input(init_code: &[u8]) -> Bytes {
    [SALT.as_slice(), init_code].concat().into()
}

/// Installs the deployer where a chain lacks it.
pub(super) async fn install(node: &Node, sender: &Sender) -> Result<(), DeployError> {
    if !node.code(DEPLOYER).await?.is_empty() {
        return Ok(());
    }
    let cost = U256::from(PRESIGNED_COST);
    let has = node.gas_money(PRESIGNER).await?;
    if has < cost {
        let gift = Call {
            to: TxKind::Call(PRESIGNER),
            value: cost.saturating_sub(has),
            input: Bytes::new(),
        };
        gift.sign(node, sender).await?.send(node).await?;
    }
    let tx = keccak256(&PRESIGNED);
    node.broadcast(tx, &PRESIGNED)
        .await
        .map_err(DeployError::NoDeployer)?;
    let receipt = node.mined(tx).await?;
    if receipt.status() {
        Ok(())
    } else {
        Err(DeployError::NoDeployer(ChainError::NoOutcome { tx }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_what_they_are_said_to_be() {
        assert_eq!(SALT, keccak256("OffPay/1"));
        assert_eq!(PRESIGNER.create(0), DEPLOYER);
    }
}

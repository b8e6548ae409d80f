//! When and by whom something that is there was deployed.

use alloy::{
    consensus::Transaction as _,
    eips::BlockId,
    network::TransactionResponse,
    primitives::{Address, BlockNumber, Bytes},
    providers::Provider,
    rpc::types::Transaction,
};

use super::{DEPLOYER, Placed, has_code};
use crate::{ChainError, Node};

/// Finds the transaction that deployed what is at `address`, as well as the node remembers.
pub(super) async fn origin(node: &Node, address: Address, input: &Bytes) -> Placed {
    let unknown = Placed {
        address,
        block: None,
        tx: None,
        deployer: None,
    };
    // Only a node with all old states can say when the code came: with another, it stays unknown.
    let Ok(number) = first_block(node, address).await else {
        return unknown;
    };
    let block = node.provider().get_block(number.into()).full().await;
    let Ok(Some(block)) = block else {
        return unknown;
    };
    let transactions = block.transactions.as_transactions().unwrap_or_default();
    let call = transactions
        .iter()
        .find(|transaction| is_deployment(transaction, input));
    Placed {
        address,
        block: Some(number),
        tx: call.map(TransactionResponse::tx_hash),
        deployer: call.map(TransactionResponse::from),
    }
}

fn is_deployment(transaction: &Transaction, input: &Bytes) -> bool {
    transaction.to() == Some(DEPLOYER) && transaction.input() == input
}

/// The first block after which there is code: halves the interval until one is left.
async fn first_block(node: &Node, address: Address) -> Result<BlockNumber, ChainError> {
    let mut without: Option<BlockNumber> = None;
    let mut with = node.block(BlockId::latest()).await?.number;
    loop {
        let lowest = without.map_or(0, |number| number.saturating_add(1));
        if lowest >= with {
            return Ok(with);
        }
        let middle = lowest.midpoint(with);
        if has_code(node, address, middle.into()).await? {
            with = middle;
        } else {
            without = Some(middle);
        }
    }
}

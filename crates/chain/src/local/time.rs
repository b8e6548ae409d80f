//! Time travel, mining and other powers over a chain of one's own.

use alloy::{
    eips::BlockId,
    primitives::{Address, Bytes, U64, U256},
    providers::Provider,
    rpc::json_rpc::{RpcRecv, RpcSend},
};
use offpay_protocol::{Seconds, Timestamp};

use super::LocalChain;
use crate::{ChainError, Node};

impl LocalChain {
    /// Lets time pass, and mines a block at its end.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn pass(&self, time: Seconds) -> Result<(), ChainError> {
        let now = self.now().await?;
        self.pass_until(now.saturating_add(time)).await
    }

    /// Lets time pass until `then`, and mines a block with that timestamp.
    ///
    /// # Errors
    ///
    /// The chain refuses, because that time is over.
    pub async fn pass_until(&self, then: Timestamp) -> Result<(), ChainError> {
        self.request::<_, ()>("evm_setNextBlockTimestamp", (then.get(),))
            .await?;
        self.mine(1).await
    }

    /// The time of the newest block.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn now(&self) -> Result<Timestamp, ChainError> {
        Ok(self.node().block(BlockId::latest()).await?.timestamp)
    }

    /// Mines so many blocks.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn mine(&self, blocks: u64) -> Result<(), ChainError> {
        self.request("anvil_mine", (U64::from(blocks),)).await
    }

    /// Whether each transaction is mined at once.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn set_automine(&self, automine: bool) -> Result<(), ChainError> {
        self.request("evm_setAutomine", (automine,)).await
    }

    /// Replaces the newest `depth` blocks by empty ones.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn reorganize(&self, depth: u64) -> Result<(), ChainError> {
        let nothing: [(); 0] = [];
        self.request("anvil_reorg", (depth, nothing)).await
    }

    /// Remembers the present state under a number.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn snapshot(&self) -> Result<U256, ChainError> {
        self.request("evm_snapshot", ()).await
    }

    /// Returns to a remembered state, once.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn revert(&self, snapshot: U256) -> Result<bool, ChainError> {
        self.request("evm_revert", (snapshot,)).await
    }

    /// Puts code at an address.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn set_code(&self, address: Address, code: Bytes) -> Result<(), ChainError> {
        self.request("anvil_setCode", (address, code)).await
    }

    /// Any other request to anvil.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked, or does not know the method.
    pub async fn request<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        parameters: P,
    ) -> Result<R, ChainError> {
        Ok(self
            .node()
            .provider()
            .raw_request(method.into(), parameters)
            .await?)
    }
}

/// Mines a block on a local chain that is reached through `node`.
///
/// # Errors
///
/// The chain cannot be asked, or is no local chain.
pub async fn mine(node: &Node) -> Result<(), ChainError> {
    Ok(node
        .provider()
        .raw_request("anvil_mine".into(), (U64::from(1),))
        .await?)
}

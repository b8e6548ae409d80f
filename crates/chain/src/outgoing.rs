//! Transactions whose nonce and fees the caller decides: for who keeps them itself, and replaces one by a dearer one.
//!
//! [`Operation::send`](crate::Operation::send) is for everybody else.

use alloy::{
    eips::BlockId,
    network::TransactionBuilder,
    primitives::{Address, Bytes, TxHash, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};

use crate::{
    ChainError, Node, Sender,
    transaction::{Call, fees},
};

/// What a unit of gas may cost, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GasFees {
    /// EIP-1559.
    Market {
        /// The most that is paid in all.
        max_fee_per_gas: u128,
        /// The part of it that goes to who makes the block.
        max_priority_fee_per_gas: u128,
    },
    /// For chains without a base fee.
    Fixed {
        /// What is paid.
        gas_price: u128,
    },
}

impl GasFees {
    /// The most that a unit of gas can cost.
    pub const fn most(self) -> u128 {
        match self {
            Self::Market {
                max_fee_per_gas, ..
            } => max_fee_per_gas,
            Self::Fixed { gas_price } => gas_price,
        }
    }
}

/// A transaction that is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Whom it calls.
    pub to: Address,
    /// What it calls.
    pub calldata: Bytes,
    /// Its place among the sender's transactions.
    pub nonce: u64,
    /// The most gas that it may use.
    pub gas_limit: u64,
    /// What it pays for gas.
    pub fees: GasFees,
}

impl Outgoing {
    /// Its hash and its bytes (EIP-2718), for [`Node::broadcast`]. The same transaction always gives the same.
    ///
    /// # Errors
    ///
    /// It cannot be signed.
    pub fn sign(&self, sender: &Sender, chain_id: u64) -> Result<(TxHash, Bytes), ChainError> {
        Call::to(self.to, self.calldata.clone()).signed(
            sender,
            chain_id,
            self.nonce,
            self.gas_limit,
            self.fees,
        )
    }
}

impl Node {
    /// What gas costs now, with room for the next blocks.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn gas_fees(&self) -> Result<GasFees, ChainError> {
        fees(self).await
    }

    /// The gas that a call would use on the newest state; nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ChainError::Refused`] if it would revert, and why.
    pub async fn estimate_gas(
        &self,
        from: Address,
        to: Address,
        calldata: Bytes,
    ) -> Result<u64, ChainError> {
        let request = TransactionRequest::default()
            .with_from(from)
            .with_to(to)
            .with_input(calldata);
        Ok(self.provider().estimate_gas(request).await?)
    }

    /// Why a call reverts on the state after the block `at`; `None` if it does not.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or no longer has that state.
    pub async fn refusal(
        &self,
        from: Address,
        to: Address,
        calldata: Bytes,
        at: BlockId,
    ) -> Result<Option<crate::ContractError>, ChainError> {
        match Call::to(to, calldata).run(self, from, at).await {
            Ok(_) => Ok(None),
            Err(ChainError::Refused(error)) => Ok(Some(*error)),
            Err(error) => Err(error),
        }
    }

    /// How many transactions of an address the chain has up to the block `at`: the next nonce there.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn nonce(&self, of: Address, at: BlockId) -> Result<u64, ChainError> {
        Ok(self
            .provider()
            .get_transaction_count(of)
            .block_id(at)
            .await?)
    }

    /// Whether an address has `needed` wei; an error that says so if not.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoGas`], or the node cannot be asked.
    pub async fn require_gas_money(&self, of: Address, needed: U256) -> Result<(), ChainError> {
        let balance = self.gas_money(of).await?;
        if balance < needed {
            return Err(ChainError::NoGas {
                sender: of,
                balance,
                needed,
            });
        }
        Ok(())
    }
}

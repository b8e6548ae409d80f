//! Something that an account does with the contract.

use std::fmt;

use alloy::{
    primitives::{Address, BlockHash, BlockNumber, Bytes, TxHash},
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEventInterface},
};

use crate::{
    ChainError, Contract, Sender,
    bindings::OffPay::OffPayEvents,
    transaction::{Call, SignedTransaction},
};

/// Something that an account does with the contract: sent as a transaction of its own, or signed into a
/// [`Relay`](offpay_protocol::messages::Relay) for somebody else to send. `R` says what came of it.
#[must_use = "nothing happens before it is sent"]
pub struct Operation<R> {
    contract: Contract,
    calldata: Bytes,
    outcome: Outcome<R>,
}

/// What the events of a transaction say came of the operation; `None` if what must be there is missing.
type Outcome<R> = fn(&[OffPayEvents]) -> Option<R>;

/// An operation that is in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mined<R> {
    /// The transaction.
    pub tx: TxHash,
    /// Its block's number.
    pub block: BlockNumber,
    /// Its block's hash. A block that is not final can be taken back.
    pub block_hash: BlockHash,
    /// Gas that it used.
    pub gas_used: u64,
    /// What came of it.
    pub outcome: R,
    /// Everything that the contract told about it.
    pub events: Vec<OffPayEvents>,
}

impl Operation<()> {
    /// An operation that does what it says or fails.
    pub(crate) fn plain(contract: &Contract, call: &impl SolCall) -> Self {
        Self::new(contract, call, |_| Some(()))
    }
}

impl<R> Operation<R> {
    pub(crate) fn new(contract: &Contract, call: &impl SolCall, outcome: Outcome<R>) -> Self {
        Self {
            contract: contract.clone(),
            calldata: call.abi_encode().into(),
            outcome,
        }
    }

    /// The ABI-encoded call, as a relay carries it.
    pub const fn calldata(&self) -> &Bytes {
        &self.calldata
    }

    /// Whether it would go through if `from` sent it now. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ChainError::Refused`] says why it would not.
    pub async fn check(&self, from: Address) -> Result<(), ChainError> {
        self.call()
            .run(self.contract.node(), from, self.contract.reads_at())
            .await
            .map(drop)
    }

    /// Checks that it would go through and signs the transaction, for storing it before it is sent.
    ///
    /// # Errors
    ///
    /// [`ChainError::Refused`] says why it would not go through.
    pub async fn sign(&self, sender: &Sender) -> Result<SignedTransaction, ChainError> {
        self.call().sign(self.contract.node(), sender).await
    }

    /// Signs it, sends it and waits until it is mined. `sender` is who acts.
    ///
    /// # Errors
    ///
    /// [`ChainError::Refused`] if nothing was sent, [`ChainError::Reverted`] if it failed in its block,
    /// [`ChainError::NotMined`] if it is in none yet.
    pub async fn send(&self, sender: &Sender) -> Result<Mined<R>, ChainError> {
        let receipt = self.sign(sender).await?.send(self.contract.node()).await?;
        self.read(&receipt)
    }

    /// What came of it, by the receipt of the transaction that carried it.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoOutcome`] if the receipt is of something else.
    pub fn read(&self, receipt: &TransactionReceipt) -> Result<Mined<R>, ChainError> {
        let tx = receipt.transaction_hash;
        let events = self.contract.events_of(receipt);
        let outcome = (self.outcome)(&events).ok_or(ChainError::NoOutcome { tx })?;
        Ok(Mined {
            tx,
            block: receipt.block_number.unwrap_or_default(),
            block_hash: receipt.block_hash.unwrap_or_default(),
            gas_used: receipt.gas_used,
            outcome,
            events,
        })
    }

    fn call(&self) -> Call {
        Call::to(self.contract.address(), self.calldata.clone())
    }
}

impl Contract {
    /// What this contract told in a transaction.
    fn events_of(&self, receipt: &TransactionReceipt) -> Vec<OffPayEvents> {
        let own = receipt
            .logs()
            .iter()
            .filter(|log| log.address() == self.address());
        own.filter_map(|log| {
            OffPayEvents::decode_log(&log.inner)
                .ok()
                .map(|log| log.data)
        })
        .collect()
    }
}

impl<R> fmt::Debug for Operation<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("calldata", &self.calldata)
            .finish_non_exhaustive()
    }
}

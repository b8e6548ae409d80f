//! A transaction on its way: signed, then handed to the network, then mined.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxLegacy, transaction::RlpEcdsaEncodableTx},
    eips::{BlockId, eip2718::Encodable2718},
    network::TransactionBuilder,
    primitives::{Address, BlockNumber, Bytes, TxHash, TxKind, U256},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
};

use crate::{ChainError, ContractError, Node, Sender, outgoing::GasFees, sender::Turn};

/// Room above the estimated gas, in percent: the state may change before the block.
const GAS_ROOM: u64 = 25;

/// What a transaction does: whom it calls with what. `to` is `None` where it creates a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) to: TxKind,
    pub(crate) value: U256,
    pub(crate) input: Bytes,
}

/// A signed transaction that has not left yet.
///
/// It can be stored first: whoever holds `raw` can send it, again and again, and it runs once. Its sender's nonce is
/// taken until this is sent or dropped.
#[derive(Debug)]
pub struct SignedTransaction {
    /// Its hash, by which it is found again.
    pub hash: TxHash,
    /// Its bytes (EIP-2718), for [`Node::broadcast`].
    pub raw: Bytes,
    call: Call,
    from: Address,
    /// Until it is sent.
    turn: Option<Turn>,
}

impl Call {
    pub(crate) fn to(to: Address, input: Bytes) -> Self {
        Self {
            to: TxKind::Call(to),
            value: U256::ZERO,
            input,
        }
    }

    fn request(&self, from: Address) -> TransactionRequest {
        let mut request = TransactionRequest::default()
            .with_from(from)
            .with_value(self.value)
            .with_input(self.input.clone());
        request.to = Some(self.to);
        request
    }

    /// What it would answer if `from` made it.
    pub(crate) async fn run(
        &self,
        node: &Node,
        from: Address,
        at: BlockId,
    ) -> Result<Bytes, ChainError> {
        Ok(node.provider().call(self.request(from)).block(at).await?)
    }

    /// Checks that it would go through, and signs it.
    pub(crate) async fn sign(
        self,
        node: &Node,
        sender: &Sender,
    ) -> Result<SignedTransaction, ChainError> {
        let turn = sender.turn().await;
        let from = sender.address();
        let provider = node.provider();
        let (gas, nonce, balance, fees) = tokio::try_join!(
            async { Ok::<_, ChainError>(provider.estimate_gas(self.request(from)).await?) },
            async { Ok(provider.get_transaction_count(from).pending().await?) },
            async { node.gas_money(from).await },
            fees(node),
        )?;
        let gas_limit = gas.saturating_add(gas.saturating_mul(GAS_ROOM) / 100);
        let needed = U256::from(gas_limit)
            .saturating_mul(U256::from(fees.most()))
            .saturating_add(self.value);
        if balance < needed {
            return Err(ChainError::NoGas {
                sender: from,
                balance,
                needed,
            });
        }
        let (hash, raw) = self.signed(sender, node.chain_id(), nonce, gas_limit, fees)?;
        Ok(SignedTransaction {
            hash,
            raw,
            call: self,
            from,
            turn: Some(turn),
        })
    }

    pub(crate) fn signed(
        &self,
        sender: &Sender,
        chain_id: u64,
        nonce: u64,
        gas_limit: u64,
        fees: GasFees,
    ) -> Result<(TxHash, Bytes), ChainError> {
        let (to, value, input) = (self.to, self.value, self.input.clone());
        match fees {
            GasFees::Market {
                max_fee_per_gas,
                max_priority_fee_per_gas,
            } => seal(
                sender,
                TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas,
                    max_priority_fee_per_gas,
                    to,
                    value,
                    access_list: Default::default(),
                    input,
                },
            ),
            GasFees::Fixed { gas_price } => seal(
                sender,
                TxLegacy {
                    chain_id: Some(chain_id),
                    nonce,
                    gas_price,
                    gas_limit,
                    to,
                    value,
                    input,
                },
            ),
        }
    }
}

fn seal<T>(sender: &Sender, transaction: T) -> Result<(TxHash, Bytes), ChainError>
where
    T: SignableTransaction<alloy::primitives::Signature> + RlpEcdsaEncodableTx,
{
    let signature = sender.sign(transaction.signature_hash())?;
    let signed = transaction.into_signed(signature);
    Ok((*signed.hash(), signed.encoded_2718().into()))
}

impl SignedTransaction {
    /// Hands it to the network and waits until it is mined.
    ///
    /// # Errors
    ///
    /// [`ChainError::Reverted`] if it failed in its block, [`ChainError::NotMined`] if it is in none yet.
    pub async fn send(mut self, node: &Node) -> Result<TransactionReceipt, ChainError> {
        node.broadcast(self.hash, &self.raw).await?;
        self.turn.take();
        let receipt = node.mined(self.hash).await?;
        if receipt.status() {
            return Ok(receipt);
        }
        let error = self
            .reason(node, receipt.block_number.unwrap_or_default())
            .await;
        Err(ChainError::Reverted {
            tx: self.hash,
            error,
        })
    }

    /// Why it failed in its block. Its own state is lost: what the block left comes closest, then what it began with.
    async fn reason(&self, node: &Node, block: BlockNumber) -> Box<ContractError> {
        for block in [block, block.saturating_sub(1)] {
            if let Err(ChainError::Refused(error)) =
                self.call.run(node, self.from, block.into()).await
            {
                return error;
            }
        }
        Box::new(ContractError::Unknown(Bytes::new()))
    }
}

pub(crate) async fn fees(node: &Node) -> Result<GasFees, ChainError> {
    let provider = node.provider();
    match provider.estimate_eip1559_fees().await {
        Ok(fees) => Ok(GasFees::Market {
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        }),
        Err(error) if error.is_transport_error() => Err(error.into()),
        Err(_) => Ok(GasFees::Fixed {
            gas_price: provider.get_gas_price().await?,
        }),
    }
}

//! A connection to one node.

use std::{sync::Arc, time::Duration};

use alloy::{
    consensus::BlockHeader as _,
    eips::BlockId,
    primitives::{Address, B256, BlockHash, BlockNumber, Bytes, TxHash, U256},
    providers::{Provider, RootProvider},
    rpc::{client::RpcClient, types::TransactionReceipt},
    transports::http::{
        Http,
        reqwest::{Client, Url},
    },
};
use offpay_protocol::Timestamp;
use thiserror::Error;

use crate::ChainError;

/// How long a node may take for one answer.
const ANSWER: Duration = Duration::from_secs(30);

/// How long to wait between two looks for what is not there yet.
const LOOK_AGAIN: Duration = Duration::from_millis(1_000);

/// How long to wait for a transaction to be mined.
const PATIENCE: Duration = Duration::from_secs(180);

/// A connection to one node over HTTP. Clones share it.
#[derive(Clone, Debug)]
pub struct Node {
    provider: RootProvider,
    url: Arc<Url>,
    chain_id: u64,
    look_again: Duration,
    patience: Duration,
}

/// Why there is no connection to a node.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// It is not the URL of a node.
    #[error("not an http or https URL")]
    NotAUrl,
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Client(#[source] alloy::transports::http::reqwest::Error),
    /// The node did not say which chain it follows.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl ConnectError {
    /// Whether it can succeed later, with nothing changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_retryable(),
            Self::NotAUrl | Self::Client(_) => false,
        }
    }

    /// A name that stays the same, for APIs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAUrl => "not_a_url",
            Self::Client(_) => "no_http_client",
            Self::Chain(error) => error.code(),
        }
    }
}

/// A block by number, hash and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How many blocks lie below it.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: BlockHash,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// The hash of the block below it.
    pub parent: BlockHash,
}

impl Node {
    /// Connects to the node at `url` and asks which chain it follows.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        let url: Url = url.parse().map_err(|_| ConnectError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ConnectError::NotAUrl);
        }
        let client = Client::builder()
            .timeout(ANSWER)
            .build()
            .map_err(ConnectError::Client)?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let provider = RootProvider::new(RpcClient::new(
            Http::with_client(client, url.clone()),
            local,
        ));
        let chain_id = provider.get_chain_id().await.map_err(ChainError::from)?;
        Ok(Self {
            provider,
            url: Arc::new(url),
            chain_id,
            look_again: LOOK_AGAIN,
            patience: PATIENCE,
        })
    }

    /// The same connection, looking for transactions every `look_again` for as long as `patience`.
    #[must_use]
    pub const fn with_patience(mut self, look_again: Duration, patience: Duration) -> Self {
        self.look_again = look_again;
        self.patience = patience;
        self
    }

    /// The chain that it follows (EIP-155).
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Where it is. May contain a key: not for logs.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// A block's number, hash and time.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoSuchBlock`], or the node cannot be asked.
    pub async fn block(&self, at: BlockId) -> Result<Block, ChainError> {
        let block = self
            .provider
            .get_block(at)
            .await?
            .ok_or(ChainError::NoSuchBlock)?;
        Ok(Block {
            number: block.header.number(),
            hash: block.header.hash,
            timestamp: Timestamp::new(block.header.timestamp()).ok_or(ChainError::OutOfRange)?,
            parent: block.header.parent_hash(),
        })
    }

    /// How many transactions a block has; none if there is no such block.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn transactions_in(&self, block: BlockNumber) -> Result<u64, ChainError> {
        let count = self
            .provider
            .get_block_transaction_count_by_number(block.into())
            .await?;
        Ok(count.unwrap_or_default())
    }

    /// The newest block that cannot be taken back.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or has none yet.
    pub async fn finalized(&self) -> Result<Block, ChainError> {
        self.block(BlockId::finalized()).await
    }

    /// Asks once more which chain the node follows: another node can stand behind the same URL by now.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn ask_chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.provider.get_chain_id().await?)
    }

    /// The time of the newest block.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn block_time(&self) -> Result<Timestamp, ChainError> {
        Ok(self.block(BlockId::latest()).await?.timestamp)
    }

    /// The code at an address; empty if there is none.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        Ok(self.provider.get_code_at(address).await?)
    }

    /// What an address has for gas, in wei.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn gas_money(&self, address: Address) -> Result<U256, ChainError> {
        Ok(self.provider.get_balance(address).await?)
    }

    /// A storage slot as the node tells it, unproven.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn slot(
        &self,
        address: Address,
        slot: B256,
        at: BlockId,
    ) -> Result<U256, ChainError> {
        Ok(self
            .provider
            .get_storage_at(address, slot.into())
            .block_id(at)
            .await?)
    }

    /// Hands a signed transaction to the network. One that the node knows already is no error.
    ///
    /// # Errors
    ///
    /// The node refuses it or cannot be asked.
    pub async fn broadcast(&self, tx: TxHash, raw: &[u8]) -> Result<(), ChainError> {
        let Err(error) = self.provider.send_raw_transaction(raw).await else {
            return Ok(());
        };
        if self.knows(tx).await? {
            return Ok(());
        }
        Err(error.into())
    }

    /// The receipt of a transaction, if it was mined.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn receipt(&self, tx: TxHash) -> Result<Option<TransactionReceipt>, ChainError> {
        Ok(self.provider.get_transaction_receipt(tx).await?)
    }

    /// Whether the node knows a transaction, mined or waiting to be.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn knows(&self, tx: TxHash) -> Result<bool, ChainError> {
        Ok(self.provider.get_transaction_by_hash(tx).await?.is_some())
    }

    /// Waits until a transaction is mined.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotMined`] when the patience is at its end; or the node cannot be asked.
    pub async fn mined(&self, tx: TxHash) -> Result<TransactionReceipt, ChainError> {
        let began = tokio::time::Instant::now();
        loop {
            if let Some(receipt) = self.receipt(tx).await? {
                return Ok(receipt);
            }
            if began.elapsed() >= self.patience {
                return Err(ChainError::NotMined {
                    tx,
                    waited: self.patience,
                });
            }
            tokio::time::sleep(self.look_again).await;
        }
    }

    /// The connection itself, for what this type does not offer.
    pub const fn provider(&self) -> &RootProvider {
        &self.provider
    }
}

//! The chain, as a wallet sees it: one node or two, and who sends.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_chain::{
    Contract, Node, ProofBlock, Sender, Token,
    proof::{Anchor, Witnesses, anchor},
};
use offpay_protocol::Amount;
use offpay_wallet::{State, records::FinalizedBlock, wallet::UnlockError};

use super::session::{OpenWallet, Session};
use crate::{
    network::{NodeUrl, connect},
    secrets::{Secret, signing_key},
};

/// Which nodes are asked, and who pays for gas.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The chain")]
pub(super) struct Nodes {
    #[command(flatten)]
    node: NodeUrl,
    /// A second, independent node: what the two disagree on is not believed.
    #[arg(
        long,
        env = "OFFPAY_SECOND_RPC_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    second_rpc_url: Option<String>,
    /// A file with the key that sends transactions and pays for gas, where it is not the owner's own.
    #[arg(long, value_name = "FILE")]
    gas_key_file: Option<PathBuf>,
}

/// A connection to the wallet's contract.
pub(super) struct Online {
    /// The contract, as of the newest block.
    pub(super) contract: Contract,
    /// The second node.
    pub(super) second: Option<Node>,
}

impl Nodes {
    /// Connects, and checks that the contract is the wallet's.
    pub(super) async fn connect(&self, state: &State) -> Result<Online> {
        let (domain, parameters) = (&state.deployment().domain, &state.deployment().parameters);
        let node = self.node.connect().await?;
        if node.chain_id() != domain.chain_id() {
            bail!(
                "the node is on chain {}, the wallet on chain {}",
                node.chain_id(),
                domain.chain_id()
            );
        }
        let contract = Contract::open(&node, domain.contract()).await?;
        if contract.configuration().parameters != *parameters {
            bail!("the contract was deployed with other parameters than this wallet knows");
        }
        let second = match &self.second_rpc_url {
            Some(url) => Some(connect(url).await?),
            None => None,
        };
        Ok(Online { contract, second })
    }

    /// Who sends for the owner: the owner key of this wallet, which must be unlocked.
    pub(super) fn owner(&self, session: &Session<'_>, wallet: &mut OpenWallet) -> Result<Sender> {
        let key = wallet
            .owner_key(session.now()?)
            .context("only the owner can do this")?;
        Ok(Sender::new(key))
    }

    /// Who sends what anybody can send: the gas key if one was given, else the owner.
    pub(super) fn anybody(&self, session: &Session<'_>, wallet: &mut OpenWallet) -> Result<Sender> {
        let key = Secret {
            name: "gas key",
            variable: "OFFPAY_GAS_KEY",
            file: self.gas_key_file.as_deref(),
        };
        let password = Secret {
            name: "password of the gas key",
            variable: "OFFPAY_GAS_KEY_PASSWORD",
            file: None,
        };
        match key.given()? {
            Some(text) => Ok(Sender::new(signing_key(&text, &password)?)),
            None => match wallet.owner_key(session.now()?) {
                Ok(owner) => Ok(Sender::new(owner)),
                Err(UnlockError::NoOwnerKey) => {
                    bail!("nobody to pay for gas: name a key with --gas-key-file or OFFPAY_GAS_KEY")
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}

impl Online {
    /// The newest finalized block that the nodes agree on.
    pub(super) async fn finalized(&self) -> Result<(Anchor, FinalizedBlock)> {
        let anchor = anchor(
            self.contract.node(),
            self.second.as_ref(),
            ProofBlock::Finalized,
        )
        .await?;
        let nodes = match anchor.witnesses {
            Witnesses::One => 1,
            Witnesses::Two => 2,
        };
        let header = &anchor.header;
        let block = FinalizedBlock {
            number: header.number,
            hash: header.hash,
            time: header.timestamp,
            nodes,
        };
        Ok((anchor, block))
    }

    /// Lets the contract take the sender's tokens, if it may not take that many yet.
    pub(super) async fn approve(&self, sender: &Sender, amount: Amount) -> Result<()> {
        let token = Token::new(self.contract.node(), self.contract.configuration().token);
        let needed = alloy_primitives::U256::from(amount.get());
        let held = token.balance(sender.address()).await?;
        if held < needed {
            bail!(
                "{} holds {held} base units of the token, and {needed} are needed",
                sender.address()
            );
        }
        if token
            .allowance(sender.address(), self.contract.address())
            .await?
            < needed
        {
            token
                .approve(sender, self.contract.address(), amount)
                .await?;
        }
        Ok(())
    }
}

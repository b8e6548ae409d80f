//! `offpay verify`: did a payment take place?

use std::str::FromStr;

use alloy_primitives::{B256, Bytes};
use anyhow::{Context, Result, ensure};
use clap::Args;
use offpay_chain::{
    Node, ProofBlock,
    proof::{PaymentProof, Witnesses},
    prove_payment,
};
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp, proof::SlotProof};
use serde::Serialize;

use crate::{
    cli::Answer,
    network::{Which, connect},
    output::{Output, Style},
};

/// Prove that a payment took place, or that it did not.
///
/// The answer comes from one storage slot, with a proof that is checked here against the state root of a block. Two
/// nodes have to agree on the block's hash if two are named. Exit code 0: it took place; 1: it did not; 2: not known.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The purse that pays.
    #[arg(long, value_name = "ADDRESS")]
    purse: PurseKey,
    /// Who is paid.
    #[arg(long, value_name = "ADDRESS")]
    payee: AccountId,
    /// The payment's cumulative, in base units.
    #[arg(long, value_name = "AMOUNT")]
    cumulative: Amount,
    /// The node; twice for two that must agree.
    #[arg(
        long,
        value_name = "URL",
        required = true,
        env = "OFFPAY_RPC_URL",
        hide_env_values = true
    )]
    rpc_url: Vec<String>,
    #[command(flatten)]
    contract: Which,
    /// `finalized`, `latest` or a block's number. What is not final can be taken back.
    #[arg(long, value_name = "BLOCK", default_value = "finalized")]
    block: Block,
    /// Answer as JSON, with the proof itself.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug)]
struct Block(ProofBlock);

impl FromStr for Block {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "finalized" => ProofBlock::Finalized,
            "latest" => ProofBlock::Latest,
            number => ProofBlock::Number(
                number
                    .parse()
                    .map_err(|_| "it is finalized, latest or a number")?,
            ),
        }))
    }
}

/// The answer, with all that it takes to check it again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    took_place: bool,
    /// What the payee was credited from the purse in all.
    paid: Amount,
    cumulative: Amount,
    purse: PurseKey,
    payee: AccountId,
    contract: String,
    chain_id: u64,
    block: ToldBlock<'a>,
    proof: &'a SlotProof,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldBlock<'a> {
    number: u64,
    hash: B256,
    timestamp: Timestamp,
    state_root: B256,
    header: &'a Bytes,
    witnesses: Witnesses,
}

impl Verify {
    /// Runs it. Yes: the payment took place.
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let (node, second) = self.nodes().await?;
        let contract = self.contract.open(&node).await?;
        let Block(block) = self.block;
        let proof = prove_payment(
            &node,
            second.as_ref(),
            contract.address(),
            self.purse,
            self.payee,
            block,
        )
        .await?;
        self.tell(output, node.chain_id(), &proof)?;
        Ok(if proof.covers(self.cumulative) {
            Answer::Yes
        } else {
            Answer::No
        })
    }

    async fn nodes(&self) -> Result<(Node, Option<Node>)> {
        ensure!(
            self.rpc_url.len() <= 2,
            "name one node or two, not {}",
            self.rpc_url.len()
        );
        ensure!(
            !self.cumulative.is_zero(),
            "a payment's cumulative is not zero"
        );
        let mut urls = self.rpc_url.iter();
        let first = connect(urls.next().context("name a node with --rpc-url")?).await?;
        let second = match urls.next() {
            Some(url) => Some(connect(url).await?),
            None => None,
        };
        Ok((first, second))
    }

    fn tell(&self, output: &Output, chain_id: u64, proof: &PaymentProof) -> Result<()> {
        let took_place = proof.covers(self.cumulative);
        let header = &proof.anchor.header;
        if self.json {
            return Ok(output.json(&Told {
                took_place,
                paid: proof.paid,
                cumulative: self.cumulative,
                purse: proof.purse,
                payee: proof.payee,
                contract: proof.contract.to_string(),
                chain_id,
                block: ToldBlock {
                    number: header.number,
                    hash: header.hash,
                    timestamp: header.timestamp,
                    state_root: header.state_root,
                    header: &proof.anchor.rlp,
                    witnesses: proof.anchor.witnesses,
                },
                proof: &proof.nodes,
            })?);
        }
        output.line(&if took_place {
            output.paint(Style::Good, "Yes, it took place.")
        } else {
            output.paint(Style::Bad, "No, it did not take place.")
        })?;
        output.line(&format!(
            "  The payee was credited {} base units from the purse in all; the payment needs {}.",
            proof.paid, self.cumulative
        ))?;
        let how_final = match self.block {
            Block(ProofBlock::Finalized) => "final",
            Block(ProofBlock::Latest) => "not final: it can be taken back",
            Block(ProofBlock::Number(_)) => "whether it is final is yours to know",
        };
        output.line(&format!(
            "  Proven in the state of block {} ({}), {how_final}.",
            header.number, header.hash
        ))?;
        output.line(match proof.anchor.witnesses {
            Witnesses::Two => "  Two nodes agree on that block.",
            Witnesses::One => "  One node says that this block is on the chain: name a second --rpc-url to be surer.",
        })?;
        Ok(())
    }
}

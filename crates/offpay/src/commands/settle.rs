//! `offpay settle`: brings the payment of a record on-chain.

use std::path::PathBuf;

use alloy_primitives::TxHash;
use anyhow::{Context, Result, ensure};
use clap::Args;
use offpay_chain::{Contract, Sender};
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};
use serde::Serialize;

use crate::{
    cli::Answer,
    clock,
    money::Unit,
    network::Network,
    output::Output,
    record::{Record, lock},
    sender::SenderArguments,
};

mod payment;
mod pursue;
mod refusal;

pub(crate) use refusal::SettleRefusal;

/// Settle the payment of a record file.
///
/// The first run signs the payment and stores it in the file before anything is sent; every later run uses that
/// signature, so running it twice pays once. Keep all records of a purse in one folder, and pay with its key nowhere
/// else: that is where the serials are counted. Without another key, the record's own key pays for the gas. Exit code
/// 0: the payee has the money; 1: not all of it, or not yet; 2: an error.
#[derive(Debug, Args)]
pub(crate) struct Settle {
    /// The payment record.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    sender: SenderArguments,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    state: State,
    purse: PurseKey,
    payee: AccountId,
    /// What the payment promised in all, this payment included.
    cumulative: Amount,
    /// What the payee was credited from the purse in all.
    paid: Amount,
    transactions: Vec<TxHash>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum State {
    /// It was paid in full by this run.
    Settled,
    /// It had been paid in full before.
    SettledBefore,
    /// The purse cannot pay it: the payer has until then to make good, and so much is reserved.
    InDefault { until: Timestamp, reserved: Amount },
    /// Its default is over: what there was to get was paid.
    PaidInPart,
}

impl Settle {
    /// Runs it. Yes: the payee has the money.
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        // The folder of what the name leads to: replacing a link would leave the record as it was.
        let file = self
            .file
            .canonicalize()
            .with_context(|| self.file.display().to_string())?;
        let _lock = lock(&file).await?;
        let mut record = Record::read(&file)?;
        let contract = self.network.contract().await?;
        let sender = match self.sender.sender()? {
            Some(sender) => sender,
            None => Sender::new(record.key()?),
        };
        if record.transaction.is_settled && record.signed_payment.is_none() {
            return self.nothing_to_check(output, &record);
        }
        let purse = payment::owner_checked(&contract, &record).await?;
        payment::sign(&contract, &mut record, &purse, &file).await?;
        let (state, transactions) = pursue::pursue(&contract, &sender, &mut record, &file).await?;
        let outcome = self
            .outcome(&contract, &record, state, transactions)
            .await?;
        self.tell(output, &contract, &outcome).await?;
        let has_the_money = matches!(state, State::Settled | State::SettledBefore);
        Ok(if has_the_money {
            Answer::Yes
        } else {
            Answer::No
        })
    }

    async fn outcome(
        &self,
        contract: &Contract,
        record: &Record,
        state: State,
        transactions: Vec<TxHash>,
    ) -> Result<Outcome> {
        let signed = record
            .signed_payment
            .as_ref()
            .context("the record holds no signed payment")?;
        let (purse, payee) = (signed.signer()?, signed.message.payee);
        let paid = contract.paid_to(purse, payee).await?;
        let cumulative = signed.message.cumulative;
        let full = paid >= cumulative;
        ensure!(
            full == matches!(state, State::Settled | State::SettledBefore),
            "the chain changed meanwhile: run it again"
        );
        Ok(Outcome {
            state,
            purse,
            payee,
            cumulative,
            paid,
            transactions,
        })
    }

    /// A record that says it is settled, and holds nothing by which that could be seen.
    fn nothing_to_check(&self, output: &Output, record: &Record) -> Result<Answer> {
        let hash = record
            .transaction
            .tx_hash
            .as_deref()
            .unwrap_or("no transaction");
        if self.json {
            output.json(&serde_json::json!({ "state": "markedSettled", "transaction": hash }))?;
        } else {
            output.line(&format!(
                "The record is marked as settled ({hash}). Nothing was sent."
            ))?;
        }
        Ok(Answer::Yes)
    }

    async fn tell(&self, output: &Output, contract: &Contract, outcome: &Outcome) -> Result<()> {
        if self.json {
            return Ok(output.json(outcome)?);
        }
        let unit = Unit::of(contract).await;
        let Outcome {
            purse,
            payee,
            cumulative,
            paid,
            ..
        } = outcome;
        output.line(&match outcome.state {
            State::Settled => "Settled.".to_owned(),
            State::SettledBefore => "Settled before; nothing was sent.".to_owned(),
            State::InDefault { until, reserved } => format!(
                "In default: the payer can make good until {}. {} of its collateral is reserved for the payee: \
                 run this again after that.",
                clock::show(until),
                unit.show(reserved)
            ),
            State::PaidInPart => "Paid in part: the default is over, and there is no more to get.".to_owned(),
        })?;
        output.line(&format!("  purse  {purse}"))?;
        output.line(&format!("  payee  {payee}"))?;
        output.line(&format!(
            "  paid   {} of {} that were promised to it in all",
            unit.show(*paid),
            unit.show(*cumulative)
        ))?;
        for tx in &outcome.transactions {
            output.line(&format!("  sent   {tx}"))?;
        }
        if !outcome.transactions.is_empty() {
            output.line("Final once its block is: `offpay verify` proves it then.")?;
        }
        Ok(())
    }
}

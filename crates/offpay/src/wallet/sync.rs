//! `offpay wallet sync`

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::{PurseKey, Signed, wire::Code};
use offpay_wallet::{
    records::StoredCertificate,
    sync::{Answer as News, Task},
};
use serde_json::json;

use super::{
    nodes::Nodes,
    session::{OpenWallet, Session},
};
use crate::{cli::Answer, clock, codes::codes, output::Style};

mod done;
mod read;
mod round;
mod send;

use done::Done;

/// Enough for every answer to lead to the next question.
const MOST_ROUNDS: usize = 6;

/// How often to look whether a block became final.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(
    after_help = "Hands in what is held, oldest deadline first; reads purses, channels and circles in the newest finalized block; \
    and proves what was paid.\nThe owner's address pays for gas, or the key in --gas-key-file or OFFPAY_GAS_KEY(_FILE).\n\n\
    Examples:\n  offpay wallet sync\n  offpay wallet sync --take certificate.txt\n  offpay wallet sync --wait 300"
)]
pub(super) struct Sync {
    /// Certificates or attestations of an operator to take: text, file or picture. Can be repeated.
    #[arg(long, value_name = "CODE")]
    take: Vec<String>,
    /// Only read: send no transaction, and ask for no PIN.
    #[arg(long)]
    read_only: bool,
    /// Also hand in payments that this wallet made: it helps the payees, and costs you the gas.
    #[arg(long)]
    own: bool,
    /// Wait so many seconds at most, until everything that was handed in is final.
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    #[command(flatten)]
    nodes: Nodes,
}

impl Sync {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        if !self.read_only {
            session.unlock(&mut wallet)?;
        }
        let online = self.nodes.connect(wallet.state()).await?;
        let mut done = Done::default();
        let began = tokio::time::Instant::now();
        loop {
            self.rounds(session, &mut wallet, &online, &mut done)
                .await?;
            self.take(session, &mut wallet, &mut done)?;
            let patience = Duration::from_secs(self.wait.unwrap_or(0));
            if !waits(&wallet) || began.elapsed() >= patience {
                break;
            }
            session
                .output
                .progress("Waiting until what was handed in is final …");
            tokio::time::sleep(LOOK_AGAIN).await;
            done.forget_reading();
        }
        report(session, &wallet, &done)
    }

    /// Does what is to be done, until no answer leads to another question.
    async fn rounds(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        online: &super::nodes::Online,
        done: &mut Done,
    ) -> Result<()> {
        let (anchor, block) = online.finalized().await.context("no finalized block")?;
        let round = round::Round {
            session,
            online,
            anchor: &anchor,
            block,
            nodes: &self.nodes,
        };
        for _ in 0..MOST_ROUNDS {
            let tasks: Vec<Task> = wallet.state().tasks(session.now()?);
            let new: Vec<Task> = tasks
                .into_iter()
                .filter(|task| self.wants(task) && !done.knows(task))
                .collect();
            if new.is_empty() {
                break;
            }
            for task in new {
                if let Some(said) = progress(&task) {
                    session.output.progress(said);
                }
                let outcome = round.carry_out(wallet, &task).await;
                done.note(task, outcome);
            }
        }
        wallet.learn(News::Synced(block), session.now()?)?;
        done.block = Some(block);
        Ok(())
    }

    /// What is asked about, and what is sent only if the owner wants it.
    fn wants(&self, task: &Task) -> bool {
        match task {
            Task::HandIn { by: None, .. } => self.own && !self.read_only,
            task => !self.read_only || !send::is_sent(task),
        }
    }

    fn take(&self, session: &Session<'_>, wallet: &mut OpenWallet, done: &mut Done) -> Result<()> {
        if done.taken.is_some() {
            return Ok(());
        }
        let mut taken = 0;
        for given in &self.take {
            for code in codes(given)? {
                take(session, wallet, &code)?;
                taken += 1;
            }
        }
        done.taken = Some(taken);
        Ok(())
    }
}

fn take(session: &Session<'_>, wallet: &mut OpenWallet, code: &Code) -> Result<()> {
    let domain = wallet.state().deployment().domain;
    let now = session.now()?;
    match code {
        Code::Certificate(code) => {
            let (certificate, signature) = code.open(&domain)?;
            let held = StoredCertificate {
                certificate: *certificate,
                signature,
            };
            wallet
                .learn(News::Certificate(held), now)
                .context("the certificate")?;
        }
        Code::Attestation(code) => {
            let (message, signature) = code.open(&domain)?;
            wallet.take_attestation(
                Signed {
                    domain,
                    message: message.clone(),
                    signature,
                },
                now,
            )?;
        }
        _ => bail!("this code is neither a certificate nor an attestation"),
    }
    Ok(())
}

/// Whether something was handed in that is not final yet.
fn waits(wallet: &OpenWallet) -> bool {
    wallet
        .state()
        .records()
        .pairs
        .values()
        .any(|pair| pair.in_default_since.is_none() && pair.handed_in_up_to() > pair.settled())
}

const fn progress(task: &Task) -> Option<&'static str> {
    match task {
        Task::HandIn { .. } => Some("Handing in a payment …"),
        Task::HandInVoucher { .. } => Some("Handing in a voucher …"),
        Task::ReportDoubleSpend(_) => Some("Reporting a double spend …"),
        Task::ProvePaid { .. } => Some("Proving a payment …"),
        _ => None,
    }
}

fn report(session: &Session<'_>, wallet: &OpenWallet, done: &Done) -> Result<Answer> {
    let ends = if done.failed.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    };
    let now = session.now()?;
    let (state, output) = (wallet.state(), session.output);
    let needed: Vec<PurseKey> = done
        .certificates_needed
        .iter()
        .copied()
        .filter(|purse| state.should_renew(*purse, now))
        .collect();
    if session.json() {
        let dates: Vec<_> = state
            .hand_in_dates(now)
            .iter()
            .map(|date| json!({ "payment": date.id, "by": date.by }))
            .collect();
        output.json(&json!({
            "block": done.block, "handedIn": done.handed_in, "certificatesNeeded": needed,
            "inDefault": done.in_default.iter()
                .map(|(purse, until)| json!({ "purse": purse, "until": until })).collect::<Vec<_>>(),
            "notSettled": dates, "failed": done.failed, "readiness": super::status::readiness(state, now),
        }))?;
        return Ok(ends);
    }
    if let Some(block) = done.block {
        let said = if block.nodes > 1 {
            "two nodes agree on it"
        } else {
            "one node's word"
        };
        output.line(&output.paint(
            Style::Good,
            &format!("In step with block {} ({said})", block.number),
        ))?;
    }
    for handed_in in &done.handed_in {
        output.line(&format!("handed in {handed_in}"))?;
    }
    for purse in &needed {
        output.line(&format!(
            "purse {purse} needs a certificate: `offpay operator certify {purse}`,"
        ))?;
        output.line("  then `offpay wallet sync --take CERTIFICATE`")?;
    }
    for (purse, until) in &done.in_default {
        let said = format!(
            "purse {purse} owes more than it holds: `offpay wallet make-good {purse}` by {}, or the pledge is lost",
            clock::show(*until)
        );
        output.line(&output.paint(Style::Bad, &said))?;
    }
    for failed in &done.failed {
        output.line(&output.paint(Style::Bad, failed))?;
    }
    super::status::held(session, wallet)?;
    super::status::ready(session, wallet)?;
    Ok(ends)
}

//! `offpay wallet sync`

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::{Signed, wire::Code};
use offpay_wallet::{
    records::StoredCertificate,
    sync::{Answer as News, Task},
};

use super::{
    nodes::Nodes,
    session::{OpenWallet, Session},
};
use crate::{cli::Answer, codes::codes, failure::said};

mod done;
mod read;
mod report;
mod round;
mod send;
mod servers;

use done::{Done, Outcome};
use report::report;
use servers::Servers;

/// Enough for every answer to lead to the next question.
const MOST_ROUNDS: usize = 6;

/// How often to look whether a block became final.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(
    after_help = "Hands in what is held, oldest deadline first; reads purses, channels and circles in the newest finalized block; \
    and proves what was paid.\nThe servers of your operators are asked for certificates and lists of closing purses, and clear payments: \
    what they clear, they hand in.\nThe owner's address pays for gas, or the key in --gas-key-file or OFFPAY_GAS_KEY(_FILE).\n\n\
    Examples:\n  offpay wallet sync\n  offpay wallet sync --take certificate.txt\n  offpay wallet sync --wait 300"
)]
pub(super) struct Sync {
    /// Certificates or attestations of an operator to take: text, file or picture. Can be repeated.
    #[arg(long, value_name = "CODE")]
    take: Vec<String>,
    /// Only read: send no transaction, and ask for no PIN.
    #[arg(long)]
    read_only: bool,
    /// Also send to the chain payments that this wallet made: it helps the payees, and costs you the gas.
    #[arg(long)]
    own: bool,
    /// Hand in to the chain also what an operator's server cleared, and settles.
    #[arg(long)]
    on_chain: bool,
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
        let servers = Servers::of(wallet.state());
        let mut done = Done::default();
        let online = match self.nodes.connect(wallet.state()).await {
            Ok(online) => online,
            Err(error) if servers.is_empty() => return Err(error),
            Err(error) => {
                self.without_chain(session, &mut wallet, &servers, &mut done)
                    .await?;
                self.take(session, &mut wallet, &mut done)?;
                done.failed.push(said(&error));
                done.failed.extend(servers.complaints());
                return report(session, &wallet, &done);
            }
        };
        let began = tokio::time::Instant::now();
        loop {
            self.rounds(session, &mut wallet, &online, &servers, &mut done)
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
        done.failed.extend(servers.complaints());
        report(session, &wallet, &done)
    }

    /// Does what is to be done, until no answer leads to another question.
    async fn rounds(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        online: &super::nodes::Online,
        servers: &Servers,
        done: &mut Done,
    ) -> Result<()> {
        let (anchor, block) = online.finalized().await.context("no finalized block")?;
        let round = round::Round {
            session,
            online,
            anchor: &anchor,
            block,
            nodes: &self.nodes,
            servers,
            own: self.own,
            on_chain: self.on_chain,
        };
        for _ in 0..MOST_ROUNDS {
            let tasks: Vec<Task> = wallet.state().tasks(session.now()?);
            let new: Vec<Task> = tasks
                .into_iter()
                .filter(|task| self.wants(task, servers) && !done.knows(task))
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

    /// No node answers: what operators can do is done all the same.
    async fn without_chain(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        servers: &Servers,
        done: &mut Done,
    ) -> Result<()> {
        for task in wallet.state().tasks(session.now()?) {
            let outcome = match &task {
                Task::HandIn {
                    id,
                    purse,
                    signed,
                    by,
                } if !self.read_only => {
                    let pair = (*id, *purse);
                    let taken = servers.take(session, wallet, pair, signed, *by).await;
                    taken.map(|taken| match taken {
                        true => Outcome::Cleared(*id),
                        false => Outcome::Done,
                    })
                }
                Task::FetchOperatorKey(_)
                | Task::FetchRevocations(_)
                | Task::RenewCertificate(_) => servers.carry_out(session, wallet, &task).await,
                _ => continue,
            };
            done.note(task, outcome);
        }
        Ok(())
    }

    /// What is asked about, and what is sent only if the owner wants it.
    fn wants(&self, task: &Task, servers: &Servers) -> bool {
        match task {
            Task::HandIn { by: None, .. } => (self.own || !servers.is_empty()) && !self.read_only,
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

//! One task after the other, all as of one finalized block.

use anyhow::Result;
use offpay_chain::proof::Anchor;
use offpay_wallet::{
    records::FinalizedBlock,
    sync::{Answer, Task},
};

use super::{done::Outcome, servers::Servers};
use crate::wallet::{
    nodes::{Nodes, Online},
    session::{OpenWallet, Session},
};

/// What all tasks of a round share.
pub(super) struct Round<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) online: &'a Online,
    pub(super) anchor: &'a Anchor,
    pub(super) block: FinalizedBlock,
    pub(super) nodes: &'a Nodes,
    pub(super) servers: &'a Servers,
    /// Send own payments to the chain as well.
    pub(super) own: bool,
    /// Send to the chain what an operator cleared, too.
    pub(super) on_chain: bool,
}

impl Round<'_> {
    /// Does one task, and hands the answer to the wallet.
    pub(super) async fn carry_out(&self, wallet: &mut OpenWallet, task: &Task) -> Result<Outcome> {
        if super::send::is_sent(task) {
            return self.send(wallet, task).await;
        }
        let answer = match task {
            Task::ReadPurse(key) => Answer::Purse(self.purse(*key).await?),
            Task::ReadPayer(key) => Answer::Payer(self.purse(*key).await?),
            Task::ReadMembership(circle) => {
                self.membership(*circle, wallet.state().account()).await?
            }
            Task::ReadChannel(channel) => self.channel(*channel).await?,
            Task::ProvePaid { purse, payee, .. } => {
                let paid = self.paid(*purse, *payee).await?;
                self.learn(wallet, Answer::Paid(paid))?;
                self.in_default(*purse, *payee).await?
            }
            Task::ReadPair { purse, payee } => self.in_default(*purse, *payee).await?,
            // It is the owner's money: `offpay wallet make-good` asks.
            Task::MakeGood { purse, until, .. } => return Ok(Outcome::InDefault(*purse, *until)),
            // The block was read when the round began. The rest is asked of operators.
            task => return self.servers.carry_out(self.session, wallet, task).await,
        };
        self.learn(wallet, answer)?;
        Ok(Outcome::Done)
    }

    /// Hands an answer to the wallet.
    pub(super) fn learn(&self, wallet: &mut OpenWallet, answer: Answer) -> Result<()> {
        wallet.learn(answer, self.session.now()?)?;
        Ok(())
    }
}

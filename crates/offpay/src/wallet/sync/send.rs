//! What is sent to the chain.

use anyhow::{Context, Result};
use offpay_chain::{
    ChainError, Mined, Operation,
    contract::{Purse, VoucherClaim},
};
use offpay_protocol::{Amount, ChannelId, PaymentId, PurseKey, Signed, TypedData as _};
use offpay_wallet::{
    records::{Evidence, SignedPayment, SignedVoucher},
    sync::{Answer, Task},
};

use super::{done::Outcome, round::Round};
use crate::wallet::session::OpenWallet;

/// Whether a task is a transaction.
pub(super) const fn is_sent(task: &Task) -> bool {
    matches!(
        task,
        Task::HandIn { .. }
            | Task::HandInVoucher { .. }
            | Task::ReportDoubleSpend(_)
            | Task::SettleAfterSettlementPeriod { .. }
            | Task::RequestPurseClose(_)
            | Task::ClosePurse(_)
            | Task::FinalizeChannel(_)
    )
}

impl Round<'_> {
    pub(super) async fn send(&self, wallet: &mut OpenWallet, task: &Task) -> Result<Outcome> {
        let contract = &self.online.contract;
        match task {
            Task::HandIn {
                id,
                purse,
                signed,
                by,
            } => {
                let servers = self.servers;
                let taken = servers
                    .take(self.session, wallet, (*id, *purse), signed, *by)
                    .await?;
                // An own payment goes to the chain only if the owner wants to pay for it.
                return match by {
                    _ if taken && !self.on_chain => Ok(Outcome::Cleared(*id)),
                    None if !self.own => Ok(Outcome::Done),
                    _ => self.hand_in(wallet, *id, *purse, signed).await,
                };
            }
            Task::HandInVoucher {
                channel, signed, ..
            } => {
                return self
                    .hand_in_voucher(wallet, *channel, signed)
                    .await
                    .context("the voucher was not handed in");
            }
            Task::ReportDoubleSpend(evidence) => self.report(wallet, evidence).await?,
            Task::SettleAfterSettlementPeriod { purse, payee } => {
                let pair = contract.pair(*purse, *payee).await?;
                if pair.in_default_since.is_some() {
                    let settle = contract.settle_after_settlement_period(*purse, *payee);
                    self.mine(wallet, settle).await?;
                }
            }
            Task::RequestPurseClose(purse) => {
                let open = self.newest(*purse).await?;
                if open.is_some_and(|purse| purse.closes_at.is_none()) {
                    self.mine(wallet, contract.request_purse_close(*purse))
                        .await?;
                }
            }
            Task::ClosePurse(purse) => {
                let open = self.newest(*purse).await?;
                if open.is_some_and(|purse| purse.pairs_in_default == 0) {
                    self.mine(wallet, contract.close_purse(*purse)).await?;
                }
            }
            Task::FinalizeChannel(id) => {
                let open = contract.channel(*id).await?;
                if open.is_some_and(|channel| !channel.closed) {
                    let terms = wallet.state().channel(*id)?.terms;
                    self.mine(wallet, contract.finalize_channel(&terms)).await?;
                }
            }
            _ => {}
        }
        Ok(Outcome::Done)
    }

    /// A payment. Whoever handed it in before, or at the same moment, did no harm.
    async fn hand_in(
        &self,
        wallet: &mut OpenWallet,
        id: PaymentId,
        purse: PurseKey,
        signed: &SignedPayment,
    ) -> Result<Outcome> {
        let contract = &self.online.contract;
        let (payee, cumulative) = (signed.payment.payee, signed.payment.cumulative);
        let paid = contract.paid_to(purse, payee).await?;
        let transaction = if paid >= cumulative {
            None
        } else {
            let signed = Signed {
                domain: *contract.domain(),
                message: signed.payment,
                signature: signed.signature,
            };
            let settling = contract.settle(&signed)?;
            let mined = self.mine(wallet, settling).await;
            Some(
                mined
                    .with_context(|| format!("payment {id} was not handed in"))?
                    .tx,
            )
        };
        self.learn(
            wallet,
            Answer::HandedIn {
                purse,
                payee,
                cumulative,
                transaction,
            },
        )?;
        Ok(Outcome::HandedIn(id))
    }

    async fn hand_in_voucher(
        &self,
        wallet: &mut OpenWallet,
        id: ChannelId,
        signed: &SignedVoucher,
    ) -> Result<Outcome> {
        let contract = &self.online.contract;
        let terms = wallet.state().channel(id)?.terms;
        let voucher = Signed {
            domain: *contract.domain(),
            message: signed.voucher,
            signature: signed.signature,
        };
        let name = PaymentId::new(signed.voucher.digest(contract.domain()));
        if terms.is_one_way() {
            let claim: Operation<Option<Amount>> =
                contract.claim_voucher(&VoucherClaim { terms, voucher })?;
            self.mine(wallet, claim).await?;
        } else {
            let present = contract.present_voucher(&terms, &voucher)?;
            self.mine(wallet, present).await?;
        }
        Ok(Outcome::HandedIn(name))
    }

    async fn report(&self, wallet: &mut OpenWallet, evidence: &Evidence) -> Result<()> {
        let contract = &self.online.contract;
        let reported = contract
            .purse(evidence.purse)
            .await?
            .is_none_or(|purse| purse.reported || purse.closed);
        if reported {
            return Ok(());
        }
        let signed = |seen: &SignedPayment| Signed {
            domain: *contract.domain(),
            message: seen.payment,
            signature: seen.signature,
        };
        let report = contract.report_double_spend(&signed(&evidence.a), &signed(&evidence.b))?;
        self.mine(wallet, report)
            .await
            .context("the double spend was not reported")?;
        Ok(())
    }

    /// A purse that is not closed, in the newest block. What the finalized block still asks for may be done there: by
    /// another command, by the other side, or by anybody.
    async fn newest(&self, purse: PurseKey) -> Result<Option<Purse>> {
        let purse = self.online.contract.purse(purse).await?;
        Ok(purse.filter(|purse| !purse.closed))
    }

    async fn mine<R>(&self, wallet: &mut OpenWallet, operation: Operation<R>) -> Result<Mined<R>> {
        let sender = self.nodes.anybody(self.session, wallet)?;
        let mined: Result<Mined<R>, ChainError> = operation.send(&sender).await;
        Ok(mined?)
    }
}

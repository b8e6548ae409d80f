//! Everything that a scene needs.

use anyhow::{Context, Result};
use offpay_chain::{Configuration, Contract, LocalChain, Sender, Token};
use offpay_protocol::{AccountId, Domain, Seconds, Timestamp, cover::Parameters};

use super::{
    books::{Books, Place},
    cast::{Cast, Who},
    report::{Report, Step},
};

/// The chain, the people, and the books.
pub(super) struct Stage {
    pub(super) chain: LocalChain,
    pub(super) contract: Contract,
    pub(super) token: Token,
    pub(super) cast: Cast,
    pub(super) books: Books,
    pub(super) report: Report,
    /// The books after the last step.
    before: Books,
}

impl Stage {
    pub(super) fn new(chain: LocalChain, contract: Contract, cast: Cast, report: Report) -> Self {
        let token = Token::new(chain.node(), contract.configuration().token);
        Self {
            chain,
            contract,
            token,
            cast,
            books: Books::default(),
            report,
            before: Books::default(),
        }
    }

    pub(super) fn sender(&self, who: Who) -> Result<&Sender> {
        self.cast.sender(who)
    }

    pub(super) fn account(&self, who: Who) -> Result<AccountId> {
        self.cast.account(who)
    }

    pub(super) fn domain(&self) -> Domain {
        *self.contract.domain()
    }

    pub(super) fn parameters(&self) -> &Parameters {
        let Configuration { parameters, .. } = self.contract.configuration();
        parameters
    }

    /// The chain's time.
    pub(super) async fn now(&self) -> Result<Timestamp> {
        Ok(self.chain.now().await?)
    }

    /// Shows what happened, after checking every account, purse and channel.
    pub(super) async fn step(&mut self, step: Step) -> Result<()> {
        self.audit()
            .await
            .context("the chain differs from the books")?;
        let after = self.books.changes(&self.before);
        self.before = self.books.clone();
        self.report.step(step, after)?;
        Ok(())
    }

    /// Makes the newest block final: on this chain, `finalized` lies two blocks behind the newest.
    pub(super) async fn finalize(&self) -> Result<()> {
        Ok(self.chain.mine(2).await?)
    }

    /// Lets time pass, and tells why.
    pub(super) async fn pass(&mut self, time: Seconds, what: &str) -> Result<()> {
        self.chain.pass(time).await?;
        self.finalize().await?;
        self.step(Step::time(what)).await
    }

    /// Moves money in the books.
    pub(super) fn shift(
        &mut self,
        from: Place,
        to: Place,
        amount: offpay_protocol::Amount,
    ) -> Result<()> {
        self.books.shift(from, to, amount)
    }
}

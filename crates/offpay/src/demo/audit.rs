//! Whether the chain says what the books say.

use alloy_primitives::U256;
use anyhow::{Context, Result, ensure};
use offpay_protocol::Amount;

use super::{books::Place, cast::Who, stage::Stage};

impl Stage {
    /// Compares every account, purse and channel with the books, and what the contract holds with the sum of it all.
    pub(super) async fn audit(&self) -> Result<()> {
        for who in Who::ALL {
            self.audit_person(who).await?;
        }
        for (place, expected) in self.books.places() {
            match place {
                Place::Purse(key, name) => {
                    let purse = self
                        .contract
                        .purse(key)
                        .await?
                        .context("a purse is missing")?;
                    same(name, "rest", expected, purse.rest())?;
                }
                Place::Channel(id, name) => {
                    let channel = self
                        .contract
                        .channel(id)
                        .await?
                        .context("a channel is missing")?;
                    let deposits = channel
                        .deposit_a
                        .checked_add(channel.deposit_b)
                        .unwrap_or(Amount::MAX);
                    same(name, "deposits", expected, deposits)?;
                }
                Place::Tokens(_) | Place::Balance(_) | Place::Collateral(_) => {}
            }
        }
        let inside = self.books.inside().context("the books hold 2^96 or more")?;
        let held = self.token.balance(self.contract.address()).await?;
        ensure!(
            held == U256::from(inside.get()),
            "the contract holds {held}, but balances, collateral, purses and channels add up to {inside}"
        );
        Ok(())
    }

    async fn audit_person(&self, who: Who) -> Result<()> {
        let account = self.contract.account(self.cast.account(who)?).await?;
        let tokens = self
            .token
            .balance(self.cast.account(who)?.address())
            .await?;
        same(
            who.name(),
            "balance",
            self.books.at(Place::Balance(who)),
            account.balance,
        )?;
        same(
            who.name(),
            "collateral",
            self.books.at(Place::Collateral(who)),
            account.collateral,
        )?;
        same(
            who.name(),
            "pledged",
            self.books.pledged(who),
            account.pledged,
        )?;
        let expected = self.books.at(Place::Tokens(who));
        ensure!(
            tokens == U256::from(expected.get()),
            "{who} should have {expected} base units in the wallet and has {tokens}"
        );
        Ok(())
    }
}

fn same(name: &str, what: &str, expected: Amount, actual: Amount) -> Result<()> {
    ensure!(
        expected == actual,
        "{name}: {what} should be {expected} base units and is {actual}"
    );
    Ok(())
}

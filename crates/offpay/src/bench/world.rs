//! A local chain with the contract, and purses that can pay.

use std::path::Path;

use anyhow::{Context as _, Result};
use offpay_chain::{BlockId, Contract, Sender, Token, contract::PurseTerms, local};
use offpay_protocol::{
    Amount, Circle, Domain, Signable as _, SigningKey, Timestamp,
    messages::{PurseOpening, Relay},
};
use offpay_server::{
    keys::Keys,
    local::{Local, LocalOptions},
};

use super::{MOST_OPENED, sign::AMOUNT};

/// How many purses one relay opens: what fits into the gas of a transaction (EIP-7825), with room.
const AT_ONCE: usize = 100;
/// How many payments a purse has money for.
pub(super) const MOST_PAYMENTS: u64 = 1_000_000;

pub(super) struct World {
    pub(super) local: Local,
    pub(super) contract: Contract,
    pub(super) domain: Domain,
    pub(super) purses: Vec<SigningKey>,
    pub(super) owner: Sender,
    pub(super) payees: usize,
}

/// What each purse holds.
pub(super) fn funds() -> Amount {
    Amount::from_u64(AMOUNT.saturating_mul(MOST_PAYMENTS))
}

impl World {
    pub(super) async fn open(folder: &Path, purses: usize, payees: usize) -> Result<Self> {
        let options = LocalOptions::default();
        let local = Local::open(folder, &options).await?;
        let contract = Contract::open_deployment(local.chain.node(), &local.deployment).await?;
        let keys = (0..purses).map(|number| local::key(&format!("bench purse {number}")));
        let keys: Result<Vec<_>, _> = keys.collect();
        let owner = local.chain.sender("bench owner").await?;
        let world = Self {
            domain: *contract.domain(),
            local,
            contract,
            purses: keys?,
            owner,
            payees,
        };
        if !world.is_seeded() {
            world.fund().await?;
            world.open_purses().await?;
        }
        world.local.chain.mine(2).await?;
        Ok(world)
    }

    /// The folder that everything is in.
    pub(super) fn folder(&self) -> &Path {
        let deployment = &self.local.config.chain.deployment;
        deployment.parent().unwrap_or(Path::new("."))
    }

    /// Whether the purses are not on the chain, and are written into the database instead.
    pub(super) fn is_seeded(&self) -> bool {
        self.purses.len() > MOST_OPENED
    }

    pub(super) fn told(&self) -> String {
        let count = self.purses.len();
        if self.is_seeded() {
            format!("{count}, written into the database as the follower of the chain writes them")
        } else {
            format!("{count}, opened on the chain")
        }
    }

    /// The owner is registered, and has a balance for all purses.
    async fn fund(&self) -> Result<()> {
        let keys = Keys::read(&self.local.config.keys)?;
        let mints = keys.token_owner.context("there is no key that mints")?;
        let token = Token::new(self.contract.node(), self.contract.configuration().token);
        let collateral = self.contract.configuration().parameters.healthy_collateral;
        let each = u128::from(AMOUNT).saturating_mul(u128::from(MOST_PAYMENTS));
        let balance = Amount::new(each.saturating_mul(self.purses.len() as u128));
        let balance = balance.context("so much money does not exist")?;
        for amount in [collateral, balance] {
            token.mint(&mints, self.owner.address(), amount).await?;
        }
        token
            .approve(&self.owner, self.contract.address(), Amount::MAX)
            .await?;
        self.contract.register(collateral).send(&self.owner).await?;
        self.contract.deposit(balance).send(&self.owner).await?;
        Ok(())
    }

    /// Opens them on the chain, many in each transaction.
    async fn open_purses(&self) -> Result<()> {
        let now = self
            .local
            .chain
            .node()
            .block(BlockId::latest())
            .await?
            .timestamp;
        let deadline = Timestamp::new(now.get().saturating_add(24 * 60 * 60));
        let deadline = deadline.context("the chain's clock is at its end")?;
        let account = self.owner.account();
        for (number, keys) in self.purses.chunks(AT_ONCE).enumerate() {
            let mut calls = Vec::with_capacity(keys.len());
            for key in keys {
                let terms = PurseTerms {
                    key: key.address().into(),
                    funds: funds(),
                    pledge: Amount::from_u64(1),
                    cover_count: 1,
                    circle: Circle::new(self.owner.address()),
                };
                let consent = PurseOpening { owner: account }.sign(&self.domain, key)?;
                calls.push(
                    self.contract
                        .open_purse(&terms, &consent)
                        .calldata()
                        .clone(),
                );
            }
            let relay = Relay {
                account,
                calls,
                nonce: alloy_primitives::U256::from(number + 1),
                deadline,
            };
            let signature = relay.sign(&self.domain, self.owner.key())?;
            self.contract
                .relay(&relay, &signature.into())
                .send(&self.owner)
                .await?;
        }
        Ok(())
    }
}

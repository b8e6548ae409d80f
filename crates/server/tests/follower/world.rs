//! A chain with the contract on it, people with money, and a follower that goes when it is told.

use offpay_chain::{Contract, Sender, Token, contract::PurseTerms, local};
use offpay_operator::follower::{State, Subject};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Reference, Signable as _, Signed, SigningKey, Timestamp,
    messages::{Payment, PurseOpening},
};
use offpay_server::{
    Config,
    follower::{FollowError, FollowedChain, Follower, Progress},
    local::{Local, LocalOptions},
};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) local: Local,
    pub(crate) contract: Contract,
    pub(crate) token: Token,
    pub(crate) operator: Sender,
    pub(crate) test: TestDatabase,
    pub(crate) config: Config,
    _folder: TempDir,
}

pub(crate) fn units(units: u64) -> Amount {
    Amount::from_u64(units)
}

pub(crate) fn key(name: &str) -> SigningKey {
    local::key(name).unwrap()
}

impl World {
    /// A chain whose newest `2 * epoch` blocks can be taken back.
    pub(crate) async fn new(engine: Engine, epoch: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = LocalOptions {
            slots_in_an_epoch: Some(epoch),
            ..Default::default()
        };
        let local = Local::open(folder.path(), &options).await.unwrap();
        let contract = Contract::open_deployment(local.chain.node(), &local.deployment)
            .await
            .unwrap();
        let operator = local.chain.sender("operator").await.unwrap();
        Self {
            token: Token::new(local.chain.node(), local.deployment.token),
            config: local.config.clone(),
            test: TestDatabase::new(engine).await.unwrap(),
            contract,
            operator,
            local,
            _folder: folder,
        }
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.test.database
    }

    /// A follower of these nodes; of the true one if there are none.
    pub(crate) fn follower(&self, nodes: &[&str]) -> Following {
        let mut config = self.config.clone();
        if !nodes.is_empty() {
            config.chain.nodes = nodes.iter().map(|url| (*url).into()).collect();
        }
        self.follower_with(&config)
    }

    pub(crate) fn follower_with(&self, config: &Config) -> Following {
        let chain = FollowedChain::default();
        Following {
            follower: Follower::new(
                self.database().clone(),
                config,
                self.local.deployment.clone(),
                chain.clone(),
            ),
            chain,
        }
    }

    /// Somebody with tokens, collateral of twice what is healthy, and balance.
    pub(crate) async fn person(&self, name: &str) -> Sender {
        let person = self.local.chain.sender(name).await.unwrap();
        let collateral = self.collateral();
        let minter = offpay_server::keys::Keys::read(&self.config.keys).unwrap();
        let minter = minter.token_owner.as_ref().unwrap_or(&minter.gas);
        self.token
            .mint(minter, person.address(), Amount::new(1 << 80).unwrap())
            .await
            .unwrap();
        self.token
            .approve(&person, self.contract.address(), Amount::MAX)
            .await
            .unwrap();
        self.contract
            .register(collateral)
            .send(&person)
            .await
            .unwrap();
        self.contract
            .deposit(units(100_000))
            .send(&person)
            .await
            .unwrap();
        person
    }

    fn collateral(&self) -> Amount {
        let least = self.contract.configuration().parameters.healthy_collateral;
        least
            .checked_add(least)
            .unwrap()
            .checked_add(units(10_000))
            .unwrap()
    }

    /// A purse in the operator's circle.
    pub(crate) async fn purse(&self, owner: &Sender, key: &SigningKey, funds: u64) -> PurseKey {
        self.try_purse(owner, key, funds).await.unwrap()
    }

    /// The same, if the contract opens it.
    pub(crate) async fn try_purse(
        &self,
        owner: &Sender,
        key: &SigningKey,
        funds: u64,
    ) -> Option<PurseKey> {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: units(funds),
            pledge: units(1_000),
            cover_count: 2,
            circle: Circle::new(self.operator.address()),
        };
        let consent = PurseOpening {
            owner: owner.account(),
        }
        .sign(self.contract.domain(), key)
        .unwrap();
        self.contract
            .open_purse(&terms, &consent)
            .send(owner)
            .await
            .ok()?;
        Some(terms.key)
    }

    pub(crate) fn payment(
        &self,
        key: &SigningKey,
        payee: AccountId,
        start: u64,
        amount: u64,
        cumulative: u64,
    ) -> Signed<Payment> {
        let message = Payment {
            payee,
            start: units(start),
            amount: units(amount),
            cumulative: units(cumulative),
            reference: Reference::ZERO,
        };
        let domain = *self.contract.domain();
        Signed {
            signature: message.sign(&domain, key).unwrap(),
            domain,
            message,
        }
    }

    pub(crate) async fn mine(&self, blocks: u64) {
        self.local.chain.mine(blocks).await.unwrap();
    }

    pub(crate) async fn now(&self) -> Timestamp {
        self.local.chain.now().await.unwrap()
    }
}

pub(crate) struct Following {
    pub(crate) follower: Follower,
    pub(crate) chain: FollowedChain,
}

impl Following {
    /// Goes as far as it can.
    pub(crate) async fn catch_up(&mut self, world: &World) -> Result<(), FollowError> {
        let now = world.now().await;
        while self.follower.step(now).await? == Progress::More {}
        Ok(())
    }

    pub(crate) fn head(&self) -> u64 {
        self.chain.cursor().unwrap().head.number
    }

    pub(crate) fn finalized(&self) -> u64 {
        self.chain.cursor().unwrap().finalized.number
    }

    /// The names of what is wrong.
    pub(crate) fn alarms(&self) -> Vec<&'static str> {
        self.chain
            .alarms()
            .iter()
            .map(|alarm| alarm.name())
            .collect()
    }
}

/// What the contract itself says of a subject, at the block that it is asked at.
pub(crate) async fn viewed(
    contract: &Contract,
    subject: Subject,
    like: Option<State>,
) -> Option<State> {
    let mut state = like?;
    match (&mut state, subject) {
        (State::Account(state), Subject::Account(account)) => {
            let seen = contract.account(account).await.unwrap();
            state.balance = seen.balance;
            state.collateral = seen.collateral;
            state.pledged = seen.pledged;
            state.registered_at = seen.registered_at;
        }
        (State::Purse(state), Subject::Purse(purse)) => {
            let seen = contract.purse(purse).await.unwrap()?;
            if !seen.closed {
                state.owner = seen.owner;
                state.circle = seen.circle;
            }
            state.funds = seen.funds;
            state.paid = seen.paid;
            state.pledge = seen.pledge;
            state.cover_count = seen.cover_count;
            state.closes_at = seen.closes_at;
            state.reported = seen.reported;
            state.defaulted = seen.defaulted;
            state.condemned = seen.condemned;
            state.closed = seen.closed;
            state.paid_from_collateral = seen.paid_from_collateral;
        }
        (State::Pair(state), Subject::Pair(purse, payee)) => {
            let seen = contract.pair(purse, payee).await.unwrap();
            state.paid = seen.paid;
            state.presented = seen.presented;
            state.in_default_since = seen.in_default_since;
            state.reserved = seen.reserved;
            state.from_collateral = seen.from_collateral;
            state.was_member = seen.was_member;
        }
        (State::Member(state), Subject::Member(circle, payee)) => {
            let seen = contract.membership(circle, payee).await.unwrap()?;
            state.from = seen.from;
            state.until = seen.until;
        }
        (State::Circle(state), Subject::Circle(circle)) => {
            state.size = contract.circle_size(circle).await.unwrap();
        }
        (State::Channel(state), Subject::Channel(channel)) => {
            let seen = contract.channel(channel).await.unwrap()?;
            state.deposit_a = seen.deposit_a;
            state.deposit_b = seen.deposit_b;
            state.from_a = seen.from_a;
            state.from_b = seen.from_b;
            state.closes_at = seen.closes_at;
            state.closed = seen.closed;
        }
        other => panic!("a state of something else: {other:?}"),
    }
    Some(state)
}

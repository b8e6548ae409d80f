//! A chain with a token that only the operator mints, and the operator's outbox. Minting twice shows.

use alloy_primitives::Address;
use alloy_sol_types::SolCall as _;
use offpay_chain::{
    LocalChain, LocalChainOptions, Node, Sender, Token, bindings::OffPayToken, deploy_token,
};
use offpay_operator::{
    outbox::{Attempt, NewTransaction, Purpose, StoredTransaction, TransactionState},
    storage::OutboxStorage as _,
};
use offpay_protocol::Timestamp;
use offpay_server::{
    config::OutboxSection,
    outbox::{Outbox, OutboxKeys, Turned},
};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};

pub(crate) const SOMEBODY: Address = Address::repeat_byte(0x5b);

pub(crate) struct World {
    pub(crate) chain: LocalChain,
    pub(crate) operator: Sender,
    pub(crate) token: Token,
    pub(crate) test: TestDatabase,
    pub(crate) outbox: Outbox,
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

pub(crate) fn config() -> OutboxSection {
    OutboxSection {
        lost_s: 0,
        ..OutboxSection::default()
    }
}

impl World {
    /// Final is what lies two times `slots` below the head.
    pub(crate) async fn new(slots: u64) -> Self {
        let chain = LocalChain::start(&LocalChainOptions {
            slots_in_an_epoch: Some(slots),
            ..Default::default()
        })
        .await
        .unwrap();
        let operator = chain.sender("operator").await.unwrap();
        let token = deploy_token(chain.node(), &operator, operator.address())
            .await
            .unwrap()
            .address;
        let token = Token::new(chain.node(), token);
        let test = TestDatabase::new(Engine::Sqlite).await.unwrap();
        let outbox = outbox(&test.database, &operator, chain.node(), None);
        Self {
            chain,
            operator,
            token,
            test,
            outbox,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.test.database
    }

    /// What a new process has: the database, opened anew, and the key.
    pub(crate) async fn restart(&mut self) {
        self.restart_on(&self.chain.node().clone(), None).await;
    }

    pub(crate) async fn restart_on(&mut self, node: &Node, witness: Option<&Node>) {
        let database = Database::open(&self.test.url).await.unwrap();
        self.outbox = outbox(&database, &self.operator, node, witness);
    }

    /// Puts the minting of so much for somebody into the outbox.
    pub(crate) async fn mint(&self, name: &str, units: u64, deadline: Option<Timestamp>) -> i64 {
        let call = OffPayToken::mintCall {
            to: SOMEBODY,
            amount: alloy_primitives::U256::from(units),
        };
        self.put(name, call.abi_encode(), deadline).await
    }

    pub(crate) async fn put(
        &self,
        name: &str,
        calldata: Vec<u8>,
        deadline: Option<Timestamp>,
    ) -> i64 {
        let transaction = NewTransaction {
            work: name.into(),
            purpose: Purpose::Faucet,
            to: self.token.address().into_array(),
            calldata,
            deadline,
        };
        let numbers = self
            .database()
            .append_transactions(&[transaction], at(0))
            .await
            .unwrap();
        numbers[0]
    }

    pub(crate) async fn turn(&self, seconds: u64) -> Turned {
        self.outbox.turn(at(seconds)).await.unwrap()
    }

    pub(crate) async fn look(&self, number: i64) -> (StoredTransaction, Vec<Attempt>) {
        self.database().transaction(number).await.unwrap().unwrap()
    }

    pub(crate) async fn state(&self, number: i64) -> TransactionState {
        self.look(number).await.0.state
    }

    /// What somebody has in units of the token.
    pub(crate) async fn minted(&self) -> u128 {
        u128::try_from(self.token.balance(SOMEBODY).await.unwrap()).unwrap()
    }

    /// The nonce that the chain expects next.
    pub(crate) async fn nonce(&self) -> u64 {
        let node = self.chain.node();
        node.nonce(self.operator.address(), offpay_chain::BlockId::latest())
            .await
            .unwrap()
    }
}

pub(crate) fn outbox(
    database: &Database,
    operator: &Sender,
    node: &Node,
    witness: Option<&Node>,
) -> Outbox {
    Outbox::new(
        database.clone(),
        OutboxKeys {
            gas: operator.clone(),
            token_owner: None,
        },
        node.clone(),
        witness.map(|node| node.url().into()),
        config(),
    )
}

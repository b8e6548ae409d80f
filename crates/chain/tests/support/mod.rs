//! A chain with the contract on it, and people with tokens.
#![allow(dead_code)] // Each test file uses its part.

use alloy::primitives::Address;
use offpay_chain::{
    Configuration, Contract, LocalChain, LocalChainOptions, Sender, Token, contract::PurseTerms,
    deploy_contract, deploy_token, local,
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Reference, Seconds, Signable, Signed, SigningKey,
    Timestamp,
    cover::Parameters,
    messages::{Payment, PurseOpening},
};

pub(crate) mod lying_node;

pub(crate) fn units(units: u64) -> Amount {
    Amount::from_u64(units)
}

pub(crate) fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 20].into())
}

pub(crate) fn key(name: &str) -> SigningKey {
    local::key(name).unwrap()
}

/// The contract on a chain of its own. Its circle is the operator's.
pub(crate) struct World {
    pub(crate) chain: LocalChain,
    pub(crate) contract: Contract,
    pub(crate) token: Token,
    pub(crate) operator: Sender,
}

pub(crate) const TREASURY: [u8; 20] = [0x77; 20];

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(LocalChainOptions {
            slots_in_an_epoch: Some(1),
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn with(options: LocalChainOptions) -> Self {
        let chain = LocalChain::start(&options).await.unwrap();
        let operator = chain.sender("operator").await.unwrap();
        let token = deploy_token(chain.node(), &operator, operator.address())
            .await
            .unwrap()
            .address;
        let configuration = configuration(token);
        let (contract, _) = deploy_contract(chain.node(), &operator, &configuration)
            .await
            .unwrap();
        let token = Token::new(chain.node(), token);
        Self {
            chain,
            contract,
            token,
            operator,
        }
    }

    /// Somebody with tokens, registered with 1000 of collateral and with 10,000 of balance.
    pub(crate) async fn person(&self, name: &str) -> Sender {
        let person = self.stranger(name).await;
        self.contract
            .register(units(1_000))
            .send(&person)
            .await
            .unwrap();
        self.contract
            .deposit(units(10_000))
            .send(&person)
            .await
            .unwrap();
        person
    }

    /// Somebody with tokens that the contract may take.
    pub(crate) async fn stranger(&self, name: &str) -> Sender {
        let person = self.chain.sender(name).await.unwrap();
        self.token
            .mint(&self.operator, person.address(), units(100_000))
            .await
            .unwrap();
        self.token
            .approve(&person, self.contract.address(), Amount::MAX)
            .await
            .unwrap();
        person
    }

    /// A purse in the operator's circle, with one cover.
    pub(crate) async fn purse(
        &self,
        owner: &Sender,
        key: &SigningKey,
        funds: u64,
        pledge: u64,
    ) -> PurseKey {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: units(funds),
            pledge: units(pledge),
            cover_count: 1,
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
            .unwrap();
        terms.key
    }

    pub(crate) fn payment(
        &self,
        key: &SigningKey,
        payee: AccountId,
        start: u64,
        amount: u64,
        cumulative: u64,
    ) -> Signed<Payment> {
        self.sign(
            key,
            Payment {
                payee,
                start: units(start),
                amount: units(amount),
                cumulative: units(cumulative),
                reference: Reference::ZERO,
            },
        )
    }

    pub(crate) fn sign<M: Signable>(&self, key: &SigningKey, message: M) -> Signed<M> {
        let domain = *self.contract.domain();
        let signature = message.sign(&domain, key).unwrap();
        Signed {
            domain,
            message,
            signature,
        }
    }

    pub(crate) async fn balance(&self, of: AccountId) -> Amount {
        self.contract.account(of).await.unwrap().balance
    }

    pub(crate) async fn in_an_hour(&self) -> Timestamp {
        self.chain
            .now()
            .await
            .unwrap()
            .saturating_add(Seconds::HOUR)
    }
}

impl World {
    /// A token of the test's own, all of which the operator holds.
    pub(crate) async fn foreign_token(&self, code: &str) -> Address {
        let from = self.operator.address();
        let data = format!("0x{}", code.trim());
        let request = serde_json::json!({ "from": from, "data": data, "gas": "0x4c4b40" });
        let chain = &self.chain;
        chain
            .request::<_, ()>("anvil_impersonateAccount", (from,))
            .await
            .unwrap();
        let tx = chain
            .request("eth_sendTransaction", (request,))
            .await
            .unwrap();
        chain
            .node()
            .mined(tx)
            .await
            .unwrap()
            .contract_address
            .unwrap()
    }
}

pub(crate) fn configuration(token: Address) -> Configuration {
    let parameters = Parameters::standard(units(100));
    Configuration {
        token,
        treasury: AccountId::new(TREASURY.into()),
        parameters,
    }
}

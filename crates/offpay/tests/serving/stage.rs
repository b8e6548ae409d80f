//! A chain with the contract, and what has to be so on it in the end.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc, time::Duration};

use offpay_chain::{BlockId, Contract, Node, Sender, Token, contract::PurseTerms};
use offpay_operator::{
    outbox::TransactionState,
    slots::Slot,
    storage::{EventStorage as _, OutboxStorage as _},
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Signable as _, SigningKey, messages::PurseOpening,
};
use offpay_server::{
    keys::Keys,
    local::{Local, LocalOptions, keep_mining},
    testing::eventually,
};
use offpay_store::Database;
use reqwest::Client;
use tokio::task::JoinHandle;

use super::load::{Load, Seen, Shared, honest, honest_key, mallory, mallory_key};

/// A chain with the contract, what a server needs, and everybody who pays.
pub(crate) struct Stage {
    pub(crate) local: Local,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) contract: Contract,
    node: Node,
    /// Of the key that sends.
    nonce_before: u64,
    purses: Vec<SigningKey>,
    honest: u8,
    mallories: u8,
}

impl Stage {
    pub(crate) async fn set(honest: u8, mallories: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let local = Local::open(folder.path(), &LocalOptions::default())
            .await
            .unwrap();
        let secrets = Keys::read(&local.config.keys).unwrap();
        let node = local.chain.node().clone();
        let contract = Contract::open_deployment(&node, &local.deployment)
            .await
            .unwrap();
        let owner = local.chain.sender("owner").await.unwrap();
        let token = Token::new(&node, contract.configuration().token);
        let plenty = Amount::new(1_000_000_000_000_000_000_000).unwrap();
        token
            .mint(&secrets.token_owner.unwrap(), owner.address(), plenty)
            .await
            .unwrap();
        token
            .approve(&owner, contract.address(), Amount::MAX)
            .await
            .unwrap();
        let half = Amount::new(plenty.get() / 2).unwrap();
        contract.register(half).send(&owner).await.unwrap();
        contract.deposit(half).send(&owner).await.unwrap();
        let purses: Vec<_> = (0..honest)
            .map(honest_key)
            .chain((0..mallories).map(mallory_key))
            .collect();
        open_purses(&contract, &owner, &purses).await;
        let sender = secrets.gas.address();
        let nonce_before = node.nonce(sender, BlockId::latest()).await.unwrap();
        Self {
            local,
            folder,
            contract,
            node,
            nonce_before,
            purses,
            honest,
            mallories,
        }
    }

    /// Writes a server's configuration.
    pub(crate) fn configure(&self, name: &str, server: &ServerSettings<'_>) -> PathBuf {
        let folder = self.folder.path();
        let file = |name: &str| format!("{{ file = \"{}\" }}", folder.join(name).display());
        let config = folder.join(format!("{name}.toml"));
        let text = format!(
            "[http]\nlisten = \"{}\"\nrequests_per_minute = 0\ncaller_requests_per_minute = 0\n\
             [clearing]\nrequests_per_minute = 0\n[money]\nfaucet_amount = \"0\"\n\
             [log]\nfilter = \"info\"\nformat = \"json\"\n[follow]\npoll_ms = 50\nstale_s = 0\n\
             [outbox]\npoll_ms = 100\n[settlement]\npoll_ms = 200\ngather_s = 1\ncheap_gas_gwei = 1000\n\
             [database]\nurl = \"{}\"\nlease_ms = {}\n[chain]\nnodes = [\"{}\"]\ndeployment = \"{}\"\n\
             [keys]\noperator = {}\ngas = {}\ncircle = {}\ntoken_owner = {}\n\
             [vault]\nmaster_keys = [{{ id = \"local\", key = {} }}]\n",
            server.listen,
            server.database,
            server.lease.as_millis(),
            server.node,
            folder.join("deployment.json").display(),
            file("operator.key"),
            file("gas.key"),
            file("circle.key"),
            file("token_owner.key"),
            file("vault.key"),
        );
        fs::write(&config, text).unwrap();
        config
    }

    /// Mines in the background, as a chain does.
    pub(crate) fn mine(&self) -> JoinHandle<()> {
        tokio::spawn(keep_mining(self.node.clone()))
    }

    /// Waits until a server knows every purse.
    pub(crate) async fn known(&self, client: &Client, url: &str) {
        for key in &self.purses {
            let purse = PurseKey::new(key.address());
            eventually("a purse is certified", || async {
                let path = format!("{url}/v1/purses/{purse}/certificate");
                let answer = client.get(path).send().await.ok()?;
                answer.status().is_success().then_some(())
            })
            .await;
        }
    }

    /// Everybody pays, until `shared.done`; each cheat once, one every so often.
    pub(crate) fn play(&self, shared: &Arc<Shared>, every: Duration) -> Load {
        let payers = (0..self.honest)
            .map(|number| tokio::spawn(honest(Arc::clone(shared), self.contract.clone(), number)))
            .collect();
        let cheats = (0..self.mallories)
            .map(|number| {
                let wait = every * u32::from(number);
                let cheat = mallory(Arc::clone(shared), self.contract.clone(), number, wait);
                tokio::spawn(cheat)
            })
            .collect();
        Load { payers, cheats }
    }

    /// The slots of everybody who pays.
    pub(crate) fn slots(&self) -> BTreeSet<Slot> {
        let purses = self.purses.iter().map(SigningKey::address);
        purses.map(|key| Slot::of(PurseKey::new(key))).collect()
    }

    /// What was acknowledged is there, whoever is asked, and reaches the chain; every transaction was sent once.
    pub(crate) async fn check(&self, shared: &Shared, database: &Database, seen: &Seen) {
        self.check_payments(shared, seen).await;
        self.check_transactions(database).await;
    }

    /// What was acknowledged is there, whoever is asked, and reaches the chain.
    pub(crate) async fn check_payments(&self, shared: &Shared, seen: &Seen) {
        for acknowledged in &seen.acknowledged {
            for (place, (payment, before)) in acknowledged.iter().enumerate() {
                let (_, again) = shared.clear(place, payment).await;
                assert_eq!(again, *before, "an acknowledged payment");
            }
        }
        for (number, acknowledged) in (0..self.honest).zip(&seen.acknowledged) {
            let purse = PurseKey::new(honest_key(number).address());
            let payee = AccountId::new([number + 1; 20].into());
            let owed = acknowledged.last().unwrap().0.message.cumulative;
            eventually("the newest payment is settled", || async {
                let paid = self.contract.paid_to(purse, payee).await.unwrap();
                (paid == owed).then_some(())
            })
            .await;
        }
    }

    async fn check_transactions(&self, database: &Database) {
        let secrets = Keys::read(&self.local.config.keys).unwrap();
        let sender = secrets.gas.address();
        eventually("every transaction is final", || async {
            let spent = database.gas_spent().await.unwrap();
            let sent: u64 = spent.iter().map(|spent| spent.transactions).sum();
            let unmined = database.first_unmined().await.unwrap();
            let is_quiet = unmined.is_none() && sent > 0;
            let nonce = self.node.nonce(sender, BlockId::latest()).await.unwrap();
            (is_quiet && self.nonce_before + sent == nonce).then_some(())
        })
        .await;
        let mut reports = 0;
        let mut gap = 0;
        for number in 1.. {
            // A write that was taken back leaves a gap in the numbers.
            let Some((transaction, attempts)) = database.transaction(number).await.unwrap() else {
                gap += 1;
                if gap > 500 {
                    break;
                }
                continue;
            };
            gap = 0;
            let work = &transaction.work;
            assert_eq!(transaction.state, TransactionState::Final, "{work}");
            assert!(!work.contains('#'), "{work} was done twice");
            let nonces: BTreeSet<_> = attempts
                .iter()
                .map(|attempt| attempt.signed.nonce)
                .collect();
            assert_eq!(nonces.len(), 1, "{work} has one nonce");
            reports += usize::from(work.starts_with("report_double_spend"));
        }
        assert_eq!(
            reports,
            usize::from(self.mallories),
            "each double spend is reported once"
        );
        let events = database.events_after(None, 0, 10_000).await.unwrap();
        let lost = events
            .iter()
            .filter(|event| event.kind == "transaction.nonce_lost");
        assert_eq!(lost.count(), 0);
    }
}

/// What one server is told.
pub(crate) struct ServerSettings<'a> {
    pub(crate) listen: &'a str,
    pub(crate) database: &'a str,
    pub(crate) node: &'a str,
    pub(crate) lease: Duration,
}

/// Purses with funds of 1,000,000 base units.
async fn open_purses(contract: &Contract, owner: &Sender, keys: &[SigningKey]) {
    for key in keys {
        let terms = PurseTerms {
            key: key.address().into(),
            funds: Amount::from_u64(1_000_000),
            pledge: Amount::from_u64(1_000),
            cover_count: 1,
            circle: Circle::new(owner.address()),
        };
        let consent = PurseOpening {
            owner: owner.account(),
        }
        .sign(contract.domain(), key)
        .unwrap();
        contract
            .open_purse(&terms, &consent)
            .send(owner)
            .await
            .unwrap();
    }
}

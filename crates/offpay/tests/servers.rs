//! Three real servers over one PostgreSQL: conflicting payments through different ones, one that is stopped past its lease
//! and goes on, one that is killed. What was acknowledged is there, nothing is cleared or sent twice.
#![allow(missing_docs)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use offpay_chain::{BlockId, Contract, Sender, Token, contract::PurseTerms, local as keys};
use offpay_operator::{
    outbox::TransactionState,
    storage::{EventStorage as _, OutboxStorage as _},
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Reference, Signable as _, Signed, SigningKey,
    messages::{Payment, PurseOpening},
};
use offpay_server::{
    keys::Keys,
    local::{Local, LocalOptions, keep_mining},
    testing::eventually,
};
use offpay_store::{Database, testing::PostgresServer};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

mod support;

/// How long a lease lasts.
const LEASE: Duration = Duration::from_millis(1_500);
const HONEST: u8 = 6;
const MALLORIES: u8 = 30;

/// The program; killed when this is dropped.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(config: &Path) -> Self {
        let mut child = support::program()
            .args(["serve", "--config"])
            .arg(config)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let address = log.by_ref().map(Result::unwrap).find_map(|line| {
            let json: Option<Value> = serde_json::from_str(&line).ok();
            seen.push(line);
            Some(json?["address"].as_str()?.to_owned())
        });
        let address = address.unwrap_or_else(|| panic!("it does not start: {seen:?}"));
        // A pipe that nobody reads would stop it.
        std::thread::spawn(move || log.for_each(drop));
        Self {
            child,
            url: format!("http://{address}"),
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(done.success());
    }

    /// Whether it says that it does what one does alone; `None` while it does not answer.
    async fn holds(&self, client: &Client) -> Option<bool> {
        let answer = client.get(format!("{}/metrics", self.url)).send().await;
        let text = answer.ok()?.text().await.ok()?;
        Some(text.lines().any(|line| line == "offpay_lease_held 1"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configure(local: &Local, folder: &Path, database: &str) -> std::path::PathBuf {
    let file = |name: &str| format!("{{ file = \"{}\" }}", folder.join(name).display());
    let config = folder.join("offpay.toml");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\nrequests_per_minute = 0\ncaller_requests_per_minute = 0\n\
         [clearing]\nrequests_per_minute = 0\n[money]\nfaucet_amount = \"0\"\n\
         [log]\nfilter = \"info\"\nformat = \"json\"\n[follow]\npoll_ms = 50\nstale_s = 0\n\
         [outbox]\npoll_ms = 100\n[settlement]\npoll_ms = 200\ngather_s = 1\ncheap_gas_gwei = 1000\n\
         [database]\nurl = \"{database}\"\nlease_ms = {}\n[chain]\nnodes = [\"{}\"]\ndeployment = \"{}\"\n\
         [keys]\noperator = {}\ngas = {}\ncircle = {}\ntoken_owner = {}\n\
         [vault]\nmaster_keys = [{{ id = \"local\", key = {} }}]\n",
        LEASE.as_millis(),
        local.chain.url(),
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

fn pay(
    contract: &Contract,
    key: &SigningKey,
    payee: u8,
    start: u64,
    cumulative: u64,
) -> Signed<Payment> {
    let domain = *contract.domain();
    let message = Payment {
        payee: AccountId::new([payee; 20].into()),
        start: start.into(),
        amount: 10_u64.into(),
        cumulative: cumulative.into(),
        reference: Reference::ZERO,
    };
    Signed {
        domain,
        message,
        signature: message.sign(&domain, key).unwrap(),
    }
}

/// What the load and the faults share.
struct Shared {
    client: Client,
    /// Where servers listen now.
    urls: Mutex<Vec<String>>,
    done: AtomicBool,
    last: Mutex<(Instant, Duration)>,
}

impl Shared {
    /// Posts to the server in this place, and to the next ones, until one says what became of the payment.
    async fn clear(&self, place: usize, payment: &Signed<Payment>) -> (StatusCode, Value) {
        for place in place.. {
            let urls = self.urls.lock().unwrap().clone();
            let url = format!("{}/v1/payments", urls[place % urls.len()]);
            let body = json!({ "payment": payment });
            let Ok(answer) = self.client.post(url).json(&body).send().await else {
                continue;
            };
            let status = answer.status();
            let Ok(body) = answer.json::<Value>().await else {
                continue;
            };
            // A purse is unknown to nobody for long: its opening is final.
            if status.is_success() || (status == StatusCode::CONFLICT) {
                let mut last = self.last.lock().unwrap();
                last.1 = last.1.max(last.0.elapsed());
                last.0 = Instant::now();
                return (status, body);
            }
            assert_eq!(body["retryable"], true, "{status}: {body}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("places have no end")
    }
}

/// One payer who pays one payee again and again, through one server after the other.
async fn honest(
    shared: Arc<Shared>,
    contract: Contract,
    number: u8,
) -> Vec<(Signed<Payment>, Value)> {
    let key = keys::key(&format!("honest {number}")).unwrap();
    let mut acknowledged = Vec::new();
    for at in 0_u64.. {
        if shared.done.load(Ordering::Relaxed) {
            break;
        }
        let payment = pay(&contract, &key, number + 1, at * 10, (at + 1) * 10);
        let place = usize::try_from(at).unwrap() + usize::from(number);
        let (status, body) = shared.clear(place, &payment).await;
        assert_eq!(status, 200, "{body}");
        acknowledged.push((payment, body));
    }
    acknowledged
}

/// Pays two payees with the same serials, through two servers at once; how many of the two are cleared.
async fn mallory(shared: Arc<Shared>, contract: Contract, number: u8) -> usize {
    tokio::time::sleep(Duration::from_millis(u64::from(number) * 300)).await;
    let key = keys::key(&format!("mallory {number}")).unwrap();
    let (one, other) = (
        pay(&contract, &key, 201, 0, 10),
        pay(&contract, &key, 202, 0, 10),
    );
    let place = usize::from(number);
    let (one, other) = tokio::join!(shared.clear(place, &one), shared.clear(place + 1, &other));
    let outcomes = [one.0, other.0];
    outcomes.iter().filter(|status| status.is_success()).count()
}

/// Waits until exactly one of these holds the lease; which, and after how long.
async fn holder(servings: &[&Serving], client: &Client, patience: Duration) -> (usize, Duration) {
    let began = Instant::now();
    while began.elapsed() < patience {
        let mut holding = Vec::new();
        for (place, serving) in servings.iter().enumerate() {
            if serving.holds(client).await == Some(true) {
                holding.push(place);
            }
        }
        if let [one] = holding[..] {
            return (one, began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not one holder after {patience:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o112_three_servers_lose_nothing_and_do_nothing_twice() {
    let postgres = PostgresServer::shared().unwrap();
    let url = postgres.new_database().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let local = Local::open(folder.path(), &LocalOptions::default())
        .await
        .unwrap();
    let config = configure(&local, folder.path(), &url);
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
    let honest_keys = (0..HONEST).map(|n| keys::key(&format!("honest {n}")).unwrap());
    let mallories = (0..MALLORIES).map(|n| keys::key(&format!("mallory {n}")).unwrap());
    let all: Vec<_> = honest_keys.chain(mallories).collect();
    open_purses(&contract, &owner, &all).await;
    let sender = secrets.gas.address();
    let nonce = async || node.nonce(sender, BlockId::latest()).await.unwrap();
    let first_nonce = nonce().await;
    let mining = tokio::spawn(keep_mining(node.clone()));

    let client = Client::builder()
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let mut servings: Vec<_> = (0..3).map(|_| Serving::start(&config)).collect();
    let shared = Arc::new(Shared {
        client: client.clone(),
        urls: Mutex::new(servings.iter().map(|one| one.url.clone()).collect()),
        done: AtomicBool::new(false),
        last: Mutex::new((Instant::now(), Duration::ZERO)),
    });
    let patience = Duration::from_secs(30);
    holder(&servings.iter().collect::<Vec<_>>(), &client, patience).await;
    // Every purse is known to every server before anybody pays.
    for key in &all {
        let purse = PurseKey::new(key.address());
        eventually("a purse is certified", || async {
            let path = format!("{}/v1/purses/{purse}/certificate", servings[0].url);
            let answer = client.get(path).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }
    shared.last.lock().unwrap().0 = Instant::now();
    let payers: Vec<_> = (0..HONEST)
        .map(|number| tokio::spawn(honest(Arc::clone(&shared), contract.clone(), number)))
        .collect();
    let cheats: Vec<_> = (0..MALLORIES)
        .map(|number| tokio::spawn(mallory(Arc::clone(&shared), contract.clone(), number)))
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;

    // The holder is stopped past its lease: another takes over, and the old one notices when it goes on.
    let servers: Vec<_> = servings.iter().collect();
    let (old, _) = holder(&servers, &client, patience).await;
    servings[old].signal("-STOP");
    let others: Vec<_> = servings
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != old)
        .map(|(_, serving)| serving)
        .collect();
    let (_, stopped_gap) = holder(&others, &client, patience).await;
    tokio::time::sleep(LEASE).await;
    servings[old].signal("-CONT");
    eventually("the old holder knows that it is none", || async {
        (servings[old].holds(&client).await == Some(false)).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;

    // The holder is killed: another takes over.
    let servers: Vec<_> = servings.iter().collect();
    let (holds, _) = holder(&servers, &client, patience).await;
    drop(servings.remove(holds));
    let left: Vec<_> = servings.iter().map(|one| one.url.clone()).collect();
    *shared.urls.lock().unwrap() = left;
    let servers: Vec<_> = servings.iter().collect();
    let (_, killed_gap) = holder(&servers, &client, patience).await;
    servings.push(Serving::start(&config));
    let now: Vec<_> = servings.iter().map(|one| one.url.clone()).collect();
    *shared.urls.lock().unwrap() = now;
    let mut double = 0;
    for cheat in cheats {
        let cleared = cheat.await.unwrap();
        assert!(cleared <= 1, "a conflict was cleared twice");
        double += usize::from(cleared > 1);
    }
    shared.done.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for payer in payers {
        acknowledged.push(payer.await.unwrap());
    }

    // What was acknowledged is there, whoever is asked.
    let mut payments = 0;
    for acknowledged in &acknowledged {
        payments += acknowledged.len();
        for (place, (payment, before)) in acknowledged.iter().enumerate() {
            let (_, again) = shared.clear(place, payment).await;
            assert_eq!(again, *before, "an acknowledged payment");
        }
    }
    assert!(payments > 20, "the load was no load: {payments}");
    // All of it reaches the chain, and every transaction was sent once.
    for (number, acknowledged) in (0..HONEST).zip(&acknowledged) {
        let purse = PurseKey::new(keys::key(&format!("honest {number}")).unwrap().address());
        let payee = AccountId::new([number + 1; 20].into());
        let owed = acknowledged.last().unwrap().0.message.cumulative;
        eventually("the newest payment is settled", || async {
            let paid = contract.paid_to(purse, payee).await.unwrap();
            (paid == owed).then_some(())
        })
        .await;
    }
    let database = Database::open(&url).await.unwrap();
    eventually("every transaction is final", || async {
        let spent = database.gas_spent().await.unwrap();
        let sent: u64 = spent.iter().map(|spent| spent.transactions).sum();
        let unmined = database.first_unmined().await.unwrap();
        let is_quiet = unmined.is_none() && sent > 0;
        (is_quiet && first_nonce + sent == nonce().await).then_some(())
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
        let nonces: std::collections::BTreeSet<_> = attempts
            .iter()
            .map(|attempt| attempt.signed.nonce)
            .collect();
        assert_eq!(nonces.len(), 1, "{work} has one nonce");
        reports += usize::from(work.starts_with("report_double_spend"));
    }
    assert_eq!(
        reports,
        usize::from(MALLORIES),
        "each double spend is reported once"
    );
    let events = database.events_after(None, 0, 10_000).await.unwrap();
    let lost = events
        .iter()
        .filter(|event| event.kind == "transaction.nonce_lost");
    assert_eq!(lost.count(), 0);
    mining.abort();
    let gap = shared.last.lock().unwrap().1;
    let line = json!({
            "servers": 3, "failovers": 2, "payments": payments, "lost": 0, "double_cleared": double,
            "longest_gap_s": gap.as_secs_f64(),
            "takeover_after_stop_s": stopped_gap.as_secs_f64(),
            "takeover_after_kill_s": killed_gap.as_secs_f64(),
    });
    writeln!(std::io::stdout(), "{line}").unwrap();
}

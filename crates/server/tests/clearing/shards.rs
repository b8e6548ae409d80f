//! Two shards, each with a server and a database of its own, on one chain.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use offpay_operator::{
    slots::{SLOTS, Slot},
    storage::{SlotStorage as _, clearing::ClearingStorage as _},
};
use offpay_protocol::{PurseKey, Signed, SigningKey, Timestamp, messages::Payment};
use offpay_server::{
    Config, Running,
    config::{Secret, ShardSection, ShardsSection},
    keys::Keys,
    local::secret_file,
    start,
    testing::eventually,
};
use offpay_store::{
    Database,
    operator::Moving,
    testing::{Engine, PostgresServer},
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::support::{World, key};

const SECRET: &str = "the-servers-of-the-shards-know-one-another";

/// Two shards and their databases, as somebody opens them who moves slots.
struct Shards {
    world: World,
    /// Its configuration and the server of the shard that is not home.
    config: Config,
    away: Running,
    urls: [String; 2],
    databases: [Database; 2],
    client: Client,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::new(now.unwrap().as_secs()).unwrap()
}

impl Shards {
    async fn new(engine: Engine) -> Self {
        let ports = [free_port(), free_port()];
        let urls = ports.map(|port| format!("http://127.0.0.1:{port}"));
        let section = |own: &str| ShardsSection {
            own: Some(own.to_owned()),
            home: Some("a".to_owned()),
            secret: Some(SECRET.into()),
            list: ["a", "b"]
                .iter()
                .zip(&urls)
                .map(|(name, url)| ShardSection {
                    name: (*name).to_owned(),
                    servers: vec![url.clone()],
                    database: None,
                })
                .collect(),
        };
        let world = World::with(engine, |config| {
            config.shards = section("a");
            config.http.listen.set_port(ports[0]);
            config.clearing.requests_per_minute = 0;
        })
        .await;
        let mut config = world.server.local.config.clone();
        config.shards = section("b");
        config.http.listen.set_port(ports[1]);
        let folder = world.server.folder.path();
        config.database.url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.join("away.db").display()),
            Engine::Postgres => PostgresServer::shared()
                .unwrap()
                .new_database()
                .await
                .unwrap(),
        }
        .as_str()
        .into();
        config.keys.gas = Some(Secret::File(secret_file(folder, "gas-b.key").unwrap()));
        let gas = Keys::read(&config.keys).unwrap().gas;
        let chain = &world.server.local.chain;
        chain.give_gas_money(gas.address()).await.unwrap();
        let away = start(config.clone()).await.unwrap();
        let open = async |config: &Config| {
            let url = config.database.url.read().unwrap();
            Database::open(&url).await.unwrap()
        };
        let databases = [open(&world.server.local.config).await, open(&config).await];
        Self {
            world,
            config,
            away,
            urls,
            databases,
            client: Client::builder()
                .timeout(Duration::from_secs(20))
                .build()
                .unwrap(),
        }
    }

    /// A purse that is not one of the home shard's for good.
    async fn purse(&self, name: &str) -> SigningKey {
        let keys = (0..).map(|turn| key(&format!("{name} {turn}")));
        let mut movable = keys.filter(|key| !Slot::of(key.address().into()).stays_home());
        let key = movable.next().unwrap();
        self.world.purse(&key).await;
        key
    }

    /// Moves a slot, once the target has followed the chain as far.
    async fn move_to(&self, target: usize, slot: Slot) {
        let (from, to) = (&self.databases[1 - target], &self.databases[target]);
        let name = ["a", "b"][target];
        eventually("the slot is moved", || async {
            let moving = Moving::new(from, to, name, slot);
            match moving.run(now()).await {
                Ok(_) => Some(()),
                Err(error) => {
                    assert!(error.is_retryable(), "{error}");
                    None
                }
            }
        })
        .await;
    }

    async fn post(&self, server: usize, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.urls[server]);
        let answer = self.client.post(url).json(body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Hands a payment in until it is cleared or refused for good.
    async fn clear(&self, server: usize, payment: &Signed<Payment>) -> (StatusCode, Value) {
        let body = json!({ "payment": payment });
        for _ in 0..400 {
            let (status, answer) = self.post(server, "/v1/payments", &body).await;
            if answer["retryable"] != true {
                return (status, answer);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never cleared: {payment:?}");
    }

    async fn stop(mut self) {
        for database in &self.databases {
            database.close().await;
        }
        self.away.stop().await;
        self.world.server.stop().await;
    }
}

/// O148
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o148_nothing_is_lost_or_cleared_twice_while_slots_move_under_load() {
    for engine in Engine::ALL {
        moves_under_load(engine).await;
    }
}

async fn moves_under_load(engine: Engine) {
    let shards = Arc::new(Shards::new(engine).await);
    let honest = [
        shards.purse("payer one").await,
        shards.purse("payer two").await,
    ];
    let cheats = [
        shards.purse("cheat one").await,
        shards.purse("cheat two").await,
        shards.purse("cheat three").await,
    ];
    let stop = Arc::new(AtomicBool::new(false));
    let mut load = Vec::new();
    for (place, signer) in honest.iter().enumerate() {
        let (shards, stop, signer) = (Arc::clone(&shards), Arc::clone(&stop), signer.clone());
        load.push(tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for turn in 0_u8..90 {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                // To a new payee each time, so that the cumulative is the amount.
                let payment = shards.world.pay(&signer, 10 + turn, u128::from(turn), 1);
                let (status, answer) = shards
                    .clear((place + usize::from(turn)) % 2, &payment)
                    .await;
                assert_eq!(status, 200, "{answer}");
                acknowledged.push((payment, answer));
            }
            acknowledged
        }));
    }
    // Each slot there and back, while its purse pays. A cheat signs two that conflict, and hands them to both servers at
    // the instant of the move.
    let slot = |key: &SigningKey| Slot::of(PurseKey::new(key.address()));
    let mut both = Vec::new();
    for (turn, cheat) in cheats.iter().enumerate() {
        let to_b = shards.move_to(1, slot(&honest[turn % 2]));
        let one = shards.world.pay(cheat, 7, 0, 10);
        let other = shards.world.pay(cheat, 8, 5, 10);
        let (moved, first, second, ()) = tokio::join!(
            shards.move_to(1, slot(cheat)),
            shards.clear(turn % 2, &one),
            shards.clear(1 - turn % 2, &other),
            to_b
        );
        let () = moved;
        both.push((cheat.clone(), first, second));
        shards.move_to(0, slot(&honest[turn % 2])).await;
    }
    shards.move_to(1, slot(&honest[0])).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::SeqCst);
    let mut payments = 0;
    for load in load {
        for (payment, answer) in load.await.unwrap() {
            payments += 1;
            // Handed in again at either server, it has the clearance that it was given, wherever it is now.
            for server in 0..2 {
                let (status, again) = shards.clear(server, &payment).await;
                assert_eq!(
                    (status, again),
                    (StatusCode::OK, answer.clone()),
                    "{engine:?}"
                );
            }
            let purse: PurseKey = payment.signer().unwrap();
            let id = payment.message.id(shards.world.contract.domain());
            let path = format!("{}/v1/payments/{purse}/{id}", shards.urls[payments % 2]);
            let seen = shards.client.get(path).send().await.unwrap();
            let seen: Value = seen.json().await.unwrap();
            assert_eq!(seen["state"], "cleared", "{engine:?}: {seen}");
        }
    }
    assert!(payments > 20, "the load was no load: {payments}");
    for (cheat, (first, one), (second, other)) in both {
        let cleared = [first, second]
            .iter()
            .filter(|status| **status == 200)
            .count();
        assert_eq!(cleared, 1, "{engine:?}: {one} {other}");
        let purse = PurseKey::new(cheat.address());
        let (at_a, at_b) = (
            shards.databases[0].double_spend(purse).await.unwrap(),
            shards.databases[1].double_spend(purse).await.unwrap(),
        );
        assert_eq!(
            (at_a.is_some(), at_b.is_some()),
            (false, true),
            "{engine:?}"
        );
    }
    Arc::into_inner(shards).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_and_streams_are_split_and_answered_in_order() {
    let shards = Shards::new(Engine::Sqlite).await;
    let (stays, moved) = (shards.purse("stays").await, shards.purse("moves").await);
    shards
        .move_to(1, Slot::of(PurseKey::new(moved.address())))
        .await;
    let unknown = key("a stranger");
    let pay = |key: &SigningKey, at: u8| shards.world.pay(key, 7 + at, at.into(), 1);
    for (server, at) in [(0, 0), (1, 10)] {
        let rows: Vec<Value> = vec![
            json!(pay(&moved, at)),
            json!(pay(&stays, at)),
            json!({ "no": "payment" }),
            json!(pay(&unknown, at)),
            json!(pay(&moved, at + 1)),
        ];
        let check = |results: &[Value]| {
            let told: Vec<String> = results
                .iter()
                .map(|result| {
                    let purse = result["cleared"]["purse"].as_str();
                    let code = result["problem"]["code"].as_str();
                    purse.or(code).unwrap_or_default().to_lowercase()
                })
                .collect();
            let named = |key: &SigningKey| PurseKey::new(key.address()).to_string().to_lowercase();
            let wanted = [
                named(&moved),
                named(&stays),
                "invalid_request".to_owned(),
                "unknown_purse".to_owned(),
                named(&moved),
            ];
            assert_eq!(told, wanted, "server {server}");
        };
        let body = json!({ "payments": rows });
        let (status, answer) = shards.post(server, "/v1/payments/batch", &body).await;
        assert_eq!(status, 200, "{answer}");
        check(answer["results"].as_array().unwrap());
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let url = format!("{}/v1/payments/stream", shards.urls[server]);
        let answer = shards.client.post(url).body(lines).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let results: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        check(&results);
    }
    // What is of the purse comes from its shard, whoever is asked.
    let purse = PurseKey::new(moved.address());
    for url in &shards.urls {
        let path = format!("{url}/v1/purses/{purse}/certificate");
        let answer = shards.client.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    // Its debts are settled by its shard alone.
    let owed = async |at: usize| {
        let pairs = shards.databases[at].owed_pairs(100).await.unwrap();
        pairs.iter().filter(|pair| pair.purse == purse).count()
    };
    assert_eq!(owed(0).await, 0);
    assert!(owed(1).await > 0);
    shards.stop().await;
}

/// O149
#[tokio::test(flavor = "multi_thread")]
async fn o149_accounts_are_at_the_home_shard_whoever_is_asked() {
    let shards = Shards::new(Engine::Sqlite).await;
    let body = json!({ "handle": "ana", "password": "correct horse battery staple" });
    let send = |server: usize, path: &str, headers: &[(&str, &str)], body: Option<&Value>| {
        let method = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut request = shards
            .client
            .request(method, format!("{}{path}", shards.urls[server]));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        async move { request.send().await.unwrap() }
    };
    // A made-up mark is no mark: it is handed on all the same. So is the idempotency key.
    let headers = [
        ("idempotency-key", "one"),
        ("x-offpay-server", "made up"),
        ("x-request-id", "asked-once"),
    ];
    let first = send(1, "/v1/users", &headers, Some(&body)).await;
    assert!(
        first.status().is_success(),
        "{}",
        first.text().await.unwrap()
    );
    assert_eq!(first.headers()["x-request-id"], "asked-once");
    let first: Value = first.json().await.unwrap();
    let again = send(0, "/v1/users", &headers, Some(&body)).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let token = format!("Bearer {}", first["token"].as_str().unwrap());
    for server in 0..2 {
        let me = send(server, "/v1/me", &[("authorization", &token)], None).await;
        assert_eq!(me.status(), 200);
        let nobody = send(server, "/v1/me", &[], None).await;
        assert_eq!(nobody.status(), 401);
    }
    // With the home shard gone, what is of it is not answered, and said to be tried again.
    let mut shards = shards;
    shards.world.server.stop().await;
    let url = format!("{}/v1/me", shards.urls[1]);
    let answer = shards.client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    shards.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_configuration_than_its_database_does_not_start() {
    let shards = Shards::new(Engine::Sqlite).await;
    let mut refused = BTreeMap::new();
    for (what, change) in [
        (
            "none",
            (|shards| *shards = ShardsSection::default()) as fn(&mut ShardsSection),
        ),
        ("another name", |shards| shards.own = Some("a".to_owned())),
        ("another home", |shards| shards.home = Some("b".to_owned())),
    ] {
        let mut config = shards.config.clone();
        config.http.listen.set_port(0);
        change(&mut config.shards);
        let error = start(config).await.err().expect(what);
        refused.insert(what, (error.code(), error.is_retryable()));
    }
    assert!(
        refused
            .values()
            .all(|told| *told == ("not_the_shard", false)),
        "{refused:?}"
    );
    // And the maps of both agree on who has what.
    let mut owned = 0;
    for database in &shards.databases {
        let map = database.slot_map().await.unwrap();
        owned += Slot::all()
            .filter(|slot| *map.place(*slot) == offpay_operator::slots::Place::Here)
            .count();
    }
    assert_eq!(owned, usize::from(SLOTS));
    shards.stop().await;
}

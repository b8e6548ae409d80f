//! Two shards of the real program, one on SQLite and one on PostgreSQL: `offpay operator slots` while everybody pays, and a
//! move that is killed. What was acknowledged is there, and nothing is cleared twice.
#![allow(missing_docs)]

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use offpay_operator::{
    slots::{Place, Slot},
    storage::SlotStorage as _,
};
use offpay_server::{config::Secret, keys::Keys, local::secret_file, testing::eventually};
use offpay_store::{Database, testing::PostgresServer};
use reqwest::Client;
use serde_json::Value;
use serving::{ServerSettings, Serving, Shared, Stage};
use support::{Ran, program};

mod serving;
mod support;

const SECRET: &str = "the-servers-of-the-shards-know-one-another";

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The configuration of a shard's server.
fn configure(stage: &Stage, own: usize, databases: &[&str; 2], ports: [u16; 2]) -> PathBuf {
    let name = ["a", "b"][own];
    let path = stage.configure(
        name,
        &ServerSettings {
            listen: &format!("127.0.0.1:{}", ports[own]),
            database: databases[own],
            node: stage.local.chain.url(),
            lease: Duration::from_secs(2),
        },
    );
    let mut text = fs::read_to_string(&path).unwrap();
    if own == 1 {
        text = text.replace("gas.key", "gas-b.key");
        let owner = text.find("token_owner = ").unwrap();
        let end = owner + text[owner..].find('\n').unwrap();
        text.replace_range(owner..=end, "");
    }
    text += &format!("[shards]\nown = \"{name}\"\nhome = \"a\"\nsecret = \"{SECRET}\"\n");
    for (name, (database, port)) in ["a", "b"].iter().zip(databases.iter().zip(ports)) {
        text += &format!(
            "[[shards.list]]\nname = \"{name}\"\nservers = [\"http://127.0.0.1:{port}\"]\ndatabase = \"{database}\"\n"
        );
    }
    fs::write(&path, text).unwrap();
    path
}

/// `offpay operator slots …`, beside everything else that goes on.
async fn slots(config: &Path, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.args(["operator", "slots"]).args(arguments);
    command.arg("--config").arg(config);
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap());
    ran.await.unwrap().into()
}

/// Who has a slot, by `slots list`.
async fn owner(config: &Path, slot: Slot) -> String {
    let told = slots(config, &["list", "--json"]).await.json();
    let number = u64::from(slot.number());
    let ranges = told["slots"].as_array().unwrap();
    let holds = |range: &&Value| {
        (range["first"].as_u64().unwrap()..=range["last"].as_u64().unwrap()).contains(&number)
    };
    let range = ranges.iter().find(holds).unwrap();
    range["at"].as_str().unwrap().to_owned()
}

/// A server of shard b that has another secret: for those that it hands requests on to it is a client like any other, and
/// they say what is wrong, once a minute.
async fn strangers_are_told(
    stage: &Stage,
    client: &Client,
    config: &Path,
    port: u16,
    servings: &[Serving],
) {
    const WARNING: &str = "Is shards.secret the same everywhere?";
    let text = fs::read_to_string(config).unwrap();
    let text = text
        .replace(SECRET, "the-servers-of-another-operator-know-one-another")
        .replacen(&format!("127.0.0.1:{port}"), "127.0.0.1:0", 1);
    let file = stage.folder.path().join("stranger.toml");
    fs::write(&file, text).unwrap();
    let warnings = || servings.iter().map(|serving| serving.warnings(WARNING));
    assert_eq!(
        warnings().sum::<usize>(),
        0,
        "the others have the same secret"
    );
    let stranger = Serving::start(program(), &file);
    // All purses are at a in the beginning.
    stage.known(client, &stranger.url).await;
    eventually("the home shard's server says what is wrong", || async {
        (servings[0].warnings(WARNING) == 1).then_some(())
    })
    .await;
    stage.known(client, &stranger.url).await;
    assert_eq!(warnings().collect::<Vec<_>>(), [1, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o160_slots_are_moved_by_the_command_while_everybody_pays() {
    let stage = Stage::set(3, 4).await;
    let folder = stage.folder.path();
    let postgres = PostgresServer::shared().unwrap();
    let first = format!("sqlite:{}", folder.join("a.db").display());
    let second = postgres.new_database().await.unwrap();
    let mut keys = stage.local.config.keys.clone();
    keys.gas = Some(Secret::File(secret_file(folder, "gas-b.key").unwrap()));
    let gas = Keys::read(&keys).unwrap().gas;
    let chain = &stage.local.chain;
    chain.give_gas_money(gas.address()).await.unwrap();
    let (databases, ports) = ([&*first, &*second], [free_port(), free_port()]);
    let configs = [0, 1].map(|own| configure(&stage, own, &databases, ports));
    let config = &configs[0];
    let mining = stage.mine();

    // Before there are shards, and with what cannot be.
    let early = slots(config, &["list"]).await;
    assert_eq!(early.code, 2, "{early:?}");
    assert!(
        early.stderr.contains("no shard yet: start its servers"),
        "{early:?}"
    );
    let servings: Vec<_> = configs
        .iter()
        .map(|config| Serving::start(program(), config))
        .collect();
    for (arguments, said) in [
        (["move", "4000", "--to", "c"], "no shard c"),
        (["move", "0-300", "--to", "b"], "Move slots from 256 on"),
        (
            ["move", "4096", "--to", "b"],
            "a slot is a number from 0 to 4095",
        ),
    ] {
        let refused = slots(config, &arguments).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    let swapped = folder.join("swapped.toml");
    let text = fs::read_to_string(config).unwrap();
    let text = text.replace(
        &format!("database = \"{second}\""),
        &format!("database = \"{first}\""),
    );
    fs::write(&swapped, text).unwrap();
    let refused = slots(&swapped, &["list"]).await;
    assert!(
        refused.stderr.contains("is that of a: change `database`"),
        "{refused:?}"
    );

    let client = Client::builder()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    stage.known(&client, &servings[1].url).await;
    strangers_are_told(&stage, &client, &configs[1], ports[1], &servings).await;
    let shared = Shared::new(&client, &servings);
    let load = stage.play(&shared, Duration::from_millis(500));
    let movable: Vec<Slot> = stage
        .slots()
        .into_iter()
        .filter(|slot| !slot.stays_home())
        .collect();

    // Killed in the middle of a range that somebody pays in, and gone on with.
    let first_slot = movable[0];
    let last = (first_slot.number() + 160).min(4_095);
    let range = format!("{first_slot}-{last}");
    let mut broken = program()
        .args(["operator", "slots", "move", &range, "--to", "b", "--config"])
        .arg(config)
        .spawn()
        .unwrap();
    let away = Database::open(&second).await.unwrap();
    eventually("the first slots are moved", || async {
        let map = away.slot_map().await.unwrap();
        (*map.place(first_slot) == Place::Here).then_some(())
    })
    .await;
    broken.kill().unwrap();
    broken.wait().unwrap();
    let last = Slot::new(last).unwrap();
    let map = away.slot_map().await.unwrap();
    assert_ne!(*map.place(last), Place::Here, "it was killed too late");
    let done = slots(config, &["move", &range, "--to", "b"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(owner(config, last).await, "b");

    // Some others' as well, one back, and what is there already once more.
    for slot in movable.iter().skip(1).take(3) {
        let done = slots(config, &["move", &slot.to_string(), "--to", "b"]).await;
        assert_eq!(done.code, 0, "{done:?}");
    }
    let back = slots(
        config,
        &["move", &first_slot.to_string(), "--to", "a", "--json"],
    )
    .await;
    assert_eq!(back.json()["slots"], 1, "{back:?}");
    let nothing = slots(config, &["move", &first_slot.to_string(), "--to", "a"]).await;
    assert!(
        nothing.stdout.contains("Nothing is to be done: a has them"),
        "{nothing:?}"
    );
    assert_eq!(owner(config, first_slot).await, "a");

    let seen = load.finish(&shared).await;
    assert_eq!(seen.double_cleared, 0, "a conflict was cleared twice");
    assert!(seen.payments() > 20, "the load was no load");
    stage.check_payments(&shared, &seen).await;
    away.close().await;
    mining.abort();
}

//! `kill -9` of the serving program while it pays, and before that: a disk that takes nothing, a node that stands still, a
//! program that stands still, callers that hang up. What it acknowledged is there afterwards, and what it was asked for
//! again with the same idempotency key is done once.
#![allow(missing_docs, clippy::print_stdout)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use offpay_server::{
    local::{Local, LocalOptions},
    testing::eventually,
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

mod support;

/// The program; killed when this is dropped.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(config: &Path) -> Self {
        // A write beyond the limit that `disk` sets fails then, and does not end the program.
        let program = support::program();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        for (variable, _) in program.get_envs() {
            shell.env_remove(variable);
        }
        let mut child = shell
            .arg(program.get_program())
            .args(["serve", "--config"])
            .arg(config)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = log
            .by_ref()
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line.unwrap()).ok()?;
                Some(line["address"].as_str()?.to_owned())
            })
            .unwrap();
        // A pipe that nobody reads would stop it.
        std::thread::spawn(move || log.for_each(drop));
        let url = format!("http://{address}");
        Self { child, url }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // SIGKILL: nothing is finished, nothing is flushed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn post(
    url: &str,
    path: &str,
    token: &str,
    key: &str,
    body: &Value,
) -> Option<(StatusCode, Value)> {
    let request = Client::new()
        .post(format!("{url}{path}"))
        .bearer_auth(token)
        .header("idempotency-key", key)
        .json(body);
    let response = request.send().await.ok()?;
    Some((response.status(), response.json().await.ok()?))
}

async fn get(url: &str, path: &str, token: &str) -> Value {
    let request = Client::new().get(format!("{url}{path}")).bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

fn configure(local: &Local, folder: &Path) -> std::path::PathBuf {
    let file = |name: &str| format!("{{ file = \"{}\" }}", folder.join(name).display());
    let config = folder.join("offpay.toml");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\nrequest_timeout = 1\nrequests_per_minute = 0\ncaller_requests_per_minute = 0\n\
         [log]\nfilter = \"info\"\nformat = \"json\"\n[follow]\npoll_ms = 50\nstale_s = 0\n\
         [database]\nurl = \"sqlite:{}\"\n[chain]\nnodes = [\"{}\"]\ndeployment = \"{}\"\n\
         [keys]\noperator = {}\ngas = {}\ncircle = {}\ntoken_owner = {}\n\
         [vault]\nmaster_keys = [{{ id = \"local\", key = {} }}]\n",
        folder.join("offpay.db").display(),
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

const PRICE: u128 = 1_000;

/// How often it is killed; `make soak` asks for more.
fn rounds() -> u64 {
    let asked = std::env::var("OFFPAY_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(3)
}

fn signal(process: u32, name: &str) {
    let sent = std::process::Command::new("kill")
        .args([name, &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Lets files of the program grow up to so many bytes.
fn disk(child: &Child, bytes: &str) {
    let set = std::process::Command::new("prlimit")
        .args(["--pid", &child.id().to_string()])
        .arg(format!("--fsize={bytes}:unlimited"))
        .status();
    assert!(set.unwrap().success());
}

/// Something goes wrong under load, and is over after a while.
async fn fault(round: u64, serving: &Serving, node: u32) {
    const WHILE: Duration = Duration::from_millis(700);
    match round % 4 {
        1 => {
            disk(&serving.child, "4096");
            sleep(WHILE).await;
            disk(&serving.child, "unlimited");
        }
        2 => {
            signal(node, "-STOP");
            sleep(WHILE).await;
            signal(node, "-CONT");
        }
        3 => {
            signal(serving.child.id(), "-STOP");
            sleep(WHILE).await;
            signal(serving.child.id(), "-CONT");
        }
        _ => return,
    }
    // It goes on as if nothing had been.
    sleep(Duration::from_millis(100)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_and_nothing_is_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::open(folder.path(), &LocalOptions::default())
        .await
        .unwrap();
    let config = configure(&local, folder.path());
    let mut serving = Serving::start(&config);
    let register = |handle: &str| json!({ "handle": handle, "password": "a password for trying" });
    let mut tokens = Vec::new();
    for handle in ["payer", "payee"] {
        // A password costs more than the second that a request may take, where much else runs.
        let user = eventually("a user", || async {
            let order = register(handle);
            let (status, user) = post(&serving.url, "/v1/users", "", handle, &order).await?;
            assert!(status == 201 || user["retryable"] == true, "{user}");
            (status == 201).then_some(user)
        })
        .await;
        tokens.push(user["token"].as_str().unwrap().to_owned());
    }
    let token = tokens.swap_remove(0);
    for (path, key) in [("/v1/faucet", "faucet"), ("/v1/setup", "setup")] {
        eventually(path, || async {
            local.chain.mine(1).await.unwrap();
            let (status, _) = post(&serving.url, path, &token, key, &json!({})).await?;
            status.is_success().then_some(())
        })
        .await;
    }
    let pay = |key: &str| json!({ "to": "@payee", "amount": PRICE.to_string(), "memo": key });
    eventually("a purse that can pay", || async {
        local.chain.mine(2).await.unwrap();
        let (status, _) = post(&serving.url, "/v1/pay", &token, "first", &pay("first")).await?;
        (status == 201).then_some(())
    })
    .await;

    let acknowledged = Arc::new(Mutex::new(BTreeMap::<String, String>::new()));
    let mut asked = BTreeSet::from(["first".to_owned()]);
    for round in 0..rounds() {
        let payers = (0..4).map(|payer| {
            let (url, token) = (serving.url.clone(), token.clone());
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                let mut sent = Vec::new();
                let mut number = 0u64;
                loop {
                    let key = format!("{round}-{payer}-{number}");
                    let order = json!({ "to": "@payee", "amount": PRICE.to_string(), "memo": key });
                    sent.push(key.clone());
                    if number % 5 == 4 {
                        // Somebody hangs up before the answer is there, and asks again.
                        let patience = Duration::from_millis(number % 20);
                        let hasty = post(&url, "/v1/pay", &token, &key, &order);
                        drop(tokio::time::timeout(patience, hasty).await);
                    }
                    match post(&url, "/v1/pay", &token, &key, &order).await {
                        Some((StatusCode::CREATED, payment)) => {
                            let id = payment["id"].as_str().unwrap().to_owned();
                            acknowledged.lock().unwrap().insert(key, id);
                            number += 1;
                        }
                        // It was too slow: the same is asked again.
                        Some((_, problem)) if problem["retryable"] == true => {}
                        // Killed.
                        None => break,
                        Some((status, problem)) => panic!("{status}: {problem}"),
                    }
                }
                sent
            })
        });
        let payers: Vec<_> = payers.collect();
        sleep(Duration::from_millis(400 + 170 * (round % 8))).await;
        fault(round, &serving, local.chain.process_id()).await;
        drop(serving);
        for payer in payers {
            asked.extend(payer.await.unwrap());
        }
        serving = Serving::start(&config);
        // Whoever had no answer asks again.
        for key in &asked {
            if key == "first" || acknowledged.lock().unwrap().contains_key(key) {
                continue;
            }
            let id = eventually("an answer to who asks again", || async {
                let (status, payment) =
                    post(&serving.url, "/v1/pay", &token, key, &pay(key)).await?;
                (status == 201).then(|| payment["id"].as_str().unwrap().to_owned())
            })
            .await;
            acknowledged.lock().unwrap().insert(key.clone(), id);
        }
    }

    let mut history = BTreeMap::new();
    let mut path = "/v1/history?limit=200".to_owned();
    loop {
        let page = get(&serving.url, &path, &token).await;
        for payment in page["items"].as_array().unwrap() {
            let memo = payment["memo"].as_str().unwrap().to_owned();
            let id = payment["id"].as_str().unwrap().to_owned();
            assert_eq!(history.insert(memo.clone(), id), None, "{memo} twice");
        }
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/v1/history?limit=200&cursor={next}");
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 12, "the load was no load");
    for (key, id) in &acknowledged {
        assert_eq!(history.get(key), Some(id), "{key} was acknowledged");
    }
    assert_eq!(history.keys().cloned().collect::<BTreeSet<_>>(), asked);
    let account = get(&serving.url, "/v1/account", &token).await;
    let amount = |name: &str| -> u128 {
        account["purses"][0][name]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    println!("{{\"kills\":{},\"payments\":{}}}", rounds(), asked.len());
    let spent = u128::try_from(asked.len()).unwrap() * PRICE;
    assert_eq!(amount("funds") - amount("available"), spent);
}

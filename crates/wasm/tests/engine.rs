//! The two calls of a command: nothing is given out before it is durable.

#![allow(clippy::unwrap_used, reason = "a test")]

use offpay_wasm::Engine;
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;
const WORDS: &str = "test test test test test test test test test test test junk";

fn begin(engine: &mut Engine, command: &Value, seed: u8) -> Vec<String> {
    engine.begin(&command.to_string(), NOW, [seed; 32]).unwrap()
}

fn finish(engine: &mut Engine) -> Value {
    serde_json::from_str(&engine.finish().unwrap()).unwrap()
}

fn create() -> Value {
    json!({
        "do": "create", "name": "Blue Door", "phrase": WORDS, "pin": "2468",
        "deployment": {
            "domain": { "chainId": 31337, "verifyingContract": "0xffffffffffffffffffffffffffffffffffffffff" },
            "parameters": {
                "settlementPeriod": 86400, "closeDelay": 604_800, "healthyCollateral": "100",
                "openPenalty": 5000, "circlePenalty": 1000,
            },
            "token": { "symbol": "OFFPAY", "decimals": 6 },
        },
    })
}

fn ask() -> Value {
    json!({ "do": "ask", "amount": "12500000", "memo": "coffee", "validFor": 3600 })
}

fn view() -> Value {
    json!({ "do": "view" })
}

#[test]
fn the_answer_waits_for_the_entry() {
    let mut engine = Engine::open([]).unwrap();
    begin(&mut engine, &view(), 0);
    assert_eq!(finish(&mut engine), json!({ "ok": { "exists": false } }));

    let created = begin(&mut engine, &create(), 1);
    assert_eq!(created.len(), 1);
    // Not even a look: the engine already knows what is not durable yet.
    let busy = engine.begin(&view().to_string(), NOW, [2; 32]).unwrap_err();
    assert_eq!(busy.code, "busy");
    assert!(finish(&mut engine)["ok"]["account"].is_string());
    assert_eq!(engine.finish().unwrap_err().code, "nothing_begun");

    let asked = begin(&mut engine, &ask(), 3);
    assert_eq!(asked.len(), 1);
    let code = finish(&mut engine)["ok"]["code"].clone();
    assert!(code.as_str().unwrap().starts_with("OP1:"));

    // What is stored is the wallet: a new engine over it knows the request, and shows the same code.
    let mut again = Engine::open(created.into_iter().chain(asked)).unwrap();
    begin(&mut again, &json!({ "do": "read", "code": code }), 4);
    assert_eq!(finish(&mut again)["refused"]["code"], "request_own");
}

/// The form that entries had at first: the use case's name in a field beside its content.
fn as_it_was(entry: &str) -> String {
    let mut entry: Value = serde_json::from_str(entry).unwrap();
    let (name, content) = entry["useCase"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .map(|(name, content)| (name.clone(), content.clone()))
        .unwrap();
    entry["useCase"] = json!({ "what": name, "with": content });
    entry.to_string()
}

#[test]
fn a_phone_that_was_set_up_early_still_opens() {
    let mut engine = Engine::open([]).unwrap();
    let mut stored = begin(&mut engine, &create(), 1);
    finish(&mut engine);
    stored.extend(begin(&mut engine, &ask(), 2));
    let reference = finish(&mut engine)["ok"]["reference"].clone();
    let mut early = Engine::open(stored.iter().map(|entry| as_it_was(entry))).unwrap();
    let show = json!({ "do": "showRequest", "reference": reference });
    begin(&mut early, &show, 3);
    assert_eq!(finish(&mut early)["ok"]["reference"], reference);
    let asked = begin(&mut early, &ask(), 4);
    finish(&mut early);
    // What it adds is of the form of now; both are read.
    let both: Vec<String> = stored
        .iter()
        .map(|entry| as_it_was(entry))
        .chain(asked)
        .collect();
    assert!(Engine::open(both).is_ok());
    assert!(Engine::open([as_it_was(&stored[1])]).is_err());
}

#[test]
fn after_a_failed_write_it_answers_nothing() {
    let mut engine = Engine::open([]).unwrap();
    let created = begin(&mut engine, &create(), 1);
    finish(&mut engine);
    begin(&mut engine, &ask(), 2);
    engine.fail();
    assert_eq!(engine.finish().unwrap_err().code, "storage_full");
    assert!(engine.begin(&view().to_string(), NOW, [3; 32]).is_err());
    // The request was never shown, and does not exist.
    let mut again = Engine::open(created).unwrap();
    begin(&mut again, &ask(), 2);
    assert!(finish(&mut again)["ok"]["code"].is_string());
}

#[test]
fn entries_are_taken_in_order_or_not_at_all() {
    let mut engine = Engine::open([]).unwrap();
    let mut stored = begin(&mut engine, &create(), 1);
    finish(&mut engine);
    stored.extend(begin(&mut engine, &ask(), 2));
    finish(&mut engine);
    let asked = begin(&mut engine, &ask(), 3);
    stored.swap(0, 1);
    assert_eq!(
        Engine::open(stored.clone()).unwrap_err().code,
        "storage_inconsistent"
    );
    stored.swap(0, 1);
    assert!(Engine::open(stored.iter().cloned().chain(asked)).is_ok());
    assert!(Engine::open(["{}".to_owned()]).is_err());
}

#[test]
fn what_a_page_or_a_node_sends_cannot_break_it() {
    let mut engine = Engine::open([]).unwrap();
    begin(&mut engine, &create(), 1);
    finish(&mut engine);
    assert_eq!(
        engine.begin("{", NOW, [2; 32]).unwrap_err().code,
        "malformed"
    );
    for command in [
        json!({ "do": "read", "code": "OP1:" }),
        json!({ "do": "accept", "code": "hello" }),
        json!({ "do": "syncBlock", "block": { "hash": "0x", "number": "0xzz" }, "nodes": 1 }),
        json!({ "do": "syncLearn", "index": 99, "results": [] }),
        json!({ "do": "accountRead", "results": ["0x"] }),
        json!({ "do": "takeCertificate", "certificate": { "signature": 5 } }),
    ] {
        begin(&mut engine, &command, 3);
        assert!(
            finish(&mut engine)["refused"]["code"].is_string(),
            "{command}"
        );
    }
}

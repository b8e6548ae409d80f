//! `vectors.json` is what the code says today.

#[path = "../examples/vectors/codes.rs"]
mod codes;
#[path = "../examples/vectors/conflicts.rs"]
mod conflicts;
#[path = "../examples/vectors/generate.rs"]
mod generate;
#[path = "../examples/vectors/instances.rs"]
mod instances;
#[path = "../examples/vectors/refused.rs"]
mod refused;
#[path = "../examples/vectors/solidity.rs"]
mod solidity;

use offpay_protocol::{Signature, signature::SignatureError, wire::Code};
use serde_json::Value;

const VECTORS: &str = include_str!("../vectors.json");

fn read() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

#[test]
fn the_file_is_current() {
    assert!(
        read() == generate::vectors(),
        "run `cargo run -p offpay-protocol --example vectors` and look at what changed"
    );
}

#[test]
fn three_of_each_message_at_least() {
    let vectors = read();
    let messages = vectors["messages"].as_array().unwrap();
    let types: std::collections::BTreeSet<_> = messages
        .iter()
        .map(|row| row["type"].as_str().unwrap())
        .collect();
    assert_eq!(types.len(), 13);
    for ty in types {
        assert!(
            messages.iter().filter(|row| row["type"] == ty).count() >= 3,
            "{ty}"
        );
    }
}

#[test]
fn refused_signatures_have_no_signer() {
    for row in read()["refused"].as_array().unwrap() {
        let digest = row["digest"].as_str().unwrap().parse().unwrap();
        let signature = row["signature"].as_str().unwrap().parse::<Signature>();
        let signer = signature.and_then(|signature| signature.recover(digest));
        assert!(signer.is_err(), "{}", row["why"]);
        assert_ne!(signer, Err(SignatureError::NotHex));
    }
}

#[test]
fn codes_are_read_from_text_and_link_alike() {
    for row in read()["wire"].as_array().unwrap() {
        let text = Code::parse(row["text"].as_str().unwrap()).unwrap();
        let link = Code::parse(row["link"].as_str().unwrap()).unwrap();
        assert_eq!(text, link, "{}", row["type"]);
    }
}

//! A webhook can choose every kind of event that users are told of, and none that nobody is told of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use offpay_operator::webhook::KNOWN;

/// What the operator alone is told of.
const OPERATORS: [&str; 9] = [
    "chain.alarm",
    "chain.alarm_over",
    "chain.reorg",
    "debt.at_risk",
    "nodes.disagree",
    "purse.double_spend",
    "transaction.failed",
    "transaction.nonce_lost",
    "transaction.taken_back",
];

/// The sources that write into the log of events, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<_> = ["server", "store", "operator"]
        .map(|name| crates.join(name).join("src"))
        .into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_list = path.ends_with("webhook/kinds.rs");
            let is_test = path.ends_with("tests.rs") || path.ends_with("testing");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !is_list && !is_test
            {
                let text = fs::read_to_string(&path).unwrap();
                let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
                files.push((path, code.to_owned()));
            }
        }
    }
    files
}

/// `account.frozen`: two words with a point between.
fn is_kind(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    text.split_once('.')
        .is_some_and(|(group, name)| is_word(group) && is_word(name))
}

/// The kinds in a file's texts, each with what stands before it.
fn kinds(code: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut from = 0;
    code.split('"').enumerate().filter_map(move |(at, piece)| {
        let begin = from;
        from += piece.len() + 1;
        (at % 2 == 1 && is_kind(piece)).then(|| (piece, code[..begin].trim_end_matches('"')))
    })
}

/// Whether an event is made of what follows.
fn makes_an_event(before: &str) -> bool {
    let field = before.trim_end().ends_with("kind:");
    // `told(whom, kind, …)`: nothing but whom stands between.
    let call = before
        .rsplit_once("told(")
        .is_some_and(|(_, between)| !between.contains([';', ')', '"', '{']));
    field || call
}

#[test]
fn every_kind_that_is_told_can_be_chosen_and_every_choice_is_told() {
    let groups: BTreeSet<_> = KNOWN
        .iter()
        .filter_map(|kind| kind.split_once('.'))
        .map(|(group, _)| group)
        .collect();
    let mut told: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, code) in sources() {
        for (kind, before) in kinds(&code) {
            let is_group = kind
                .split_once('.')
                .is_some_and(|(group, _)| groups.contains(group));
            if is_group || makes_an_event(before) {
                told.insert(kind.to_owned(), path.clone());
            }
        }
    }
    for (kind, path) in &told {
        assert!(
            KNOWN.contains(&kind.as_str()) || OPERATORS.contains(&kind.as_str()),
            "{}: {kind} is told, and stands neither in KNOWN nor among the operator's",
            path.display()
        );
    }
    for kind in KNOWN {
        assert!(told.contains_key(*kind), "{kind} is never told");
    }
}

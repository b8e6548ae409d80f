//! The wallet has no clock, no randomness, no I/O and no async of its own.

use std::{fs, path::Path};

const BANNED: [&str; 12] = [
    "std::time",
    "SystemTime",
    "Instant::now",
    "rand::",
    "getrandom",
    "OsRng",
    "thread_rng",
    "tokio",
    "std::net",
    "std::fs",
    "std::env",
    "async fn",
];

fn scan(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scan(&path, found);
            continue;
        }
        // Unit tests may read files.
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for banned in BANNED.iter().filter(|banned| code.contains(**banned)) {
                found.push(format!("{}:{}: {banned}", path.display(), number + 1));
            }
        }
    }
}

#[test]
fn no_clock_no_randomness_no_io() {
    let mut found = Vec::new();
    scan(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_dependency_that_brings_a_clock_or_randomness() {
    let manifest = include_str!("../../Cargo.toml");
    let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
    for banned in [
        "tokio",
        "rand ",
        "getrandom",
        "reqwest",
        "chrono",
        "offpay-store",
    ] {
        assert!(!dependencies.contains(banned), "{banned}");
    }
}

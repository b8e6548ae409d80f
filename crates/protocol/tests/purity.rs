//! The crate is pure: no clock, no randomness, no I/O, no async, no threads.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What no file under `src` may mention.
const IMPURE: &[&str] = &[
    "std::time",
    "core::time",
    "SystemTime",
    "Instant",
    "rand::",
    "use rand",
    "getrandom",
    "tokio",
    "async fn",
    ".await",
    "std::net",
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "static mut",
    "thread_local",
    "unsafe {",
];

/// What the crate may not be built with, tests aside.
const IMPURE_DEPENDENCIES: &[&str] = &["rand", "getrandom", "tokio", "chrono", "time", "reqwest"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn nothing_impure_in_the_sources() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 30, "the sources were found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for word in IMPURE {
            assert!(!text.contains(word), "{} mentions {word}", file.display());
        }
    }
}

#[test]
fn nothing_impure_among_the_dependencies() {
    let manifest = include_str!("../Cargo.toml");
    let (dependencies, _) = manifest.split_once("[dev-dependencies]").unwrap();
    for line in dependencies.lines() {
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        assert!(!IMPURE_DEPENDENCIES.contains(&name), "depends on {name}");
    }
}

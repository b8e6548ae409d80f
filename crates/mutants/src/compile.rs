//! Compiles the copy, and finds out which mutants the compiler refuses.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::{copy::Copy, weave::Switched};

/// What a call of cargo said.
#[derive(Debug, Default)]
pub struct Answer {
    /// Whether all compiled.
    pub compiled: bool,
    /// The test binaries.
    pub binaries: Vec<Binary>,
    /// What the compiler refuses.
    pub errors: Vec<Error>,
}

/// A test binary.
#[derive(Debug, Clone)]
pub struct Binary {
    /// Where it is.
    pub path: PathBuf,
    /// Its name among the package's.
    pub name: String,
    /// The folder of its package.
    pub folder: PathBuf,
}

/// An error of the compiler.
#[derive(Debug)]
pub struct Error {
    /// The first line of it.
    pub message: String,
    /// All of it.
    pub rendered: String,
    /// File and byte of where it is, then of what it has to do with.
    pub places: Vec<(String, usize)>,
}

/// Which mutants an answer's errors are about.
#[derive(Debug, Default)]
pub struct Refused {
    /// These do not compile, in the compiler's words.
    pub unviable: BTreeMap<u32, String>,
    /// Of these it cannot be said: the error is around them.
    pub unknown: BTreeSet<u32>,
    /// Errors that are about no mutant.
    pub elsewhere: Vec<String>,
}

/// Sorts errors by mutants. An error inside the body of a mutant whose function names its type is that mutant's. One that is
/// in a switched function, but not there, may be due to any of its mutants.
pub fn blame(errors: &[Error], woven: &BTreeMap<String, Vec<Switched>>) -> Refused {
    let mut refused = Refused::default();
    'errors: for error in errors {
        let places = error.places.iter().filter_map(|(file, at)| {
            let functions = woven.get(file)?;
            let around = functions
                .iter()
                .filter(|function| function.range.contains(at));
            Some((*at, around.min_by_key(|function| function.range.len())?))
        });
        let places = places.collect::<Vec<_>>();
        for (at, function) in &places {
            let body = function.bodies.iter().find(|(_, body)| body.contains(at));
            if let Some((number, _)) = body {
                if function.named {
                    refused.unviable.insert(*number, error.message.clone());
                } else {
                    refused.unknown.insert(*number);
                }
                continue 'errors;
            }
        }
        match places.first() {
            Some((_, function)) => refused.unknown.extend(function.bodies.keys()),
            None => refused.elsewhere.push(error.rendered.clone()),
        }
    }
    refused
}

/// Asks cargo to compile the copy's tests: those in `tests/`, or the unit tests, for which all is compiled once more, too.
///
/// # Errors
///
/// Cargo cannot be called, or fails without naming an error.
pub fn compile(copy: &Copy, unit: bool) -> Result<Answer> {
    // An error ends a build before there is anything to be optimized, and what the crates depend on is there from other
    // builds, which it is not for `cargo check`.
    let kind: &[&str] = if unit {
        &["--lib", "--test=*"]
    } else {
        &["--test=*"]
    };
    // Compiled once and run two thousand times; but the wallet's time is not its own.
    let quick = [
        "--config=profile.dev.debug=false",
        "--config=profile.dev.package.offpay-protocol.opt-level=1",
    ];
    let output = Command::new("cargo")
        .args(["test", "--no-run"])
        .args(kind)
        .args(["--package=offpay-protocol", "--package=offpay-wallet"])
        .args(["--message-format=json", "--quiet"])
        .args(quick)
        .current_dir(copy.folder())
        .env("RUSTC_WORKSPACE_WRAPPER", copy.wrapper())
        .stderr(Stdio::piped())
        .output()?;
    let answer = read(&String::from_utf8_lossy(&output.stdout));
    if !answer.compiled && answer.errors.is_empty() {
        bail!("cargo: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    #[serde(rename = "compiler-message")]
    Said {
        message: Diagnostic,
    },
    #[serde(rename = "compiler-artifact")]
    Made {
        executable: Option<PathBuf>,
        manifest_path: PathBuf,
        profile: Profile,
        target: Target,
    },
    BuildFinished {
        success: bool,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    rendered: Option<String>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Reads cargo's messages, one a line.
pub fn read(messages: &str) -> Answer {
    let mut answer = Answer::default();
    for line in messages.lines() {
        match serde_json::from_str(line) {
            // The last one has no place: it only counts the others.
            Ok(Message::Said { message })
                if message.level.starts_with("error") && !message.spans.is_empty() =>
            {
                answer.errors.push(error(message));
            }
            Ok(Message::Made {
                executable: Some(path),
                manifest_path,
                profile: Profile { test: true },
                target,
            }) => answer.binaries.push(Binary {
                path,
                name: target.name,
                folder: manifest_path
                    .parent()
                    .map(PathBuf::from)
                    .unwrap_or_default(),
            }),
            Ok(Message::BuildFinished { success }) => answer.compiled = success,
            _ => {}
        }
    }
    answer
}

fn error(diagnostic: Diagnostic) -> Error {
    let mut places = Vec::new();
    for primary in [true, false] {
        for span in &diagnostic.spans {
            if span.is_primary == primary {
                place(span, &mut places);
            }
        }
    }
    Error {
        rendered: diagnostic.rendered.unwrap_or_default(),
        message: diagnostic.message,
        places,
    }
}

/// What a macro made is also where the macro was called.
fn place(span: &Span, places: &mut Vec<(String, usize)>) {
    places.push((span.file_name.clone(), span.byte_start));
    if let Some(expansion) = &span.expansion {
        place(&expansion.span, places);
    }
}

//! What cargo-mutants lists, and what becomes of it.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One change in one place, as `cargo mutants --list --json` says it.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutant {
    /// File, place and change, in words: no two are alike.
    pub name: String,
    /// The file, seen from the workspace.
    pub file: String,
    /// The package that the file belongs to.
    pub package: String,
    /// What stands in the place instead.
    pub replacement: String,
    /// The place.
    pub span: Place,
}

/// From one position to before another.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Place {
    /// The first character.
    pub start: Position,
    /// The first one behind it.
    pub end: Position,
}

/// Both count from one; a column is a character, not a byte.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A test failed.
    Killed,
    /// No test failed.
    Missed,
    /// The compiler refuses it.
    Unviable,
    /// Nothing is known of it: the compiler refuses something around it.
    Left,
}

/// An outcome, with the file as it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tried {
    /// The mutant's file.
    pub file: String,
    /// The file's hash, as git makes it.
    pub hash: String,
    /// The mutant's name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The test that failed, or the compiler's words.
    pub by: String,
    /// How long its tests ran.
    pub millis: u64,
}

/// The outcomes so far, one a line in a file: whatever is broken off goes on from there.
#[derive(Debug)]
pub struct Outcomes {
    file: File,
    known: BTreeMap<(String, String), Outcome>,
}

impl Outcomes {
    /// Opens the file, or begins it.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let mut known = BTreeMap::new();
        if path.exists() {
            // The last line of a run that was killed may be half a line.
            for line in fs::read_to_string(path)?.lines() {
                if let Ok(tried) = serde_json::from_str::<Tried>(line) {
                    known.insert((tried.hash, tried.name), tried.outcome);
                }
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| path.display().to_string())?;
        Ok(Self { file, known })
    }

    /// What is known of a mutant of a file with this hash.
    pub fn of(&self, hash: &str, name: &str) -> Option<Outcome> {
        let key = (hash.to_owned(), name.to_owned());
        self.known.get(&key).copied()
    }

    /// Writes one down.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn add(&mut self, tried: &Tried) -> Result<()> {
        let line = serde_json::to_string(tried)?;
        writeln!(self.file, "{line}")?;
        let key = (tried.hash.clone(), tried.name.clone());
        self.known.insert(key, tried.outcome);
        Ok(())
    }
}

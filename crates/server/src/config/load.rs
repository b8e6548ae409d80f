//! Reading the configuration: the file first, then the environment.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize as _;
use thiserror::Error;
use toml::{Table, Value};

use super::Config;

/// Every setting can be given as `OFFPAY_<SECTION>__<NAME>`. Two underscores part the names: variables with none are
/// the command line's own.
const PREFIX: &str = "OFFPAY_";
const PART: &str = "__";

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The file is not TOML, or holds what no section knows. The text of the line is not repeated: it may be a secret.
    #[error("{} line {line}: {reason}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A section that is not the configuration's to set, where it is used.
    #[error(
        "[{section}] cannot be set: `offpay run` keeps its own {section}; `offpay serve` is for production"
    )]
    Fixed {
        /// The section.
        section: &'static str,
    },
    /// An environment variable names no setting, or has no value for it.
    #[error("the environment variable {variable}: {reason}")]
    Variable {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Config {
    /// The configuration of a file (or only defaults) and of the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file and line, or the variable.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let variables = env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        Self::load_with(file, variables)
    }

    /// The same with these variables instead of the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let table = match file {
            Some(path) => read(path)?,
            None => Table::new(),
        };
        Self::finish(table, variables)
    }

    /// The same over other defaults than usual (`base`, as TOML), and without sections that are `fixed`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn load_over(
        base: &str,
        fixed: &[&'static str],
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: Table = toml::from_str(base).map_err(|error| ConfigError::Content {
            path: "the defaults".into(),
            line: 1,
            reason: error.message().to_owned(),
        })?;
        if let Some(path) = file {
            merge(&mut table, read(path)?);
        }
        let variables: Vec<_> = variables.into_iter().collect();
        for section in fixed {
            let prefix = format!("{PREFIX}{}{PART}", section.to_uppercase());
            let is_set = variables.iter().any(|(name, _)| name.starts_with(&prefix));
            if is_set || table.contains_key(*section) {
                return Err(ConfigError::Fixed { section });
            }
        }
        Self::finish(table, variables)
    }

    fn finish(
        mut table: Table,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut variables: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX) && name.contains(PART))
            .collect();
        variables.sort();
        for (variable, text) in variables {
            table = set(&table, &variable, text)?;
        }
        // Cannot fail: each step was tried. Were it to, the reason would be of no variable.
        Self::deserialize(table).map_err(|error| ConfigError::Variable {
            variable: PREFIX.into(),
            reason: error.message().to_owned(),
        })
    }
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError::File {
        path: path.into(),
        error,
    })?;
    let content = |error: &toml::de::Error| ConfigError::Content {
        path: path.into(),
        line: error.span().map_or(1, |span| line(&text, span.start)),
        reason: error.message().to_owned(),
    };
    toml::from_str::<Config>(&text).map_err(|error| content(&error))?;
    toml::from_str(&text).map_err(|error| content(&error))
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The table with one more setting. Whether the text is a text, a number or a list is what the setting takes.
fn set(table: &Table, variable: &str, text: String) -> Result<Table, ConfigError> {
    let path: Vec<String> = variable
        .strip_prefix(PREFIX)
        .unwrap_or(variable)
        .split(PART)
        .map(str::to_lowercase)
        .collect();
    let typed = toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"));
    let mut reason = None;
    for value in [Some(Value::String(text)), typed].into_iter().flatten() {
        let mut changed = table.clone();
        if !put(&mut changed, &path, value) {
            continue;
        }
        match Config::deserialize(changed.clone()) {
            Ok(_) => return Ok(changed),
            Err(error) => reason = reason.or(Some(error.message().to_owned())),
        }
    }
    Err(ConfigError::Variable {
        variable: variable.into(),
        reason: reason.unwrap_or_else(|| "names no setting".into()),
    })
}

/// Puts the settings of one table over those of another, section by section.
fn merge(table: &mut Table, over: Table) {
    for (name, value) in over {
        match (table.get_mut(&name), value) {
            (Some(Value::Table(under)), Value::Table(over)) => merge(under, over),
            (_, value) => {
                table.insert(name, value);
            }
        }
    }
}

fn put(table: &mut Table, path: &[String], value: Value) -> bool {
    match path {
        [] => false,
        [name] => {
            table.insert(name.clone(), value);
            true
        }
        [section, rest @ ..] => {
            let section = table
                .entry(section.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            // A secret that the file gives as text can be replaced by a file's name.
            if !section.is_table() {
                *section = Value::Table(Table::new());
            }
            section
                .as_table_mut()
                .is_some_and(|section| put(section, rest, value))
        }
    }
}

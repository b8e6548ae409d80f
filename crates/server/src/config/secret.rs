//! A setting that must not be shown.

use std::{env, fmt, fs, io, path::PathBuf};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use thiserror::Error;
use zeroize::Zeroizing;

/// A setting that must not be shown: the text itself, or where to read it: `{ file = "…" }`, `{ env = "…" }`.
/// Not even its `Debug` shows the text.
#[derive(Clone)]
pub enum Secret {
    /// The text itself.
    Inline(Zeroizing<String>),
    /// A file that holds it.
    File(PathBuf),
    /// An environment variable that holds it.
    Env(String),
}

/// Why a secret cannot be had.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    Env(String),
}

impl Secret {
    /// The text, without the line's end that files have.
    ///
    /// # Errors
    ///
    /// [`SecretError`].
    pub fn read(&self) -> Result<Zeroizing<String>, SecretError> {
        match self {
            Self::Inline(text) => Ok(text.clone()),
            Self::File(path) => {
                let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| {
                    SecretError::File {
                        path: path.clone(),
                        error,
                    }
                })?);
                Ok(Zeroizing::new(
                    text.trim_end_matches(['\r', '\n']).to_owned(),
                ))
            }
            Self::Env(name) => env::var(name)
                .map(Zeroizing::new)
                .map_err(|_| SecretError::Env(name.clone())),
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::Inline(Zeroizing::new(text.to_owned()))
    }
}

/// Where it comes from, and never what it is.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => f.write_str("(set, not shown)"),
            Self::File(path) => write!(f, "from the file {}", path.display()),
            Self::Env(name) => write!(f, "from the environment variable {name}"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written by hand, so that no error repeats the text.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        const EXPECTED: &str = "a text, { file = \"…\" } or { env = \"…\" }";

        impl<'de> Visitor<'de> for Reader {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
                Ok(text.into())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
                Ok(Secret::Inline(Zeroizing::new(text)))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
                Err(E::custom(format_args!("expected {EXPECTED}")))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
                Err(E::custom(format_args!("expected {EXPECTED}")))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
                let wrong = || A::Error::custom(format_args!("expected {EXPECTED}"));
                let key: String = map.next_key()?.ok_or_else(wrong)?;
                let value: String = map.next_value()?;
                if map.next_key::<String>()?.is_some() {
                    return Err(wrong());
                }
                match key.as_str() {
                    "file" => Ok(Secret::File(value.into())),
                    "env" => Ok(Secret::Env(value)),
                    _ => Err(wrong()),
                }
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

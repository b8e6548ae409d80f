//! What a hosted user is called on this server.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A handle: 3 to 32 of `a` to `z`, digits, `.`, `_` and `-`, with a letter or digit first and last.
///
/// Capitals are made small, so that no two handles look alike but for their case. ASCII alone, so that no two look
/// alike at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

/// Why a text is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HandleError {
    /// Too short or too long.
    #[error("a handle has 3 to 32 characters")]
    Length,
    /// It has something else in it.
    #[error(
        "a handle is made of a to z, digits, dots, underscores and hyphens, with a letter or digit at each end"
    )]
    Character,
}

impl Handle {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        if !(3..=32).contains(&text.len()) {
            return Err(HandleError::Length);
        }
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let ends = |c: char| c.is_ascii_alphanumeric();
        if !text.chars().all(inner) || !text.starts_with(ends) || !text.ends_with(ends) {
            return Err(HandleError::Character);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl TryFrom<String> for Handle {
    type Error = HandleError;

    fn try_from(text: String) -> Result<Self, HandleError> {
        text.parse()
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_is_the_same() {
        assert_eq!("Ana.Maria".parse::<Handle>(), "ana.maria".parse());
        for bad in ["ab", ".ab", "ab-", "a b", "аnа", "", "a\0b"] {
            assert!(bad.parse::<Handle>().is_err(), "{bad:?}");
        }
        assert!("a".repeat(33).parse::<Handle>().is_err());
        assert!("a".repeat(32).parse::<Handle>().is_ok());
    }
}

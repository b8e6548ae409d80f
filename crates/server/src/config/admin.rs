//! `[admin]`

use serde::Deserialize;

use super::{AccountsSection, Invalid};

/// The name of who uses the token of `accounts.admin_token_sha256`.
const UNNAMED: &str = "operator";

/// Who may call `/v1/admin`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminSection {
    /// A token for each person or program. Without any, and without `accounts.admin_token_sha256`, there is no such
    /// access.
    pub tokens: Vec<AdminToken>,
}

/// Who may call `/v1/admin`, by a token of which only the hash is known here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminToken {
    /// Who: it stands beside everything that they do.
    pub name: String,
    /// The SHA-256 of the token, in hex.
    pub sha256: String,
}

impl AdminSection {
    /// All names with their hashes, those of `[accounts]` included.
    pub(crate) fn hashes<'a>(
        &'a self,
        accounts: &'a AccountsSection,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = self
            .tokens
            .iter()
            .map(|token| (token.name.as_str(), token.sha256.as_str()));
        let unnamed = accounts.admin_token_sha256.as_deref();
        named.chain(unnamed.map(|hash| (UNNAMED, hash)))
    }

    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        for (place, token) in self.tokens.iter().enumerate() {
            if token.name.trim().is_empty() || token.name.chars().count() > 64 {
                invalid.push(Invalid::new(
                    "admin.tokens",
                    "each has a name of 1 to 64 characters",
                ));
            }
            if token.sha256.len() != 64
                || !token.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
            {
                invalid.push(Invalid::new(
                    "admin.tokens",
                    format!("sha256 of {:?} has to be 64 hex digits", token.name),
                ));
            }
            let earlier = self.tokens.iter().take(place);
            if earlier.into_iter().any(|other| other.name == token.name) {
                invalid.push(Invalid::new(
                    "admin.tokens",
                    format!("{:?} is there twice", token.name),
                ));
            }
        }
    }
}

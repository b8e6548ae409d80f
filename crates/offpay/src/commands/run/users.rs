//! Two example users, made through the public API as anybody would.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

/// An example user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) handle: String,
    /// An example's password is no secret.
    password: String,
    account: String,
}

impl User {
    pub(super) fn told(&self) -> String {
        format!("password {}, account {}", self.password, self.account)
    }
}

/// Makes them, or finds them.
#[expect(clippy::unused_async, reason = "it will call the API")]
pub(super) async fn make(_server: &str, _folder: &Path) -> Result<Vec<User>> {
    Ok(Vec::new())
}

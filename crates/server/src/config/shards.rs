//! `[shards]`

use std::collections::BTreeSet;

use offpay_operator::slots::ShardNames;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Invalid, Secret};

/// The shortest secret that servers of shards know one another by.
const SHORTEST: usize = 32;
/// The longest name.
const LONGEST: usize = 32;

/// Purses spread over several databases, each with servers of its own. Without `own` there is one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShardsSection {
    /// The shard that this server is of.
    pub own: Option<String>,
    /// The shard with everything that belongs to no purse, such as accounts.
    pub home: Option<String>,
    /// What servers of all shards know one another by: the same everywhere, and nobody else's.
    pub secret: Option<Secret>,
    /// All shards.
    pub list: Vec<ShardSection>,
}

/// A shard.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardSection {
    /// Its name, which stays the same.
    pub name: String,
    /// How its servers are reached by those of the other shards.
    pub servers: Vec<String>,
    /// Its database: for `offpay operator slots` alone.
    #[serde(default)]
    pub database: Option<Secret>,
}

impl ShardsSection {
    /// The names of the own shard and of the home shard, where there are shards.
    pub fn names(&self) -> Option<ShardNames> {
        let (own, home) = (self.own.clone()?, self.home.clone()?);
        Some(ShardNames { own, home })
    }

    /// Whether this server is of another shard than the home shard.
    pub fn is_away(&self) -> bool {
        self.names().is_some_and(|names| names.own != names.home)
    }

    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        let mut wrong = |setting, reason: &str| invalid.push(Invalid::new(setting, reason));
        let Some(own) = &self.own else {
            if self.home.is_some() || self.secret.is_some() || !self.list.is_empty() {
                wrong("shards.own", "is missing: which of the shards is this one?");
            }
            return;
        };
        let names: BTreeSet<_> = self.list.iter().map(|shard| &shard.name).collect();
        if !names.contains(own) {
            wrong("shards.own", "is not among shards.list");
        }
        if !self.home.as_ref().is_some_and(|home| names.contains(home)) {
            wrong(
                "shards.home",
                "has to be one of shards.list, the same in all configurations, and never changes",
            );
        }
        if names.len() != self.list.len() {
            wrong("shards.list", "has a name twice");
        }
        for shard in &self.list {
            let is_name = (1..=LONGEST).contains(&shard.name.len())
                && shard
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !is_name {
                wrong(
                    "shards.list.name",
                    "has 1 to 32 small letters, digits and hyphens",
                );
            }
            if shard.servers.is_empty() || shard.servers.iter().any(|url| base(url).is_none()) {
                wrong(
                    "shards.list.servers",
                    "names at least one server, as http:// or https:// and its host, without a path",
                );
            }
        }
        match self.secret.as_ref().map(Secret::read) {
            None => wrong(
                "shards.secret",
                "is missing: servers of the shards know one another by it",
            ),
            Some(Err(error)) => wrong("shards.secret", &error.to_string()),
            Some(Ok(secret)) if !is_secret(&secret) => wrong(
                "shards.secret",
                "has at least 32 visible characters, without spaces",
            ),
            Some(Ok(_)) => {}
        }
    }
}

/// It is sent in a header.
fn is_secret(secret: &Zeroizing<String>) -> bool {
    secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A server's URL, to which paths are added.
pub(crate) fn base(url: &str) -> Option<reqwest::Url> {
    let url: reqwest::Url = url.parse().ok()?;
    let is_base = ["http", "https"].contains(&url.scheme())
        && url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    is_base.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> Vec<&'static str> {
        let section: ShardsSection = toml::from_str(text).unwrap();
        let mut invalid = Vec::new();
        section.check(&mut invalid);
        invalid.iter().map(|invalid| invalid.setting).collect()
    }

    const LIST: &str = "[[list]]\nname = \"a\"\nservers = [\"http://10.0.0.1:8080\"]\n\
        [[list]]\nname = \"b\"\nservers = [\"https://b.example\"]\n";

    #[test]
    fn what_cannot_be_is_named() {
        let secret = "s".repeat(32);
        let whole = format!("own = \"b\"\nhome = \"a\"\nsecret = \"{secret}\"\n{LIST}");
        assert_eq!(section(&whole), [""; 0]);
        assert_eq!(section(""), [""; 0]);
        assert_eq!(section(LIST), ["shards.own"]);
        assert_eq!(
            section(&whole.replace("own = \"b\"", "own = \"c\"")),
            ["shards.own"]
        );
        assert_eq!(section(&whole.replace("home = \"a\"", "")), ["shards.home"]);
        assert_eq!(section(&whole.replace("sss", "s s")), ["shards.secret"]);
        assert_eq!(
            section(&whole.replace("https://b.example", "https://b.example/offpay")),
            ["shards.list.servers"]
        );
        assert_eq!(
            section(&whole.replace("name = \"b\"", "name = \"a\"")),
            ["shards.own", "shards.list"]
        );
    }
}

//! Calling the other shards' servers.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Request, RequestBuilder, Response, Url, redirect};

use super::ShardsError;
use crate::config::{Invalid, ShardsSection, shards::base};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// The servers of all shards.
#[derive(Debug)]
pub(super) struct Peers {
    client: Client,
    /// How long an answer may take.
    pub(super) patience: Duration,
    servers: BTreeMap<String, Vec<Url>>,
}

impl Peers {
    pub(super) fn new(section: &ShardsSection, patience: Duration) -> Result<Self, ShardsError> {
        let mut servers = BTreeMap::new();
        for shard in &section.list {
            let urls: Option<Vec<_>> = shard.servers.iter().map(|url| base(url)).collect();
            let urls = urls.ok_or_else(|| Invalid::new("shards.list.servers", "is no URL"))?;
            servers.insert(shard.name.clone(), urls);
        }
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self {
            client,
            patience,
            servers,
        })
    }

    /// Whether there is a shard of this name.
    pub(super) fn has(&self, shard: &str) -> bool {
        self.servers.contains_key(shard)
    }

    /// Asks the first of a shard's servers that can be connected to. One that takes the request and does not answer is not
    /// followed by another: it may have done it.
    pub(super) async fn ask(
        &self,
        shard: &str,
        path: &str,
        request: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Response, Unanswered> {
        for base in self.servers.get(shard).into_iter().flatten() {
            let Ok(url) = base.join(path) else {
                continue;
            };
            // What is made up could lead elsewhere: "//host/path".
            if url.origin() != base.origin() {
                return Err(Unanswered);
            }
            let Ok(request): Result<Request, _> = request(&self.client, url).build() else {
                return Err(Unanswered);
            };
            let answer = tokio::time::timeout(self.patience, self.client.execute(request)).await;
            match answer {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) if error.is_connect() => {
                    tracing::warn!(shard, server = %base, "a server of another shard cannot be reached");
                }
                Ok(Err(error)) => {
                    tracing::warn!(shard, server = %base, %error, "a server of another shard did not answer");
                    return Err(Unanswered);
                }
                Err(_) => {
                    tracing::warn!(shard, server = %base, "a server of another shard did not answer in time");
                    return Err(Unanswered);
                }
            }
        }
        metrics::counter!("offpay_shard_unreachable_total", "shard" => shard.to_owned())
            .increment(1);
        Err(Unanswered)
    }
}

/// No server of the shard answered: what was asked may have been done.
#[derive(Debug)]
pub(super) struct Unanswered;

//! Which server is asked, and with which token.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use offpay_api::{operator::OperatorView, page::Page};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    money::Unit,
    output::Output,
    secrets::Secret,
    server::{AdminServer, ServerAddress},
};

/// The most items that a list is read to, page by page.
const MOST: usize = 10_000;

/// Which server is asked, and with which token.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The server")]
pub(super) struct Desk {
    /// The operator's server.
    #[arg(
        long,
        env = "OFFPAY_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    server: String,
    /// A file with the operator's token.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Desk {
    /// The server, with the token.
    pub(super) fn open(&self) -> Result<AdminServer> {
        let address = ServerAddress::parse(&self.server)?;
        let token = Secret {
            name: "operator's token",
            variable: "OFFPAY_ADMIN_TOKEN",
            file: self.token_file.as_deref(),
        };
        let token = token
            .get()
            .context("give the operator's token with --token-file FILE")?;
        Ok(AdminServer::new(address, token)?)
    }
}

/// A whole list, page by page.
pub(super) async fn all<T: DeserializeOwned>(
    server: &AdminServer,
    path: &str,
    limit: Option<usize>,
) -> Result<Vec<T>> {
    let most = limit.unwrap_or(MOST).min(MOST);
    let mut items: Vec<T> = Vec::new();
    let mut cursor = String::new();
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let some = most.saturating_sub(items.len()).clamp(1, 200);
        let page: Page<T> = server
            .get(&format!("{path}{sign}limit={some}{cursor}"))
            .await?;
        items.extend(page.items);
        match page.next {
            Some(next) if items.len() < most => cursor = format!("&cursor={next}"),
            _ => {
                items.truncate(most);
                return Ok(items);
            }
        }
    }
}

/// How the server's token is shown.
pub(super) async fn unit(server: &AdminServer) -> Unit {
    let view: Option<OperatorView> = server.get("operator").await.ok();
    Unit::told(view.map(|view| (view.symbol, view.decimals)))
}

/// A list as JSON.
#[derive(Serialize)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}

/// A list as JSON, or `nothing` in words.
pub(super) fn told_empty<T>(items: &[T], output: &Output, nothing: &str) -> Result<bool> {
    if items.is_empty() {
        output.line(nothing)?;
    }
    Ok(items.is_empty())
}

//! The operator's own endpoints, with the operator's token.

use std::{fmt::Write as _, io, time::Duration};

use anyhow::{Context as _, Error, Result};
use offpay_api::Code;
use reqwest::RequestBuilder;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Server, ServerAddress, ServerError};

/// How long an export may take.
const EXPORT_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an audit or a rotation may take to answer.
const WORK_WITHIN: Duration = Duration::from_secs(300);

/// A server whose operator asks.
#[derive(Debug)]
pub(crate) struct AdminServer {
    server: Server,
    token: Zeroizing<String>,
}

impl AdminServer {
    /// The server at an address. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ServerError::TokenNotPrivate`] where others could read the token on the way.
    pub(crate) fn new(
        address: ServerAddress,
        token: Zeroizing<String>,
    ) -> Result<Self, ServerError> {
        if !address.is_private() {
            let host = address.host().to_owned();
            return Err(ServerError::TokenNotPrivate { host });
        }
        Ok(Self {
            server: Server::new(address)?,
            token,
        })
    }

    /// Asks for something under `/v1/`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = self.server.address.endpoint(&format!("v1/{path}"));
        self.ask(self.server.client.get(url)).await
    }

    /// Has something done under `/v1/`.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let url = self.server.address.endpoint(&format!("v1/{path}"));
        let request = self
            .server
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("idempotency-key", unique()?)
            .body(serde_json::to_vec(body)?);
        self.ask(request).await
    }

    /// Hands what is under `/v1/` to `sink`, piece by piece. What was cut off is an error.
    pub(crate) async fn download(
        &self,
        path: &str,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<()> {
        let url = self.server.address.endpoint(&format!("v1/{path}"));
        let request = self.server.client.get(url).timeout(EXPORT_WITHIN);
        let lost = |_| self.server.unreachable();
        let mut response = self.signed(request).send().await.map_err(lost)?;
        if !response.status().is_success() {
            let status = response.status();
            let body = response.bytes().await.map_err(lost)?;
            return Err(said(self.server.refusal(status, &body)));
        }
        while let Some(piece) = response.chunk().await.map_err(|_| ServerError::CutOff {
            host: self.server.host(),
        })? {
            sink(&piece).context("what the server told cannot be written")?;
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let request = self.signed(request).timeout(WORK_WITHIN);
        self.server.ask(request).await.map_err(said)
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.token.as_str())
    }
}

/// What to do about a refusal, in front of what the server says.
fn said(error: ServerError) -> Error {
    let words = match &error {
        ServerError::Refused { problem, .. } => match problem.code {
            Code::Unauthorized | Code::Forbidden => {
                "the server does not know this token as its operator's: give another with --token-file, \
                 OFFPAY_ADMIN_TOKEN or OFFPAY_ADMIN_TOKEN_FILE"
            }
            _ => return error.into(),
        },
        ServerError::Unreachable { .. } => {
            "is it running, and is this its address? (--server, OFFPAY_SERVER)"
        }
        _ => return error.into(),
    };
    Error::new(error).context(words)
}

/// A key that is used for one request.
fn unique() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).context("this system gives no random bytes")?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

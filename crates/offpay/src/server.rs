//! An operator's server, over HTTP. Nothing that it says is believed here: what counts is signed, and the wallet checks
//! it.

use std::{cell::Cell, time::Duration};

use offpay_api::Problem;
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde::{Serialize, de::DeserializeOwned};

mod address;
mod admin;
mod endpoints;
mod error;

pub(crate) use address::ServerAddress;
pub(crate) use admin::AdminServer;
pub(crate) use error::ServerError;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How long an answer may take, to its last byte.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The longest answer that is read: a list of half a million purses that are closing.
const LONGEST_ANSWER: usize = 24 * 1024 * 1024;

/// An operator's server.
#[derive(Debug)]
pub(crate) struct Server {
    address: ServerAddress,
    client: Client,
    /// It did not answer: it is not asked again in this run, so that nobody waits for it over and over.
    silent: Cell<bool>,
}

impl Server {
    /// The server at an address. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// HTTPS cannot be set up on this machine.
    pub(crate) fn new(address: ServerAddress) -> Result<Self, ServerError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            // A payment goes to the operator that was chosen, and nowhere else.
            .redirect(Policy::none())
            .user_agent(concat!("offpay/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            client: client.map_err(|_| ServerError::Setup)?,
            address,
            silent: Cell::new(false),
        })
    }

    /// Whether it did not answer a moment ago.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent.get()
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ServerError> {
        self.ask(self.client.get(self.address.endpoint(path))).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ServerError> {
        let body = serde_json::to_vec(body).map_err(|_| ServerError::Setup)?;
        let request = self.client.post(self.address.endpoint(path));
        let request = request.header("content-type", "application/json");
        self.ask(request.body(body)).await
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ServerError> {
        if self.silent.get() {
            return Err(self.unreachable());
        }
        match self.answer(request).await {
            Ok((status, body)) if status.is_success() => {
                // An answer without a body says nothing more than that it was done.
                let body: &[u8] = if body.is_empty() { b"null" } else { &body };
                serde_json::from_slice(body).map_err(|_| self.unreadable(status))
            }
            Ok((status, body)) => Err(self.refusal(status, &body)),
            Err(error) => {
                self.silent
                    .set(matches!(error, ServerError::Unreachable { .. }));
                Err(error)
            }
        }
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ServerError {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => ServerError::Refused {
                host: self.host(),
                problem: Box::new(problem),
            },
            Err(_) => self.unreadable(status),
        }
    }

    /// The answer's body, which is not read beyond what any answer can be.
    async fn answer(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), ServerError> {
        let lost = |_| self.unreachable();
        let mut response = request.send().await.map_err(lost)?;
        let (status, mut body) = (response.status(), Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
                return Err(self.unreadable(status));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }

    fn host(&self) -> String {
        self.address.host().to_owned()
    }

    fn unreachable(&self) -> ServerError {
        ServerError::Unreachable { host: self.host() }
    }

    fn unreadable(&self, status: StatusCode) -> ServerError {
        ServerError::Unreadable {
            host: self.host(),
            status: status.as_u16(),
        }
    }
}

#[cfg(test)]
mod tests;

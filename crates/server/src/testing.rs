//! A whole server for tests: real HTTP on a free port, a chain of its own, a database of either engine.

use std::{future::Future, io};

use offpay_chain::{ChainError, Contract, Token};
use offpay_protocol::{Amount, Seconds};
use offpay_store::testing::{Engine, PostgresError, PostgresServer};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;
use tempfile::TempDir;
use thiserror::Error;

use crate::{
    App, Config, Running, StartError,
    local::{Local, LocalError, LocalOptions},
    start,
};

pub mod proxy;
pub mod secrets;

/// Why there is no server to test.
#[derive(Debug, Error)]
pub enum TestServerError {
    /// No folder.
    #[error(transparent)]
    Folder(#[from] io::Error),
    /// No chain.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// No PostgreSQL.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// It does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The chain cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// HTTP failed, or the answer is no JSON.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// A server with a chain of its own. It is gone, with its data, when this is dropped.
pub struct TestServer {
    /// The chain and the configuration.
    pub local: Local,
    /// The folder of everything.
    pub folder: TempDir,
    running: Option<Running>,
    client: reqwest::Client,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` if it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The problem's code; empty if it is no problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl TestServer {
    /// Starts one on SQLite.
    ///
    /// # Errors
    ///
    /// [`TestServerError`].
    pub async fn start() -> Result<Self, TestServerError> {
        Self::start_with(Engine::Sqlite, |_| {}).await
    }

    /// Starts one with other settings.
    ///
    /// # Errors
    ///
    /// [`TestServerError`].
    pub async fn start_with(
        engine: Engine,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, TestServerError> {
        Self::start_on(engine, &LocalOptions::default(), change).await
    }

    /// Starts one on another kind of chain: for example with later finality, for reorganizations.
    ///
    /// # Errors
    ///
    /// [`TestServerError`].
    pub async fn start_on(
        engine: Engine,
        options: &LocalOptions,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, TestServerError> {
        let folder = tempfile::tempdir()?;
        let mut local = Local::open(folder.path(), options).await?;
        secrets::note_keys(folder.path());
        // As little as Argon2 allows: it protects nothing, and tests register often.
        local.config.accounts.password.memory_kib = 8;
        // Tests call from one address, and often.
        local.config.http.requests_per_minute = 0;
        local.config.http.caller_requests_per_minute = 0;
        if engine == Engine::Postgres {
            let url = PostgresServer::shared()?.new_database().await?;
            local.config.database.url = url.as_str().into();
        }
        change(&mut local.config);
        let running = start(local.config.clone()).await?;
        let server = Self {
            local,
            folder,
            running: Some(running),
            client: reqwest::Client::new(),
        };
        server.faucet_is_filled().await?;
        Ok(server)
    }

    /// Waits until the server has done what it does first with the faucet's key: tests mint with it as well, and two
    /// must not choose its nonces at once.
    async fn faucet_is_filled(&self) -> Result<(), TestServerError> {
        let app = self.app();
        let given_none = app.config.money.faucet_amount == Some(Amount::ZERO);
        let Some(giver) = app.keys.token_owner.as_ref().filter(|_| !given_none) else {
            return Ok(());
        };
        let (token, contract) = (self.token(), self.contract().address());
        let filled = || async {
            let stock = token.balance(giver.address()).await.ok()?;
            let allowed = token.allowance(giver.address(), contract).await.ok()?;
            (!stock.is_zero() && !allowed.is_zero()).then_some(())
        };
        eventually("a filled faucet", filled).await;
        Ok(())
    }

    /// Stops the server as Ctrl-C does. The chain goes on.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts it again, on another port, with the same data.
    ///
    /// # Errors
    ///
    /// [`TestServerError`].
    pub async fn start_again(&mut self) -> Result<(), TestServerError> {
        self.stop().await;
        self.running = Some(start(self.local.config.clone()).await?);
        Ok(())
    }

    /// What its handlers are handed.
    ///
    /// # Panics
    ///
    /// It was stopped.
    #[expect(clippy::expect_used, reason = "a test that stopped it is wrong")]
    pub fn app(&self) -> &App {
        self.running.as_ref().expect("it was stopped").app()
    }

    /// The contract.
    pub fn contract(&self) -> &Contract {
        &self.app().contract
    }

    /// The contract's token.
    pub fn token(&self) -> Token {
        Token::new(
            self.contract().node(),
            self.contract().configuration().token,
        )
    }

    /// The URL of a path.
    ///
    /// # Panics
    ///
    /// It was stopped.
    #[expect(clippy::expect_used, reason = "a test that stopped it is wrong")]
    pub fn url(&self, path: &str) -> String {
        let running = self.running.as_ref().expect("it was stopped");
        format!("http://{}{path}", running.address())
    }

    /// The client, for requests that are out of the ordinary.
    pub const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// `GET`, with a session's or access token, or without.
    ///
    /// # Errors
    ///
    /// HTTP failed.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, TestServerError> {
        self.send(Method::GET, path, token, None, &[]).await
    }

    /// `POST`, with a token or without.
    ///
    /// # Errors
    ///
    /// HTTP failed.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Answer, TestServerError> {
        self.send(Method::POST, path, token, Some(body), &[]).await
    }

    /// Any request.
    ///
    /// # Errors
    ///
    /// HTTP failed.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, TestServerError> {
        let mut request = self.client.request(method, self.url(path));
        if let Some(token) = token {
            secrets::note(token);
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            secrets::note_fields(body);
            request = request.json(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        // A problem's `code` is no secret.
        if status.is_success() {
            secrets::note_fields(&body);
            secrets::note_account(self.app(), &body["user"]).await;
        }
        Ok(Answer {
            status,
            headers,
            body,
            text,
        })
    }

    /// Lets the chain's time pass, and makes everything until then final.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn pass(&self, time: Seconds) -> Result<(), TestServerError> {
        self.local.chain.pass(time).await?;
        self.finalize().await
    }

    /// Makes everything final that happened on the chain, where an epoch has one block.
    ///
    /// # Errors
    ///
    /// The chain cannot be asked.
    pub async fn finalize(&self) -> Result<(), TestServerError> {
        Ok(self.local.chain.mine(2).await?)
    }
}

/// Asks again and again until it is so, or 30 seconds are over. For what a loop does when it gets to it.
///
/// # Panics
///
/// It was not so in time.
pub async fn eventually<F, T>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    for _ in 0..600 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not in 30 seconds: {what}");
}

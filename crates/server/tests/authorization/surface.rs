//! The HTTP surface, by requests made of bytes: the real router over a real database and chain, without a network between.
//!
//! Whatever is asked: no panic and no 500; every error is a problem with all that docs/api.md names; who is nobody is let
//! in nowhere but where the table says so; bodies beyond the limit are refused; an answer comes. In `make test` the bytes
//! come from a fixed seed; with `HTTP_FUZZ_SECONDS` from new ones for so long (`make fuzz`). What fails is made smaller, and
//! its bytes are printed: `HTTP_FUZZ_BYTES=<hex>` plays them.

mod choices;
mod document;
mod request;
mod words;

use std::time::{Duration, Instant};

use alloy_primitives::hex;
use axum::{
    Router,
    body::to_bytes,
    http::{HeaderMap, Method, StatusCode, header},
};
use offpay_api::Problem;
use offpay_operator::identity::Scope;
use offpay_protocol::Amount;
use offpay_server::{Config, http, testing::TestServer};
use offpay_store::testing::Engine;
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config as Cases, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::{
    actors::{OPERATOR, hosted, token, with_own_key},
    table::{Row, Who, rows},
};
use choices::Choices;
use document::{Document, Endpoint};
use request::{Caller, Made, Maker};
use words::Words;

/// The largest body of the server that is asked.
const LIMIT: usize = 4_096;

/// How long an answer may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests in a row by one set of users, at most.
const MOST: usize = 12;

/// What the requests are made of in `make test`.
const SEED: [u8; 32] = *b"the surface, the same every time";

/// How many rows of requests in `make test`.
const CASES: u32 = 120;

/// Who asks in a row of requests.
struct Users {
    words: Words,
    session: String,
    tokens: [String; 3],
}

impl Users {
    async fn register(server: &TestServer) -> Self {
        let (ana, own) = (hosted(server).await, with_own_key(server).await);
        let (id, app) = token(server, &ana, &Scope::ALL).await;
        Self {
            words: Words {
                known: vec![ana.id, ana.account, own.id, own.account, id],
            },
            session: ana.session,
            tokens: [app, own.session, OPERATOR.to_owned()],
        }
    }

    fn maker<'a>(&'a self, document: &'a Document, endpoints: &'a [Endpoint<'a>]) -> Maker<'a> {
        Maker {
            document,
            endpoints,
            words: &self.words,
            session: self.session.clone(),
            operator: OPERATOR.to_owned(),
            tokens: &self.tokens,
        }
    }
}

struct Surface {
    server: TestServer,
    router: Router,
    rows: Vec<Row>,
    document: Document,
}

/// Whether a path as it was sent is of this endpoint.
fn is_of(row: &Row, made: &Made) -> bool {
    let method = if made.method == Method::HEAD {
        "GET"
    } else {
        made.method.as_str()
    };
    let (mut sent, mut known) = (made.path().split('/'), row.path.split('/'));
    method == row.method
        && loop {
            match (sent.next(), known.next()) {
                (None, None) => break true,
                (Some(sent), Some(known)) if known.starts_with('{') || sent == known => {}
                _ => break false,
            }
        }
}

fn is_problem(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
    let kind = headers.get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/problem+json") {
        return Err(format!("an error that says it is {kind:?}"));
    }
    let problem: Problem = serde_json::from_slice(body)
        .map_err(|error| format!("an error that is no problem: {error}"))?;
    let code = problem.code;
    let wait = headers
        .get(header::RETRY_AFTER)
        .and_then(|wait| wait.to_str().ok());
    let checks = [
        (
            problem.kind == format!("/problems/{}", code.name()),
            "its type is not its code's",
        ),
        (problem.title == code.title(), "its title is not its code's"),
        (problem.status == status.as_u16(), "its status is another"),
        (
            code.status() == status.as_u16(),
            "its code has another status",
        ),
        (!problem.detail.trim().is_empty(), "it says nothing"),
        (
            !problem.retryable || wait.is_some_and(|wait| wait.parse::<u64>().is_ok()),
            "it can be tried again, and does not say when",
        ),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(format!("a problem of which {why}: {problem:?}")),
        None => Ok(()),
    }
}

impl Surface {
    async fn open() -> Self {
        let server = TestServer::start_with(Engine::Sqlite, |config: &mut Config| {
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(OPERATOR));
            config.accounts.admin_token_sha256 = Some(hash);
            config.money.faucet_amount = Some(Amount::ZERO);
            config.http.body_limit = LIMIT;
        })
        .await
        .unwrap();
        let document = server.get("/openapi.json", None).await.unwrap().body;
        Self {
            router: http::router(server.app()),
            server,
            rows: rows(),
            document: Document(document),
        }
    }

    /// Asks, and judges the answer.
    async fn ask(&self, made: &Made) -> Result<(), String> {
        let Some(request) = made.request() else {
            return Ok(());
        };
        let asked = async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.into_parts();
            let kind = parts.headers.get(header::CONTENT_TYPE);
            // A stream of events has no end.
            let body = if kind.is_some_and(|kind| kind == "text/event-stream") {
                Vec::new()
            } else {
                let body = to_bytes(body, usize::MAX).await;
                body.map_err(|error| format!("its answer breaks off: {error}"))?
                    .to_vec()
            };
            Ok::<_, String>((parts.status, parts.headers, body))
        };
        let (status, headers, body) = tokio::time::timeout(PATIENCE, asked)
            .await
            .map_err(|_| "no answer".to_owned())??;
        self.judge(made, status, &headers, &body)
    }

    fn judge(
        &self,
        made: &Made,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), String> {
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            return Err(format!("{status}: {}", String::from_utf8_lossy(body)));
        }
        if !headers.contains_key("x-request-id") {
            return Err("an answer without a request's id".to_owned());
        }
        let readable =
            made.method != Method::HEAD && !headers.contains_key(header::CONTENT_ENCODING);
        if readable && (status.is_client_error() || status.is_server_error()) {
            is_problem(status, headers, body)?;
        }
        let row = self.rows.iter().find(|row| is_of(row, made));
        let closed = row.is_some_and(|row| row.who != Who::Anybody);
        if closed && matches!(made.caller, Caller::Nobody(_)) && status.is_success() {
            return Err(format!("nobody was let in: {status}"));
        }
        let is_stream = made.path() == "/v1/payments/stream";
        if made.body.len() > LIMIT && row.is_some() && !is_stream {
            // The body of a POST is read before anything is decided, if there is time.
            let refused = [
                StatusCode::PAYLOAD_TOO_LARGE,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            let taken = match made.method {
                Method::POST => !refused.contains(&status),
                Method::PUT | Method::PATCH => status.is_success(),
                _ => false,
            };
            if taken {
                return Err(format!("{} bytes were taken: {status}", made.body.len()));
            }
        }
        Ok(())
    }

    /// A row of requests by new users, out of bytes. How many were asked.
    async fn play(&self, bytes: &[u8]) -> Result<u64, String> {
        let users = Users::register(&self.server).await;
        let endpoints = self.document.endpoints();
        let maker = users.maker(&self.document, &endpoints);
        let mut choices = Choices(bytes);
        let mut asked = 0;
        while !choices.is_empty() && asked < MOST {
            let made = maker.make(&mut choices);
            asked += 1;
            self.ask(&made)
                .await
                .map_err(|why| format!("{why}\nafter {asked} requests: {made:?}"))?;
        }
        Ok(asked as u64)
    }

    /// Every endpoint as it wants to be asked, by nobody; and by who may, with more than it takes. Chance would leave some out.
    async fn every_door(&self) -> u64 {
        let users = Users::register(&self.server).await;
        let endpoints = self.document.endpoints();
        let maker = users.maker(&self.document, &endpoints);
        let mut asked = 0;
        for (place, endpoint) in endpoints.iter().enumerate() {
            let place = u8::try_from(place).expect("a byte chooses among the endpoints");
            // The endpoint, then nobody. Every choice behind is the first.
            let nobody = maker.make(&mut Choices(&[place, 0]));
            assert_eq!(nobody.caller, Caller::Nobody(None));
            let mut too_much = nobody.clone();
            too_much.caller = maker.who_may(endpoint);
            if !too_much.body.is_empty() {
                too_much.body.splice(0..0, [b' '; LIMIT]);
            }
            for made in [nobody, too_much] {
                asked += 1;
                if let Err(why) = self.ask(&made).await {
                    panic!("{why}\n{made:?}");
                }
            }
        }
        asked
    }

    /// What runs beside the requests still runs.
    async fn is_well(&self) {
        for path in ["/healthz", "/readyz"] {
            let answer = self.server.get(path, None).await.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
    }
}

/// So many rows of requests out of a seed. How many requests that were.
fn cases(runtime: &tokio::runtime::Runtime, surface: &Surface, seed: &[u8; 32], count: u32) -> u64 {
    let config = Cases {
        cases: count,
        failure_persistence: None,
        // Each plays the whole row anew.
        max_shrink_iters: 200,
        ..Cases::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, seed);
    let asked = std::cell::Cell::new(0);
    let mut runner = TestRunner::new_with_rng(config, random);
    let found = runner.run(&vec(any::<u8>(), 0..600), |bytes| {
        let played = runtime.block_on(surface.play(&bytes));
        asked.set(asked.get() + played.map_err(TestCaseError::fail)?);
        Ok(())
    });
    match found {
        Ok(()) => asked.get(),
        Err(TestError::Fail(why, bytes)) => {
            panic!("HTTP_FUZZ_BYTES={}\n{why}", hex::encode(bytes))
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "scripts/fuzz reads how much was asked")]
fn o152_whatever_is_asked_is_answered_by_what_was_asked_for_or_a_problem() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let surface = runtime.block_on(Surface::open());
    if let Ok(bytes) = std::env::var("HTTP_FUZZ_BYTES") {
        let bytes = hex::decode(bytes).unwrap();
        runtime.block_on(surface.play(&bytes)).unwrap();
        return;
    }
    let doors = runtime.block_on(surface.every_door());
    let seconds = std::env::var("HTTP_FUZZ_SECONDS").ok();
    let asked = match seconds.map(|seconds| seconds.parse().unwrap()) {
        None => cases(&runtime, &surface, &SEED, CASES),
        Some(seconds) => {
            let end = Instant::now() + Duration::from_secs(seconds);
            let mut asked = 0;
            while Instant::now() < end {
                let seed = rand_seed();
                asked += cases(&runtime, &surface, &seed, CASES);
            }
            asked
        }
    };
    runtime.block_on(surface.is_well());
    println!("{{\"execs\":{}}}", asked + doors);
    // Otherwise it asks nothing, or almost: `CASES` rows of up to `MOST`.
    assert!(asked > u64::from(CASES), "{asked}");
}

fn rand_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    seed
}

//! `POST /v1/payments/stream`

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::State,
    http::{header, request::Parts},
    response::{IntoResponse as _, Response},
};
use bytes::BytesMut;
use futures_util::{Stream, StreamExt as _, stream};
use offpay_api::{Code, Problem, payments::ClearingResult};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    clearing::{MOST_TOGETHER, WhenFull},
    http::CallerAddress,
    shards,
};

const LINES: &str = "application/x-ndjson";

/// The longest line. A payment has about 600 bytes.
const LONGEST: usize = 4_096;

/// How many groups of lines of one stream are worked on at once. Then nothing more is read of it.
const AT_ONCE: usize = 8;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// Records and clears payments for as long as the client sends some: a line of JSON for each, and a line of answer for
/// each, in the same order. Blank lines are passed over.
///
/// Answers come while the request still goes on, over HTTP/1.1: a client reads while it writes. Who does not read is not
/// read from. What was sent and not answered may be recorded: hand it in again. The stream ends when the client ends it,
/// when no line came for as long as a request may take, and when the server stops.
#[utoipa::path(
    post, path = "/v1/payments/stream", tag = "clearing",
    request_body(
        content = String, content_type = "application/x-ndjson",
        description = "Payments in their full form, one in each line of at most 4,096 bytes",
    ),
    responses(
        (
            status = 200, description = "What became of each, one in each line",
            body = ClearingResult, content_type = "application/x-ndjson",
        ),
    ),
)]
async fn stream(State(app): State<App>, parts: Parts, body: Body) -> Response {
    let caller = CallerAddress::of(&parts, &app);
    let lines = Lines {
        body: body.into_data_stream(),
        rest: BytesMut::new(),
        ended: false,
        caller,
        app: app.clone(),
    };
    let answers = groups(lines)
        .map(move |group| {
            let app = app.clone();
            // A task of its own: what was taken is finished, also when the client goes away.
            let work = app
                .tasks
                .clone()
                .spawn(async move { answer(&app, group).await });
            async move { Ok::<_, Infallible>(work.await.unwrap_or_default()) }
        })
        .buffered(AT_ONCE);
    ([(header::CONTENT_TYPE, LINES)], Body::from_stream(answers)).into_response()
}

/// What came at once.
enum Group {
    Rows(Vec<Bytes>),
    /// Nothing more is read.
    End(Problem),
}

async fn answer(app: &App, group: Group) -> Bytes {
    let results = match group {
        Group::Rows(rows) => {
            // Servers hand on batches alone: a stream comes from a client.
            shards::clear_rows(app, rows, WhenFull::Wait, false).await
        }
        Group::End(problem) => vec![ClearingResult::Problem(Box::new(problem))],
    };
    let mut text = Vec::with_capacity(results.len().saturating_mul(1_600));
    for result in results {
        // There is nothing in it that JSON does not have.
        if serde_json::to_writer(&mut text, &result).is_ok() {
            text.push(b'\n');
        }
    }
    text.into()
}

/// The lines of a request.
struct Lines {
    body: BodyDataStream,
    /// What came and is no whole line yet, or was too much for one group.
    rest: BytesMut,
    ended: bool,
    caller: CallerAddress,
    app: App,
}

fn groups(lines: Lines) -> impl Stream<Item = Group> {
    stream::unfold(lines, |mut lines| async move {
        let group = lines.next().await?;
        Some((group, lines))
    })
}

impl Lines {
    /// The lines that are there; waits for the first.
    async fn next(&mut self) -> Option<Group> {
        loop {
            let rows = self.take();
            if !rows.is_empty() {
                self.app.limits.pace(&self.app, self.caller).await;
                return Some(Group::Rows(rows));
            }
            if self.line().unwrap_or(self.rest.len()) > LONGEST {
                self.ended = true;
                self.rest.clear();
                let detail = format!("a line has at most {LONGEST} bytes: the stream ends here");
                return Some(Group::End(Problem::new(Code::TooLarge, detail)));
            }
            if self.ended {
                return None;
            }
            self.read().await;
        }
    }

    /// How long the first line is with its end, if that is there.
    fn line(&self) -> Option<usize> {
        memchr::memchr(b'\n', &self.rest).map(|end| end.saturating_add(1))
    }

    /// Takes whole lines, as many as are cleared together.
    fn take(&mut self) -> Vec<Bytes> {
        let mut rows = Vec::new();
        while rows.len() < MOST_TOGETHER
            && let Some(length) = self.line().filter(|length| *length <= LONGEST)
        {
            let line = self.rest.split_to(length).freeze();
            let text = line.trim_ascii();
            if !text.is_empty() {
                rows.push(line.slice_ref(text));
            }
        }
        rows
    }

    async fn read(&mut self) {
        let patience = Duration::from_secs(self.app.config.http.request_timeout);
        let read = tokio::select! {
            () = self.app.drain.cancelled() => None,
            read = tokio::time::timeout(patience, self.body.next()) => read.ok(),
        };
        match read {
            Some(Some(Ok(bytes))) => self.rest.extend_from_slice(&bytes),
            // The last line may do without an end.
            Some(None) => {
                self.ended = true;
                if !self.rest.is_empty() {
                    self.rest.extend_from_slice(b"\n");
                }
            }
            // A line that was cut short is none.
            Some(Some(Err(_))) | None => {
                self.ended = true;
                self.rest.clear();
            }
        }
    }
}

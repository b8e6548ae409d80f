//! `GET /v1/events`: what happened, as a list or as a stream that can be resumed.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{
        IntoResponse as _, Response,
        sse::{Event as Sent, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use offpay_api::{
    Code, Problem,
    events::{Event, Events},
    page::PageQuery,
};
use offpay_operator::{
    UserId, event::Event as Logged, identity::Scope, storage::EventStorage as _,
};
use tokio::sync::watch;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Caller, problem::Refused};

/// A comment is sent this often, so that proxies do not take the silence for the end.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How many events are read at once.
const PAGE: u32 = 100;

/// What happened to the caller's account, oldest first.
///
/// With `Accept: text/event-stream` it is a stream (server-sent events) that begins behind `Last-Event-ID`, or `cursor`,
/// or else with the next event, and goes on. Each event's `id` is its cursor, its `data` an event as in the list.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "events",
    params(PageQuery),
    responses(
        (status = 200, description = "A page, or the stream", content(
            (Events = "application/json"),
            (String = "text/event-stream")
        ))
    )
)]
async fn events(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    caller.require(Scope::Read)?;
    answer(app, Some(caller.user), &query, &headers).await
}

/// The page or the stream of a user's events; of all for the operator (`None`).
pub(crate) async fn answer(
    app: App,
    audience: Option<UserId>,
    query: &PageQuery,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let streams =
        text(header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/event-stream"));
    let given = text("last-event-id")
        .filter(|_| streams)
        .or(query.cursor.as_deref());
    let given = given.map(cursor).transpose()?;
    if streams {
        let cursor = match given {
            Some(cursor) => cursor,
            None => app.database.last_event().await?,
        };
        let events = stream(app, audience, cursor);
        let alive = KeepAlive::new().interval(HEARTBEAT);
        return Ok(Sse::new(events).keep_alive(alive).into_response());
    }
    let cursor = given.unwrap_or_default();
    let found = app
        .database
        .events_after(audience, cursor, query.limit())
        .await?;
    let next = found.last().map_or(cursor, |event| event.sequence);
    Ok(Json(Events {
        items: found.into_iter().map(shown).collect(),
        next: next.to_string(),
    })
    .into_response())
}

fn cursor(text: &str) -> Result<i64, Problem> {
    text.parse()
        .ok()
        .filter(|cursor| *cursor >= 0)
        .ok_or_else(|| {
            Problem::new(
                Code::InvalidRequest,
                "a cursor is the id of an event, or what `next` was",
            )
        })
}

pub(crate) fn shown(event: Logged) -> Event {
    Event {
        id: event.sequence.to_string(),
        at: event.at,
        kind: event.kind,
        body: event.body,
    }
}

struct Reader {
    app: App,
    audience: Option<UserId>,
    cursor: i64,
    read: VecDeque<Logged>,
    changed: watch::Receiver<i64>,
}

fn stream(
    app: App,
    audience: Option<UserId>,
    cursor: i64,
) -> impl Stream<Item = Result<Sent, Infallible>> {
    let changed = app.event_log.watch();
    let reader = Reader {
        app,
        audience,
        cursor,
        read: VecDeque::new(),
        changed,
    };
    stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        let sent = Sent::default()
            .id(event.sequence.to_string())
            .event(&event.kind);
        let sent = sent
            .json_data(shown(event))
            .unwrap_or_else(|_| Sent::default().comment("not to be shown"));
        Some((Ok(sent), reader))
    })
}

impl Reader {
    /// The next event; nothing when the server stops, or the database does not answer: the client comes again with
    /// its cursor.
    async fn next(&mut self) -> Option<Logged> {
        loop {
            if let Some(event) = self.read.pop_front() {
                self.cursor = event.sequence;
                return Some(event);
            }
            // Before the log is read: what comes meanwhile is seen as a change.
            self.changed.mark_unchanged();
            let found = self
                .app
                .database
                .events_after(self.audience, self.cursor, PAGE)
                .await
                .ok()?;
            self.read = found.into();
            if self.read.is_empty() {
                tokio::select! {
                    () = self.app.drain.cancelled() => return None,
                    changed = self.changed.changed() => changed.ok()?,
                }
            }
        }
    }
}

/// The endpoint.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

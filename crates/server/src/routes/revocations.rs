//! `GET /v1/revocations`

use axum::{
    Json,
    extract::{Query, State},
};
use offpay_api::{
    Code, Problem,
    revocations::{RevocationsQuery, RevocationsView},
};
use offpay_operator::storage::clearing::RevocationStorage as _;
use offpay_protocol::{Signed, messages::Revocations};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, problem::Refused};

/// How often a read is begun anew because a new list was signed in between.
const MOST_TURNS: u32 = 5;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(revocations))
}

/// The purses that are closing, signed: all of them, or what changed since a list that the reader has. A version that
/// this server never signed is answered with all of them, `since` 0.
#[utoipa::path(
    get, path = "/v1/revocations", tag = "clearing", params(RevocationsQuery),
    responses(
        (status = 200, description = "The newest list", body = RevocationsView),
        (status = 503, description = "No list is signed yet", body = Problem),
    ),
)]
async fn revocations(
    State(app): State<App>,
    Query(query): Query<RevocationsQuery>,
) -> Result<Json<RevocationsView>, Refused> {
    for _ in 0..MOST_TURNS {
        let Some(list) = app.database.newest_revocations().await? else {
            break;
        };
        let Revocations { version, .. } = list.revocations;
        let since = query.since.filter(|since| *since <= version).unwrap_or(0);
        let changes = app.database.revocation_changes(since).await?;
        // Changes of a newer list would not fit what is signed.
        let newest = app.database.newest_revocations().await?;
        if newest.as_ref() != Some(&list) {
            continue;
        }
        let signed = Signed {
            domain: *app.contract.domain(),
            message: list.revocations,
            signature: list.signature,
        };
        let operator = signed.signer().map_err(|error| {
            tracing::error!(%error, "a stored list's signature");
            Problem::new(Code::Internal, "the newest list cannot be read")
        })?;
        return Ok(Json(RevocationsView {
            operator,
            revocations: signed,
            since,
            added: changes.added,
            removed: changes.removed,
        }));
    }
    Err(Problem::new(Code::Unavailable, "no list is signed yet: try again").into())
}

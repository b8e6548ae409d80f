//! `GET /v1/purses/{purse}/certificate`, `POST /v1/purses/{purse}/certificate`

use axum::{
    Json,
    extract::{Path, State},
};
use offpay_api::{Code, Problem, certificates::CertificateView};
use offpay_protocol::{PurseKey, certificate::NotCertifiable};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::named;
use crate::{
    App,
    clearing::{CertificateError, certificate},
    problem::Refused,
};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, post))
}

/// A fresh certificate of a purse: its terms in the newest final block, signed. It counts for a day at most.
#[utoipa::path(
    get, path = "/v1/purses/{purse}/certificate", tag = "clearing",
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 200, description = "The certificate", body = CertificateView),
        (status = 404, description = "No final block has the purse open, or not yet", body = Problem),
        (status = 409, description = "The purse ends, is in default, or signed a double spend", body = Problem),
        (status = 503, description = "The chain is followed too far behind", body = Problem),
    ),
)]
async fn get(
    State(app): State<App>,
    Path(purse): Path<String>,
) -> Result<Json<CertificateView>, Refused> {
    fresh(&app, &purse).await
}

/// The same as with GET: for clients that never want a stored answer.
#[utoipa::path(
    post, path = "/v1/purses/{purse}/certificate", tag = "clearing",
    params(("purse" = String, Path, description = "The purse's key")),
    responses(
        (status = 200, description = "The certificate", body = CertificateView),
        (status = 404, description = "No final block has the purse open, or not yet", body = Problem),
        (status = 409, description = "The purse ends, is in default, or signed a double spend", body = Problem),
        (status = 503, description = "The chain is followed too far behind", body = Problem),
    ),
)]
async fn post(
    State(app): State<App>,
    Path(purse): Path<String>,
) -> Result<Json<CertificateView>, Refused> {
    fresh(&app, &purse).await
}

async fn fresh(app: &App, purse: &str) -> Result<Json<CertificateView>, Refused> {
    let purse: PurseKey = named(purse, "purse")?;
    let (operator, certificate) = certificate(app, purse).await.map_err(refused)?;
    Ok(Json(CertificateView {
        operator,
        certificate,
    }))
}

fn refused(error: CertificateError) -> Refused {
    let code = match &error {
        CertificateError::UnknownPurse { .. } => Code::UnknownPurse,
        CertificateError::NotCertifiable(NotCertifiable::Closing { closes_at }) => {
            return Problem::new(Code::PurseClosing, error.to_string())
                .with(json!({ "closes_at": closes_at }))
                .into();
        }
        CertificateError::NotCertifiable(NotCertifiable::Closed) => Code::PurseClosed,
        CertificateError::NotCertifiable(NotCertifiable::OldState { .. }) => {
            Code::FinalizedStateOld
        }
        CertificateError::InDefault { .. } => Code::PurseInDefault,
        CertificateError::Stopped { .. } => Code::PurseStopped,
        CertificateError::NotReady => Code::Unavailable,
        CertificateError::Signature(_) => Code::Internal,
        CertificateError::Storage(_) => {
            return match error {
                CertificateError::Storage(error) => error.into(),
                other => Problem::new(Code::Internal, other.to_string()).into(),
            };
        }
    };
    Problem::new(code, error.to_string()).into()
}

//! `POST /v1/attestations`

use alloy_primitives::U256;
use axum::{Json, extract::State, http::StatusCode};
use offpay_api::{
    Code, Problem,
    attestations::{Attest, AttestationView},
};
use offpay_chain::ChainError;
use offpay_operator::{identity::Scope, storage::identity::UserStorage as _};
use offpay_protocol::{
    Signable as _,
    messages::Attestation,
    till::till,
    wire::{AttestationCode, Code as WireCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Caller, problem::Refused};

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(attest))
}

/// Has the operator attest that a key speaks for the caller's account, or for one of its tills, under the caller's
/// handle. The key signs requests and receipts, and can spend nothing.
#[utoipa::path(
    post, path = "/v1/attestations", tag = "accounts", request_body = Attest,
    responses(
        (status = 201, description = "The attestation", body = AttestationView),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 403, description = "Access tokens cannot", body = Problem),
    ),
)]
async fn attest(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Attest>,
) -> Result<(StatusCode, Json<AttestationView>), Refused> {
    caller.session()?;
    caller.require(Scope::Manage)?;
    let user = app.database.user(caller.user).await?;
    let name = user
        .and_then(|user| user.handle)
        .map(String::from)
        .ok_or_else(|| {
            Problem::new(
                Code::InvalidRequest,
                "the operator attests handles, and you have none",
            )
        })?;
    // What a key signed does not count once the next one took over.
    let lasts = app
        .now()
        .saturating_add(app.config.money.attestation_lifetime());
    let expires_at = match app.operator_keys.until(app.now()) {
        Some(until) => lasts.min(until),
        None => lasts,
    };
    let attestation = Attestation {
        payee: match body.till {
            Some(number) => till(caller.account, U256::from(number)),
            None => caller.account,
        },
        signer: body.signer.unwrap_or(caller.account).address(),
        name,
        expires_at,
    };
    let domain = app.contract.domain();
    let key = app.operator_keys.at(app.now()).ok_or_else(|| {
        Problem::new(
            Code::Unavailable,
            "no key of the operator signs at this time",
        )
    })?;
    let signature = attestation.sign(domain, key).map_err(ChainError::from)?;
    let code = AttestationCode::new(domain, attestation.clone(), signature);
    let code = WireCode::from(code)
        .to_text()
        .map_err(|error| Problem::new(Code::InvalidRequest, error.to_string()))?;
    let view = AttestationView {
        expires_at: attestation.expires_at,
        attestation,
        signature,
        code,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

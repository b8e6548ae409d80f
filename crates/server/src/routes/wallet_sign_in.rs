//! `POST /v1/sessions/wallet/nonce`, `POST /v1/sessions/wallet`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use offpay_api::{
    Problem,
    sessions::{SignInWithWallet, SignedIn, WalletNonce},
};
use offpay_operator::identity::SignInMethod;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sign_in::{shown_once, signed_in};
use crate::{App, accounts::wallet_sign_in, problem::Refused};

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(nonce))
        .routes(routes!(sign_in))
}

/// A nonce for a message that a wallet signs (EIP-4361).
#[utoipa::path(
    post, path = "/v1/sessions/wallet/nonce", tag = "accounts",
    responses((status = 201, description = "The nonce, and what the message has to name", body = WalletNonce)),
)]
async fn nonce(State(app): State<App>) -> Result<Response, Refused> {
    let (nonce, expires_at) = app.accounts.wallet_nonces.make(app.now())?;
    let answer = WalletNonce {
        nonce,
        domain: wallet_sign_in::domain(&app),
        uri: app.config.http.origin(),
        chain_id: app.contract.domain().chain_id(),
        expires_at,
    };
    Ok(shown_once((StatusCode::CREATED, Json(answer))))
}

/// Sign in with a wallet of one's own. The first time registers its account.
#[utoipa::path(
    post, path = "/v1/sessions/wallet", tag = "accounts", request_body = SignInWithWallet,
    responses(
        (status = 201, description = "Signed in", body = SignedIn),
        (status = 401, description = "The message or its signature is not good", body = Problem),
    ),
)]
async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<SignInWithWallet>,
) -> Result<Response, Refused> {
    let account = wallet_sign_in::signer(&app, &request).await?;
    let user = wallet_sign_in::user_of(&app, account).await?;
    signed_in(&app, &user, SignInMethod::Wallet, &headers).await
}

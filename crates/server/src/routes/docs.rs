//! `GET /openapi.json`, and the same to read and try at `GET /docs`.

use axum::{
    Router,
    http::{HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use crate::App;

/// The page loads its own scripts and calls this server, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// The document and the page.
pub fn routes(document: OpenApi) -> Router<App> {
    let page: Router<App> = SwaggerUi::new("/docs")
        .url("/openapi.json", document)
        .into();
    page.layer(SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        POLICY,
    ))
}

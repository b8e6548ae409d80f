//! HTTP: what surrounds every endpoint.

mod caller_address;
mod cors;
pub(crate) mod errors;
mod headers;
mod idempotency;
mod observe;
mod rate;
mod serve;
mod timeout;

pub use caller_address::CallerAddress;
pub(crate) use idempotency::is_needless as is_key_needless;
pub use idempotency::{IdempotencyKey, forget as forget_answers};
pub use observe::RequestId;
pub use rate::Limits;
pub use serve::serve;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::Response,
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, DefaultPredicate, Predicate as _, predicate::NotForContentType,
    },
};

use crate::{App, routes};

/// What a request goes through on its way to the endpoint. One layer, because each of axum's copies and boxes all that is
/// within it for every request.
async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let once = |request| idempotency::once(&app, request, next);
    // Boxed once here, and small from here on: it is moved from layer to layer before it runs.
    let forward = |request| Box::pin(crate::shards::forward(&app, request, once));
    let in_time = |request| timeout::limit(&app, forward(request));
    errors::as_problems(rate::limit(&app, request, in_time).await).await
}

/// All endpoints, with what surrounds them. The first layer sees a request first and its answer last.
pub fn router(app: &App) -> Router {
    let config = &app.config.http;
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
        .layer(cors::layer(config))
        // Lines are answered one by one: they must not wait for a block of the compression to be full.
        .layer(CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::const_new("application/x-ndjson")),
        ))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .layer(DefaultBodyLimit::max(config.body_limit));
    routes::with_pages()
        .fallback(crate::web::serve)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(layers)
        .with_state(app.clone())
}

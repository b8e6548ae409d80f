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

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, DefaultPredicate, Predicate as _, predicate::NotForContentType,
    },
};

use crate::{App, routes};

/// All endpoints, with what surrounds them. The first layer sees a request first and its answer last.
pub fn router(app: &App) -> Router {
    let config = &app.config.http;
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
        .layer(middleware::from_fn_with_state(app.clone(), headers::add))
        .layer(cors::layer(config))
        // Lines are answered one by one: they must not wait for a block of the compression to be full.
        .layer(CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::const_new("application/x-ndjson")),
        ))
        .layer(middleware::from_fn(errors::as_problems))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), rate::limit))
        .layer(middleware::from_fn_with_state(app.clone(), timeout::limit))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            crate::shards::forward,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            idempotency::once,
        ))
        .layer(DefaultBodyLimit::max(config.body_limit));
    routes::with_pages()
        .fallback(crate::web::serve)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(layers)
        .with_state(app.clone())
}

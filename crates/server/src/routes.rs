//! The endpoints. Each has a file of its own, with its handler and what can go wrong; its types stand in `offpay-api`
//! under the same name.

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// All of them.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

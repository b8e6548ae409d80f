//! `GET /healthz`

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The server runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alive {
    /// The program's version.
    #[schema(example = "0.1.0")]
    pub version: String,
}

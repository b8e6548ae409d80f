//! `GET /readyz`

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the server can do its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// All parts are well, and it is not being stopped.
    pub ready: bool,
    /// The parts: `database`, `node`, and each loop. `true`: well.
    pub parts: BTreeMap<String, bool>,
}

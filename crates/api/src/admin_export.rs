//! `GET /v1/admin/export/{what}`: everything of a kind, for taking it elsewhere.

use serde::Deserialize;
use utoipa::IntoParams;

/// In which form, and from where on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// `ndjson` (a JSON object to a line; without it) or `csv`.
    pub format: Option<String>,
    /// The `cursor` of the last line that you have: it goes on behind it.
    pub cursor: Option<String>,
}

//! What an operator configures. Each area has a section, with a default for everything that has a sensible one.

use serde::Deserialize;

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}

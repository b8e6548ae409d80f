//! `GET /v1/revocations`: the purses that are closing.

use offpay_protocol::{OperatorId, PurseKey, Signed, messages::Revocations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// From which list on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RevocationsQuery {
    /// The version of the list that the reader has: only what changed since is answered. All of it without.
    pub since: Option<u64>,
}

/// The newest list, as what changed since another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevocationsView {
    /// Who signed it.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// What is signed: the newest list's version, its digest, and the time that it is of.
    #[schema(value_type = Object)]
    pub revocations: Signed<Revocations>,
    /// The version of the list that the changes are from; 0 for the empty list, which is before the first.
    pub since: u64,
    /// Purses that came onto the list.
    #[schema(value_type = Vec<String>)]
    pub added: Vec<PurseKey>,
    /// Purses that left it: they are closed.
    #[schema(value_type = Vec<String>)]
    pub removed: Vec<PurseKey>,
}

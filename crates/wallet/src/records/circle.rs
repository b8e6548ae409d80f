use offpay_protocol::{Circle, acceptance::Membership};
use serde::{Deserialize, Serialize};

/// A circle that the owner of this wallet chose to join, and so trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinedCircle {
    /// The circle.
    pub circle: Circle,
    /// What the owner calls it.
    pub name: String,
    /// This payee's place in it, as of the last sync; `None` if it was not a member then.
    pub membership: Option<Membership>,
}

//! `/v1/watch/channels`

use offpay_protocol::{
    Amount, ChannelId, Signed,
    messages::{ChannelTerms, Voucher},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A channel that is handed over to the watchtower, or newer vouchers of one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchChannel {
    /// The channel's terms.
    #[schema(value_type = Object)]
    pub terms: ChannelTerms,
    /// The newest voucher of each side that there is: one or two.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 2)]
    pub vouchers: Vec<Signed<Voucher>>,
}

/// What the watchtower has of a channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WatchedChannel {
    /// The channel's id.
    #[schema(value_type = String)]
    pub channel: ChannelId,
    /// What `a` has paid by the newest voucher that was handed over.
    #[schema(value_type = Option<String>)]
    pub from_a: Option<Amount>,
    /// What `b` has paid by the newest voucher that was handed over.
    #[schema(value_type = Option<String>)]
    pub from_b: Option<Amount>,
}

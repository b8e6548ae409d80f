//! `GET /v1/account`: where one's money is.

use offpay_protocol::{AccountId, Amount, Circle, PurseKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where one's money is. Amounts are in base units of the token.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// The account in the contract.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The token.
    pub token: TokenView,
    /// Free money.
    pub balance: BalanceView,
    /// The security deposit, which is never balance.
    pub collateral: CollateralView,
    /// Money set aside for paying anybody.
    pub purses: Vec<PurseView>,
    /// Money set aside for one counterparty each.
    pub channels: ChannelsView,
    /// What is on its way.
    pub pending: PendingView,
}

/// The token that everything is counted in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its contract.
    #[schema(value_type = String)]
    pub address: AccountId,
    /// Its short name.
    pub symbol: String,
    /// Digits after the point: with 6, `1500000` is 1.5 tokens.
    pub decimals: u8,
}

/// Free money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BalanceView {
    /// What can be used now.
    #[schema(value_type = String)]
    pub available: Amount,
    /// What operations that are under way will take.
    #[schema(value_type = String)]
    pub held: Amount,
    /// What is there in the newest final block.
    #[serde(rename = "final")]
    #[schema(value_type = String)]
    pub finalized: Amount,
}

/// The security deposit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CollateralView {
    /// All of it.
    #[schema(value_type = String)]
    pub total: Amount,
    /// The part that stands behind purses.
    #[schema(value_type = String)]
    pub pledged: Amount,
    /// What can be pledged or withdrawn now.
    #[schema(value_type = String)]
    pub available: Amount,
    /// Since when the account has had enough of it to be registered.
    #[schema(value_type = Option<u64>)]
    pub registered_at: Option<Timestamp>,
}

/// A purse.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PurseView {
    /// Its key.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// Whose members may claim on its pledge.
    #[schema(value_type = String)]
    pub circle: Circle,
    /// Who has its device key: `server`, `phone`, or `own` for a wallet that this server knows nothing of.
    pub keeper: String,
    /// `opening`, `open`, `closing` or `closed`.
    pub state: String,
    /// All money that was ever put in.
    #[schema(value_type = String)]
    pub funds: Amount,
    /// What the chain has paid out of it.
    #[schema(value_type = String)]
    pub paid: Amount,
    /// What can be paid out of it now: final funds that no payment has spent. Only for a purse that the server keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub available: Option<Amount>,
    /// It signs nothing any more, for the server's database was restored from a backup: to be closed, and another opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The collateral behind it.
    #[schema(value_type = String)]
    pub pledge: Amount,
    /// Into how many covers the pledge is divided.
    pub cover_count: u16,
    /// When it can be closed, if it has begun to.
    #[schema(value_type = Option<u64>)]
    pub closes_at: Option<Timestamp>,
    /// A payee was not paid in full at some time.
    pub defaulted: bool,
}

/// Money in channels that are not closed, all of them together. `GET /v1/channels` has each.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ChannelsView {
    /// The account's share: what it would get if they were paid out now.
    #[schema(value_type = String)]
    pub locked: Amount,
    /// What of it can be paid in them now.
    #[schema(value_type = String)]
    pub available: Amount,
    /// How many there are.
    pub count: u32,
}

/// What is on its way, of payments of hosted users.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PendingView {
    /// What hosted payers have promised this account and the chain has not settled.
    #[schema(value_type = String)]
    pub incoming: Amount,
    /// What this account's purses have promised and the chain has not settled.
    #[schema(value_type = String)]
    pub outgoing: Amount,
}

//! `/v1/channels`: money set aside for one counterparty.

use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, PaymentId, Reference, Seconds, Signed, Timestamp,
    messages::{ChannelTerms, Voucher},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::operations::OperationView;

/// A key for the receiving side of a channel that goes both ways is made, and given to who is to open it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferChannel {
    /// Who is told of it, on this server: a handle (`@ana`). Without it, show the code.
    pub to: Option<String>,
}

/// An offer: whoever opens a channel with it has the offering account at the other side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelOfferView {
    /// The account that offers.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// Its handle, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Its channel key. The server has it, and it serves one channel.
    #[schema(value_type = String)]
    pub key: ChannelKey,
    /// What to show (`OP1:…`), to a wallet or to another hosted user.
    pub code: String,
}

/// A channel that is to be opened: with an offer one that goes both ways, without it one that goes one way.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenChannel {
    /// The other side's offer (`OP1:…`), for a channel that goes both ways.
    pub offer: Option<String>,
    /// The other side, for a channel that goes one way, to it: a handle (`@ana`) or an address.
    pub with: Option<String>,
    /// What the caller puts in, out of the balance.
    #[schema(value_type = String)]
    pub deposit: Amount,
    /// How many seconds either side can answer a close; the deployment's own delay without it.
    #[schema(value_type = Option<u64>)]
    pub close_delay: Option<Seconds>,
}

/// A channel on its way to being open.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OpeningChannel {
    /// The channel. A wallet at the other side needs `terms_code`.
    pub channel: ChannelView,
    /// What is done to open it.
    pub operation: OperationView,
}

/// A channel that somebody else opened with the caller.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptChannel {
    /// The channel's terms (`OP1:…`).
    pub terms: String,
}

/// Money added to a channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundChannel {
    /// In base units, out of the balance.
    #[schema(value_type = String)]
    pub amount: Amount,
}

/// A channel, from the caller's side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    /// Its id.
    #[schema(value_type = String)]
    pub channel: ChannelId,
    /// The caller's side: `a` opened it, `b` did not.
    pub side: String,
    /// The account at the other side.
    #[schema(value_type = String)]
    pub counterparty: AccountId,
    /// Its handle, if it is a user of this server who has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty_handle: Option<String>,
    /// Only `a` pays.
    pub one_way: bool,
    /// `opening`, `open`, `closing`, `closed`; or `failed`: it was never opened.
    pub state: String,
    /// What the caller put in, at the chain's head.
    #[schema(value_type = String)]
    pub deposit: Amount,
    /// What the other side put in, at the chain's head.
    #[schema(value_type = String)]
    pub counterparty_deposit: Amount,
    /// What the caller has paid in it in all.
    #[schema(value_type = String)]
    pub sent: Amount,
    /// What the caller was paid in it in all.
    #[schema(value_type = String)]
    pub received: Amount,
    /// What the caller can pay now, out of final deposits.
    #[schema(value_type = String)]
    pub available: Amount,
    /// What the other side can pay now.
    #[schema(value_type = String)]
    pub receivable: Amount,
    /// How many seconds either side can answer a close.
    #[schema(value_type = u64)]
    pub close_delay: Seconds,
    /// When it can be paid out, if a close was asked for.
    #[schema(value_type = Option<u64>)]
    pub closes_at: Option<Timestamp>,
    /// It is closing, and the contract has not seen the newest vouchers: the watchtower shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispute: Option<DisputeView>,
    /// A close that the caller signed, and that can count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<CloseView>,
    /// What it is: `a`, `b`, their keys, the close delay and a salt.
    #[schema(value_type = Object)]
    pub terms: ChannelTerms,
    /// The terms as a code, for a wallet at the other side.
    pub terms_code: String,
    /// Since when this server has it.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}

/// What a closing channel's contract has not seen yet.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DisputeView {
    /// What the contract knows that the caller paid.
    #[schema(value_type = String)]
    pub sent_on_chain: Amount,
    /// What the contract knows that the caller was paid.
    #[schema(value_type = String)]
    pub received_on_chain: Amount,
    /// Until when it can be answered. The watchtower does so by itself.
    #[schema(value_type = u64)]
    pub answer_by: Timestamp,
}

/// A payment in a channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayInChannel {
    /// How much, in base units.
    #[schema(value_type = String)]
    pub amount: Amount,
    /// What the payee knows the payment by: a request's reference, or any 32 bytes.
    #[schema(value_type = Option<String>)]
    pub reference: Option<Reference>,
    /// A note, for this server's history.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub memo: String,
}

/// A voucher of the other side, as a code or in full.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveVoucher {
    /// The voucher's code (`OP1:…`).
    pub code: Option<String>,
    /// The voucher in full.
    #[schema(value_type = Option<Object>)]
    pub voucher: Option<Signed<Voucher>>,
    /// What it should add at least; anything without it.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Amount>,
}

/// A payment in a channel: durable, and guaranteed while the channel is open and its vouchers are shown in time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelPaymentView {
    /// Its id: the voucher's digest.
    #[schema(value_type = String)]
    pub id: PaymentId,
    /// The channel.
    #[schema(value_type = String)]
    pub channel: ChannelId,
    /// `out` for who paid, `in` for who was paid.
    pub direction: String,
    /// How much.
    #[schema(value_type = String)]
    pub amount: Amount,
    /// What the payer has paid in the channel in all, with this.
    #[schema(value_type = String)]
    pub cumulative: Amount,
    /// What it was for.
    #[schema(value_type = String)]
    pub reference: Reference,
    /// The payer's note.
    pub memo: String,
    /// What was signed: for a wallet at the other side.
    #[schema(value_type = Object)]
    pub voucher: Signed<Voucher>,
    /// The same as a code.
    pub code: String,
    /// When it was stored.
    #[schema(value_type = u64)]
    pub created_at: Timestamp,
}

/// A close of both sides: proposed, or agreed to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseTogether {
    /// What a wallet at the other side signed (`OP1:…`). Two users of one server need none.
    pub close: Option<String>,
}

/// A close that one side signed, or both.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CloseView {
    /// What `a` paid in all.
    #[schema(value_type = String)]
    pub from_a: Amount,
    /// What `b` paid in all.
    #[schema(value_type = String)]
    pub from_b: Amount,
    /// The last second at which it counts. Nothing is paid in the channel until then.
    #[schema(value_type = u64)]
    pub deadline: Timestamp,
    /// The other side has signed it as well: it is on its way.
    pub agreed: bool,
    /// What the caller's side signed, as a code, for a wallet at the other side.
    pub code: String,
}

/// A close that is proposed, or on its way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClosingTogether {
    /// The close.
    pub close: CloseView,
    /// What is done, once both have signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationView>,
}

//! What every error looks like: RFC 9457 problem details, with a code that stays the same.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error, as RFC 9457 has it (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Names the kind of error: `/problems/<code>` on this server, which explains it.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the kind of error is, in a few words. The same for all errors of a code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The error's code: stable, for programs.
    pub code: Code,
    /// What was wrong here, and what to do about it.
    pub detail: String,
    /// Whether the same request can succeed later, with nothing changed.
    pub retryable: bool,
    /// Details for programs, depending on the code.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    #[schema(value_type = Option<Object>)]
    pub data: serde_json::Value,
}

impl Problem {
    /// An error of this kind.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            retryable: code.is_retryable(),
            data: serde_json::Value::Null,
        }
    }

    /// The same with details for programs.
    #[must_use]
    pub fn with(mut self, data: serde_json::Value) -> Self {
        self.data = data;
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.detail, self.code.name())
    }
}

impl std::error::Error for Problem {}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $retryable:literal, $title:literal;)*) => {
        /// The kinds of errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Whether the same request can succeed later, with nothing changed.
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    // --- Any request
    /// The request is not what the endpoint takes.
    InvalidRequest = "invalid_request", 400, false, "The request is not valid";
    /// Nobody is signed in, or the session or token is over.
    Unauthorized = "unauthorized", 401, false, "Sign in first";
    /// Who is signed in may not do this.
    Forbidden = "forbidden", 403, false, "This is not allowed";
    /// There is no such thing.
    NotFound = "not_found", 404, false, "There is no such thing";
    /// The endpoint does not take this method.
    MethodNotAllowed = "method_not_allowed", 405, false, "The method is not allowed here";
    /// The idempotency key was used for another request.
    IdempotencyMismatch = "idempotency_mismatch", 409, false, "The idempotency key was used for another request";
    /// The first request with this idempotency key is still being worked on.
    IdempotencyInProgress = "idempotency_in_progress", 409, true, "The first request with this key is not done yet";
    /// An earlier try with this idempotency key started it; its answer was lost.
    AlreadyStarted = "already_started", 409, false, "It was started before";
    /// As things are, it cannot be done: `detail` says why.
    NotPossible = "not_possible", 409, false, "That cannot be done as things are";
    /// The body is larger than the endpoint takes.
    TooLarge = "too_large", 413, false, "The request is too large";
    /// The body is not JSON.
    UnsupportedMediaType = "unsupported_media_type", 415, false, "The body has to be JSON";
    /// Too many requests.
    RateLimited = "rate_limited", 429, true, "Too many requests";
    /// The server failed. The log has more, under the request's id.
    Internal = "internal", 500, false, "The server failed";
    /// A part that the request needs does not answer.
    Unavailable = "unavailable", 503, true, "Not available at the moment";
    /// The server has more to do than it can.
    Overloaded = "overloaded", 503, true, "The server is busy";
    /// The chain's node does not answer, or lags.
    NodeUnavailable = "node_unavailable", 503, true, "The chain cannot be reached";

    // --- Accounts and signing in
    /// Another user has that handle.
    HandleTaken = "handle_taken", 409, false, "Somebody else is called that";
    /// This server takes no new users by itself.
    RegistrationClosed = "registration_closed", 403, false, "Registration is closed";
    /// The password is too short, too long, or contains the handle.
    PasswordRefused = "password_refused", 400, false, "Choose another password";
    /// Handle, password, code, passkey or signature is wrong. Which one is not said.
    SignInRefused = "sign_in_refused", 401, false, "That does not sign anybody in";
    /// The password is right, and a code of the second factor is needed as well.
    SecondFactorRequired = "second_factor_required", 401, false, "A code is needed as well";
    /// Too many wrong guesses: `data.retry_after` says for how many seconds to wait.
    TooManyGuesses = "too_many_guesses", 429, true, "Too many wrong guesses: wait";
    /// To change how to sign in, sign in again first.
    SignInAgain = "sign_in_again", 403, false, "Sign in again first";
    /// The operator froze the account: it can be looked at, and nothing moves.
    AccountFrozen = "account_frozen", 403, false, "The account is frozen";
    /// The access token does not allow this.
    ScopeMissing = "scope_missing", 403, false, "The access token does not allow this";
    /// More than is left of the access token's budget: `data.remaining` says how much is.
    BudgetExceeded = "budget_exceeded", 403, false, "More than the access token's budget";
    /// A recovery is under way already.
    RecoveryUnderWay = "recovery_under_way", 409, false, "A recovery is under way";
    /// The recovery cannot be completed yet: `data.ready_at` says when.
    RecoveryTooEarly = "recovery_too_early", 409, true, "The recovery has to wait";
    /// The account still has money: withdraw it first.
    MoneyHeld = "money_held", 409, false, "The account still has money";
    // --- Webhooks
    /// This server does not call that URL: `detail` says why.
    WebhookUrlRefused = "webhook_url_refused", 400, false, "The URL is not called";
    /// The user has as many webhooks as they may: `data.most`.
    TooManyWebhooks = "too_many_webhooks", 409, false, "Too many webhooks";
    /// The webhook is disabled: enable it first.
    WebhookDisabled = "webhook_disabled", 409, false, "The webhook is disabled";
    // --- Hosted money
    /// There is less than that: `data.available` says how much there is.
    InsufficientFunds = "insufficient_funds", 409, false, "There is not enough money";
    /// The account or the pledge needs more collateral: `data.needed` says how much.
    InsufficientCollateral = "insufficient_collateral", 409, false, "There is not enough collateral";
    /// The purse's opening, or money that was added, is not final yet.
    PurseNotOpen = "purse_not_open", 409, true, "The purse is not open yet";
    /// The purse is closing or closed: it pays nobody any more.
    PurseClosing = "purse_closing", 409, false, "The purse is closing";
    /// The server was restored from a backup and does not know what the purse signed since: close it, and open another.
    PurseRetired = "purse_retired", 409, false, "The purse signs nothing any more";
    /// The contract would refuse it now: `data.code` says why, in the contract's words.
    OperationRefused = "operation_refused", 409, false, "The contract would refuse it";
    /// Money goes only to addresses that were added and confirmed before.
    AddressNotConfirmed = "address_not_confirmed", 409, false, "The address is not confirmed";
    /// The address cannot be confirmed yet: `data.usable_at` says when.
    AddressTooNew = "address_too_new", 409, true, "The address cannot be confirmed yet";
    /// This network has no faucet.
    NoFaucet = "no_faucet", 403, false, "There is no faucet here";
    /// The faucet gives so much in a day and no more.
    FaucetLimit = "faucet_limit", 429, false, "The faucet has given enough for a day";
    /// So many relays, and no more: `data` has the limits.
    RelayLimit = "relay_limit", 429, true, "Too many relays";
    /// A `transfer` among the calls has to pay the operator's fee: `data` says how much and to whom.
    RelayFeeMissing = "relay_fee_missing", 409, false, "The relay does not pay its fee";
    /// The request expired, or was paid.
    RequestOver = "request_over", 409, false, "The request is over";
    /// More than is left of the payment that is to be given back.
    RefundTooLarge = "refund_too_large", 409, false, "That is more than was paid";
    /// Clearing refused the payment: `data.code` says why.
    PaymentRefused = "payment_refused", 409, false, "The payment was refused";
    // --- Channels
    /// The channel's opening is not final yet, or it is not known.
    ChannelNotOpen = "channel_not_open", 409, true, "The channel is not open yet";
    /// The channel is closing or closed: nothing is paid in it any more.
    ChannelClosing = "channel_closing", 409, false, "The channel is closing";
    /// A close was signed that can still come: nothing is paid until its deadline has passed in a final block.
    ChannelCloseSigned = "channel_close_signed", 409, true, "A close of the channel is signed";
    /// The channel goes one way, and not this one.
    ChannelOneWay = "channel_one_way", 409, false, "The channel goes one way";
    /// The voucher does not count: `data.code` says why.
    VoucherRefused = "voucher_refused", 409, false, "The voucher does not count";
    /// The close is not one to sign: `data.code` says why.
    CloseRefused = "close_refused", 409, false, "The close is not one to sign";
    /// The offer was taken for another channel: a key serves one.
    ChannelOfferTaken = "channel_offer_taken", 409, false, "The offer was taken";
    /// So many channels and offers of one user, and no more.
    ChannelLimit = "channel_limit", 409, false, "Too many channels";
    // --- Clearing and certificates
    /// The payment was signed for another deployment.
    ForeignDomain = "foreign_domain", 400, false, "The payment is for another deployment";
    /// Nobody can have signed the payment.
    InvalidSignature = "invalid_signature", 400, false, "Nobody can have signed that";
    /// The payment is to the zero address.
    PaymentNoPayee = "payment_no_payee", 400, false, "The payment is to nobody";
    /// The payment pays nothing.
    PaymentNothingPaid = "payment_nothing_paid", 400, false, "The payment pays nothing";
    /// The amount is more than the payee is said to have been promised in all.
    PaymentAmountAboveCumulative = "payment_amount_above_cumulative", 400, false, "The payment contradicts itself";
    /// The payee is said to have been promised more than the serials that were handed out.
    PaymentCumulativeAboveSerials = "payment_cumulative_above_serials", 400, false, "The payment contradicts itself";
    /// The serials end beyond all funds.
    PaymentBeyondFunds = "payment_beyond_funds", 400, false, "The payment spends more than can be";
    /// No final block has the purse open, or not yet.
    UnknownPurse = "unknown_purse", 404, true, "The purse is not known yet";
    /// The purse is closed.
    PurseClosed = "purse_closed", 409, false, "The purse is closed";
    /// The purse could not pay somebody. A payment of it is kept, and presented.
    PurseInDefault = "purse_in_default", 409, false, "The purse is in default";
    /// The purse signed a double spend: `data.evidence` has it. A payment of it is kept, and presented.
    PurseStopped = "purse_stopped", 409, false, "The purse signed a double spend";
    /// The payment conflicts with one that was seen before: `data.evidence` has both, and anybody can check them.
    DoubleSpend = "double_spend", 409, false, "A double spend";
    /// The serials are beyond the final funds. The payment is kept, and can be cleared after a top-up.
    BeyondFunds = "beyond_funds", 409, true, "The purse has too little";
    /// What the purse promised in all is more than it has. The payment is kept, and can be cleared after a top-up.
    Overpromised = "overpromised", 409, true, "The purse has promised too much";
    /// The purse signed more payments than are kept of one.
    TooManyPayments = "too_many_payments", 409, false, "The purse signed too many payments";
    /// The purse is on its way to another database, which takes seconds.
    PurseMoving = "purse_moving", 503, true, "The purse is being moved";
    /// Another shard has the purse: `data.shard` says which. Between servers; a client sees it while these do not agree.
    NotThisShard = "not_this_shard", 503, true, "Another shard has the purse";
    /// It is not known to be recorded. The same payment can be handed in again, whatever had happened.
    NotRecorded = "not_recorded", 503, true, "The payment could not be recorded";
    /// The newest final block that was followed is too old to certify anything.
    FinalizedStateOld = "finalized_state_old", 503, true, "The newest final block is old";
}

//! Why the contract, or the token, refused: every custom error as a typed value with a sentence for people.

use alloy::primitives::{Address, Bytes, U256};
use offpay_protocol::{AccountId, Amount, ChannelId, Circle, PurseKey, Timestamp};
use thiserror::Error;

use crate::Refusal;

mod decode;

/// An error that the contract reverted with. Named as in `contracts/src/types/Errors.sol`; amounts in base units.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ContractError {
    /// A deployment parameter is out of its range.
    #[error("a deployment parameter is out of its range")]
    InvalidConfiguration,
    /// An address that must be set is zero.
    #[error("an address that must be set is zero")]
    ZeroAddress,
    /// An amount that must be set is zero.
    #[error("the amount is zero")]
    ZeroAmount,
    /// The contract was entered again while it was at work, or a relay was nested.
    #[error("the contract was entered again while it was at work")]
    Reentered,
    /// The signature is malformed, high-s, or not by the expected signer.
    #[error("the signature is not by {expected}")]
    InvalidSignature {
        /// Who should have signed; zero where any signer would have done and nobody was recovered.
        expected: Address,
    },
    /// The deadline has passed, or, for a cooperative close, lies too far ahead.
    #[error("the deadline {deadline} has passed or lies too far ahead")]
    InvalidDeadline {
        /// The deadline.
        deadline: Timestamp,
    },
    /// The account's free balance is smaller than the amount.
    #[error("the balance of {account} is {balance}, less than the {amount} needed")]
    InsufficientBalance {
        /// The account.
        account: AccountId,
        /// What it has.
        balance: Amount,
        /// What is needed.
        amount: Amount,
    },
    /// The account's unpledged collateral is smaller than the amount.
    #[error("the free collateral of {account} is {available}, less than the {amount} needed")]
    InsufficientCollateral {
        /// The account.
        account: AccountId,
        /// What is not pledged.
        available: Amount,
        /// What is needed.
        amount: Amount,
    },
    /// The collateral would stay below the least that a registered account has.
    #[error("with a collateral of {collateral} the account stays below the least of {healthy}")]
    CollateralTooLow {
        /// What the collateral would be.
        collateral: Amount,
        /// The least that is asked for.
        healthy: Amount,
    },
    /// The account is registered already.
    #[error("{account} is registered already: add to its collateral instead")]
    AlreadyRegistered {
        /// The account.
        account: AccountId,
    },
    /// The account must be registered first.
    #[error("{account} must register first")]
    NotRegistered {
        /// The account.
        account: AccountId,
    },
    /// Tokens cannot be sent there.
    #[error("tokens cannot be sent to {to}")]
    InvalidRecipient {
        /// Where they were to go.
        to: Address,
    },
    /// The token credited another amount than it was asked to move.
    #[error(
        "the token moved {received} instead of {expected}: tokens that take a fee are not supported"
    )]
    TokenTookFee {
        /// What should have arrived.
        expected: Amount,
        /// What arrived.
        received: Amount,
    },
    /// All holdings together must stay below 2^96 base units.
    #[error("the contract would hold {holdings}, which is 2^96 or more")]
    HoldingsTooLarge {
        /// What the contract would hold.
        holdings: U256,
    },
    /// The permit was refused by the token.
    #[error("the token refused the permit of {signer}: used, expired, or not its own")]
    PermitRefused {
        /// Who should have signed it.
        signer: Address,
    },
    /// The payee is not a member of the circle, nor pending, or its dismissal is pending already.
    #[error("{payee} is no member of the circle {circle} that could be dismissed")]
    NotDismissable {
        /// The circle.
        circle: Circle,
        /// The payee.
        payee: AccountId,
    },
    /// The membership has not ended, or was pruned already.
    #[error("{payee} has no ended membership in the circle {circle}")]
    NotPrunable {
        /// The circle.
        circle: Circle,
        /// The payee.
        payee: AccountId,
    },
    /// The key has been used for a purse before.
    #[error("the key {purse} was used for a purse before: make a new one")]
    PurseKeyUsed {
        /// The key.
        purse: PurseKey,
    },
    /// No purse was ever opened with that key.
    #[error("no purse was ever opened with the key {purse}")]
    UnknownPurse {
        /// The key.
        purse: PurseKey,
    },
    /// The purse is closed.
    #[error("the purse {purse} is closed")]
    PurseIsClosed {
        /// The purse.
        purse: PurseKey,
    },
    /// The purse's close has been requested already.
    #[error("the purse {purse} closes at {closes_at} already")]
    PurseClosing {
        /// The purse.
        purse: PurseKey,
        /// When it closes.
        closes_at: Timestamp,
    },
    /// The purse cannot be closed yet.
    #[error("the purse {purse} cannot be closed yet ({pairs_in_default} payees in default)")]
    NotClosable {
        /// The purse.
        purse: PurseKey,
        /// When it can be at the earliest; `None` if it has not begun to close.
        closes_at: Option<Timestamp>,
        /// Payees whose default is neither made good nor resolved.
        pairs_in_default: u64,
    },
    /// The caller does not own the purse.
    #[error("{caller} does not own the purse {purse}")]
    NotPurseOwner {
        /// The purse.
        purse: PurseKey,
        /// Who asked.
        caller: AccountId,
    },
    /// A cover count is 1 to 65534.
    #[error("a cover count is 1 to 65534, not {cover_count}")]
    InvalidCoverCount {
        /// The count.
        cover_count: u16,
    },
    /// The first default fixed the pledge for good.
    #[error("the pledge of {purse} was fixed by its first default")]
    PledgeFixed {
        /// The purse.
        purse: PurseKey,
    },
    /// The payment breaks `0 < amount <= cumulative <= start + amount`, or has no payee.
    #[error("the payment breaks 0 < amount <= cumulative <= start + amount, or has no payee")]
    MalformedPayment,
    /// The payment cannot be settled.
    #[error("the payment cannot be settled: {refusal}")]
    PaymentRefused {
        /// Why.
        refusal: Refusal,
        /// Who signed it; zero if nobody can have.
        purse: PurseKey,
    },
    /// The pair is not in default.
    #[error("the purse {purse} is not in default towards {payee}")]
    NotInDefault {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
    },
    /// The settlement period has not passed yet.
    #[error("the payer can make good until {ends_at}")]
    SettlementPeriodRunning {
        /// When the period ends.
        ends_at: Timestamp,
    },
    /// Making good would cost more than the owner allowed.
    #[error("making good costs {needed}, more than the {max} allowed")]
    MakeGoodTooDear {
        /// What it costs.
        needed: Amount,
        /// What was allowed.
        max: Amount,
    },
    /// The two payments do not conflict.
    #[error("the two payments do not conflict")]
    NoConflict,
    /// The packed rows are not a whole number of rows.
    #[error("{length} bytes are not a whole number of rows")]
    InvalidRows {
        /// How many bytes there are.
        length: U256,
    },
    /// The terms of the channel are not allowed.
    #[error("the terms of the channel are not allowed")]
    InvalidTerms,
    /// A channel with these terms has been opened before.
    #[error("the channel {channel} was opened before: choose another salt")]
    ChannelUsed {
        /// The channel.
        channel: ChannelId,
    },
    /// No channel was opened with these terms.
    #[error("no channel {channel} was ever opened")]
    UnknownChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// The channel is closed.
    #[error("the channel {channel} is closed")]
    ChannelIsClosed {
        /// The channel.
        channel: ChannelId,
    },
    /// The channel is closing.
    #[error("the channel {channel} closes at {closes_at}")]
    ChannelClosing {
        /// The channel.
        channel: ChannelId,
        /// When it can be finalized.
        closes_at: Timestamp,
    },
    /// The channel cannot be finalized yet.
    #[error("the channel {channel} cannot be finalized yet")]
    NotFinalizable {
        /// The channel.
        channel: ChannelId,
        /// When it can be; `None` if no close was requested.
        closes_at: Option<Timestamp>,
    },
    /// The caller is not a party that may do this.
    #[error("{caller} is no party of the channel {channel} that may do this")]
    NotParty {
        /// The channel.
        channel: ChannelId,
        /// Who asked.
        caller: AccountId,
    },
    /// The operation is for the other kind of channel (one-way or two-way).
    #[error("that is for the other kind of channel than {channel}")]
    WrongDirection {
        /// The channel.
        channel: ChannelId,
    },
    /// The nonce was used or cancelled.
    #[error("the relay nonce {nonce} of {account} was used or cancelled")]
    NonceUsed {
        /// The account.
        account: AccountId,
        /// The nonce.
        nonce: U256,
    },
    /// The token did not let itself be pulled: not enough tokens, or not approved.
    #[error("the token refused to move: the sender has too few, or did not approve the contract")]
    TransferFromFailed,
    /// The token refused to be sent out.
    #[error("the token refused to be sent out")]
    TransferFailed,
    /// The token's sender has too few (ERC-6093).
    #[error("{account} has {balance} of the token, less than the {needed} needed")]
    TokenBalance {
        /// Who sends.
        account: Address,
        /// What it has.
        balance: U256,
        /// What is needed.
        needed: U256,
    },
    /// Something else, as it came: an error of a token or of another contract.
    #[error("refused{}", decode::explain(.0))]
    Unknown(Bytes),
}

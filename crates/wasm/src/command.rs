//! What the page can ask for. Its TypeScript twin is `types/command.ts`.

use alloy_primitives::{Address, B256, Bytes, U256};
use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, OperatorId, PaymentId, PurseKey, Reference, Timestamp,
};
use offpay_wallet::{
    Deployment,
    sale::{SaleLine, Tip},
    settings::Settings,
    sync::Progress,
};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// Typed secrets: overwritten when dropped.
pub(crate) type Secret = Zeroizing<String>;

#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub(crate) enum Command {
    // --- Keys and the wallet itself
    /// New words; nothing is stored.
    NewPhrase,
    /// Whether words are a phrase, and of which account.
    CheckPhrase {
        phrase: Secret,
    },
    /// A wallet whose owner key comes from a phrase; or for a hosted account, whose owner key stays with its operator.
    Create {
        deployment: Deployment,
        name: String,
        phrase: Option<Secret>,
        account: Option<AccountId>,
        pin: Secret,
    },
    Unlock {
        pin: Secret,
    },
    UnlockWithPasskey {
        credential: Bytes,
        secret: Secret,
    },
    /// Lets a passkey open the wallet besides the PIN.
    AddPasskey {
        pin: Secret,
        credential: Bytes,
        salt: B256,
        secret: Secret,
    },
    ForgetPasskey {
        credential: Bytes,
    },
    /// Whether an address was typed right (EIP-55): one without capital letters has no checksum to be wrong.
    CheckAddress {
        address: String,
    },
    /// Signs in to an operator's server (EIP-4361).
    SignIn {
        domain: String,
        uri: String,
        nonce: String,
    },
    Lock,
    ChangePin {
        old: Secret,
        new: Secret,
    },
    Backup {
        password: Secret,
    },
    RestoreBackup {
        backup: Bytes,
        password: Secret,
    },

    // --- Looking
    View,
    History {
        text: Option<String>,
        limit: Option<usize>,
        #[serde(default)]
        progress: Option<Progress>,
        #[serde(default)]
        direction: Option<Way>,
    },
    Payment {
        id: PaymentId,
    },
    Csv,
    /// Requests that nobody paid.
    UnpaidRequests,

    // --- Being paid
    Ask {
        amount: Amount,
        memo: String,
        valid_for: Option<u64>,
    },
    ShowRequest {
        reference: Reference,
    },
    Withdraw {
        reference: Reference,
    },
    Accept {
        code: String,
    },
    GiveReceipt {
        id: PaymentId,
    },

    // --- Paying
    /// What a scanned code is; nothing is stored.
    Read {
        code: String,
    },
    /// What a request says, without a wallet: for who pays out of a hosted account. Nobody vouches for its name.
    ReadRequest {
        code: String,
        deployment: Deployment,
    },
    Pay {
        code: String,
        amount: Option<Amount>,
    },
    ShowPayment {
        id: PaymentId,
    },
    TakeReceipt {
        code: String,
    },
    Refund {
        id: PaymentId,
        amount: Option<Amount>,
    },

    // --- What the owner decides
    TrustOperator {
        code: String,
    },
    ForgetOperator {
        operator: OperatorId,
    },
    JoinCircle {
        circle: Circle,
        name: String,
    },
    LeaveCircle {
        circle: Circle,
    },
    SaveContact {
        account: AccountId,
        name: String,
    },
    ChangeSettings {
        settings: Settings,
    },
    RetirePurse {
        purse: PurseKey,
    },

    // --- The chain
    AccountCalls {
        token: Address,
    },
    AccountRead {
        results: Vec<Value>,
    },
    OpenPurse(Box<PurseOrder>),
    /// A device key for a purse whose owner signs elsewhere: the operator opens it.
    PreparePurse {
        funds: Amount,
        pledge: Amount,
        cover_count: u16,
        circle: Circle,
    },
    Operate {
        operations: Vec<OwnerOperation>,
        nonce: U256,
    },
    /// Where to look for purses that this account ever opened.
    RecoveryLogs,
    /// What to read of them.
    RecoveryCalls {
        logs: Vec<Value>,
        purses: Vec<PurseKey>,
    },
    /// What is to be done about those whose keys are lost.
    Recovery {
        purses: Vec<PurseKey>,
        results: Vec<Value>,
    },
    /// What to read of the tokens of another wallet in this browser.
    GuestCalls {
        token: Address,
        account: Address,
    },
    /// What that wallet signs so that its tokens may be taken.
    GuestPermit {
        token: Address,
        account: Address,
        amount: Amount,
        results: Vec<Value>,
    },
    /// What it signs so that they come here.
    GuestRelay(Box<GuestOrder>),
    /// The message with which it signs in to the operator's server (EIP-4361).
    GuestSignIn {
        account: Address,
        domain: String,
        uri: String,
        nonce: String,
    },
    SignTransaction {
        token: Address,
        transaction: UnsignedTransaction,
    },
    SyncBlock {
        block: Value,
        nodes: u8,
    },
    SyncTasks,
    SyncLearn {
        index: usize,
        results: Vec<Value>,
    },
    SyncSent {
        index: usize,
        transaction: Option<B256>,
    },
    /// What an operator's server gave for a payment that was handed in.
    SyncCleared {
        index: usize,
        cleared: Value,
    },
    /// A task's transaction as a signed batch, for an operator to send.
    SyncRelay {
        index: usize,
        fee: Option<Fee>,
        nonce: U256,
    },
    /// An operator's keys, as its server lists them.
    TakeOperatorKeys {
        operator: Value,
    },
    TakeCertificate {
        certificate: Value,
    },
    SyncDone,
    ProveCalls {
        id: PaymentId,
        block: u64,
    },
    Prove {
        id: PaymentId,
        block: Value,
        proof: Value,
        nodes: u8,
    },

    // --- A till
    CreateTill {
        deployment: Deployment,
        account: AccountId,
        name: String,
        pin: Secret,
    },
    TakeAttestation {
        code: String,
    },
    Bill {
        lines: Vec<SaleLine>,
        tip: Tip,
    },
    Sell {
        lines: Vec<SaleLine>,
        tip: Tip,
        memo: String,
        valid_for: u64,
    },
    Report {
        since: u64,
        until: u64,
    },
    AddReports {
        texts: Vec<String>,
    },
    AskRefund {
        id: PaymentId,
        amount: Option<Amount>,
    },
    RefundForTill {
        code: String,
    },
    TillAccount {
        index: u16,
    },
    ShopCalls {
        tills: Vec<u16>,
    },
    ShopRead {
        results: Vec<Value>,
    },

    // --- Circles and defaults
    CircleCalls {
        circle: Circle,
    },
    CircleRead {
        results: Vec<Value>,
    },
    DefaultCalls {
        purse: PurseKey,
        payee: AccountId,
    },
    DefaultRead {
        purse: PurseKey,
        payee: AccountId,
        results: Vec<Value>,
    },
    Evidence {
        purse: PurseKey,
        payee: AccountId,
    },

    // --- Channels
    OfferChannel,
    OpenChannel {
        offer: String,
        deposit: Amount,
        batch: Beside,
    },
    JoinChannel {
        code: String,
    },
    ShowChannel {
        channel: ChannelId,
    },
    ProposeClose {
        channel: ChannelId,
    },
    AgreeToClose {
        code: String,
        batch: Beside,
    },
    WatchChannel {
        channel: ChannelId,
    },
}

/// Which way payments went, to look for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Way {
    Sent,
    Received,
}

/// A purse to be opened, in one relayed batch with the deposit that pays for it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PurseOrder {
    pub(crate) funds: Amount,
    pub(crate) pledge: Amount,
    pub(crate) cover_count: u16,
    pub(crate) circle: Circle,
    /// Tokens to deposit first, by permit.
    pub(crate) permit: Option<Permit>,
    /// Balance to move to the collateral.
    pub(crate) lock: Amount,
    /// What whoever sends the batch gets for it.
    pub(crate) fee: Option<Fee>,
    pub(crate) nonce: U256,
}

/// Tokens of another wallet, permitted by its signature, that come to this account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GuestOrder {
    pub(crate) account: Address,
    pub(crate) amount: Amount,
    pub(crate) deadline: Timestamp,
    /// Over the permit.
    pub(crate) signature: Bytes,
    pub(crate) fee: Option<Fee>,
    pub(crate) nonce: U256,
}

/// A payment inside the contract to whoever sends a batch.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Fee {
    pub(crate) to: Address,
    pub(crate) amount: Amount,
}

/// What stands in a batch beside the call that it is for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Beside {
    /// Tokens to deposit first, by permit.
    pub(crate) permit: Option<Permit>,
    /// What whoever sends the batch gets for it.
    pub(crate) fee: Option<Fee>,
    pub(crate) nonce: U256,
}

impl Beside {
    /// What is done before the call.
    pub(crate) fn operations(&self) -> Vec<OwnerOperation> {
        let deposit = self.permit.map(OwnerOperation::Deposit);
        let fee = self.fee.map(OwnerOperation::Transfer);
        deposit.into_iter().chain(fee).collect()
    }
}

/// What an EIP-2612 permit is made of besides the owner and the contract.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Permit {
    pub(crate) amount: Amount,
    pub(crate) nonce: U256,
    pub(crate) separator: B256,
}

#[derive(Clone, Deserialize)]
#[serde(
    tag = "call",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub(crate) enum OwnerOperation {
    Deposit(Permit),
    /// Moves balance to another account in the contract.
    Transfer(Fee),
    LockCollateral {
        amount: Amount,
    },
    Withdraw {
        to: Address,
        amount: Amount,
    },
    WithdrawCollateral {
        to: Address,
        amount: Amount,
    },
    TopUpPurse {
        purse: PurseKey,
        amount: Amount,
    },
    AddPledge {
        purse: PurseKey,
        amount: Amount,
    },
    RequestPurseClose {
        purse: PurseKey,
    },
    ClosePurse {
        purse: PurseKey,
    },
    SweepTill {
        index: u16,
    },
    MakeGood {
        purse: PurseKey,
        payees: Vec<AccountId>,
        max: Amount,
    },
    FundChannel {
        channel: ChannelId,
        amount: Amount,
    },
    RequestChannelClose {
        channel: ChannelId,
    },
}

/// A transaction of this account (EIP-1559), to the contract or the token and nowhere else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UnsignedTransaction {
    pub(crate) to: Address,
    pub(crate) data: Bytes,
    pub(crate) nonce: u64,
    pub(crate) gas: u64,
    pub(crate) max_fee: U256,
    pub(crate) tip: U256,
}

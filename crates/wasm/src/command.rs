//! What the page can ask for. Its TypeScript twin is `types.ts`.

use alloy_primitives::{Address, B256, Bytes, U256};
use offpay_protocol::{AccountId, Amount, Circle, OperatorId, PaymentId, PurseKey, Reference};
use offpay_wallet::{Deployment, settings::Settings};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// Typed secrets: overwritten when dropped.
pub(crate) type Secret = Zeroizing<String>;

#[derive(Deserialize)]
#[serde(
    tag = "do",
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
    Create {
        deployment: Deployment,
        name: String,
        phrase: Secret,
        pin: Secret,
    },
    Unlock {
        pin: Secret,
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
    },
    Payment {
        id: PaymentId,
    },
    Csv,

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
    Operate {
        operations: Vec<OwnerOperation>,
        nonce: U256,
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
    pub(crate) nonce: U256,
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
    LockCollateral { amount: Amount },
    Withdraw { to: Address, amount: Amount },
    WithdrawCollateral { to: Address, amount: Amount },
    TopUpPurse { purse: PurseKey, amount: Amount },
    RequestPurseClose { purse: PurseKey },
    ClosePurse { purse: PurseKey },
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

//! Everything that changes what a wallet has stored. One use case is one atomic durable write.

use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, OperatorId, PaymentId, PurseKey, Reference,
    certificate::TrustedOperators,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Vault,
    profile::{Profile, RequestKey},
    records::{
        Channel, Contact, Evidence, FinalizedBlock, IssuedRequest, JoinedCircle, MadePayment,
        OperatorCard, OwnChannelKey, OwnPurse, Pair, PayerPurse, PaymentClearance, ReceivedPayment,
        RevocationList, SignedReceipt, SignedVoucher, VoucherNote,
    },
    settings::Settings,
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UseCase {
    /// The wallet was made. The first entry, and never again.
    Create(Box<NewWallet>),
    /// What opens the keys was changed: the PIN, or the passkeys.
    ChangePassword(Vault),
    /// The owner set something.
    ChangeSettings(Settings),
    /// The operator attested the key of a till.
    RecordAttestation(RequestKey),

    /// A device key was made for a new purse.
    PreparePurse(OwnPurse),
    /// What the chain or the operator said of an own purse, or the owner took it out of use. Leaves its serials alone.
    UpdatePurse(OwnPurse),
    /// A payment was signed: its serials are gone, whatever becomes of it.
    RecordPayment(Box<MadePayment>),
    /// The payee's receipt of a payment came back.
    RecordReceipt(PaymentId, SignedReceipt),

    /// A request was made.
    RecordRequest(IssuedRequest),
    /// The owner took a request back.
    WithdrawRequest(Reference),
    /// A payment was accepted.
    RecordAccepted(Box<ReceivedPayment>),
    /// A receipt was given for an accepted payment.
    GiveReceipt(PaymentId, SignedReceipt),
    /// Two payments that conflict were seen.
    RecordEvidence(Evidence),

    /// A key for a channel was made.
    PrepareChannelKey(OwnChannelKey),
    /// A channel was agreed on, or found on-chain.
    AddChannel(Channel),
    /// What the chain said of a channel. Leaves its vouchers alone.
    UpdateChannel(Channel),
    /// A voucher was signed.
    RecordVoucher(Box<VoucherRecord>),
    /// A voucher of the other side was accepted; it takes the place of the one before.
    RecordVoucherAccepted(Box<VoucherRecord>),

    /// The owner joined a circle, or a sync saw the membership.
    RecordCircle(JoinedCircle),
    /// The owner left a circle.
    LeaveCircle(Circle),
    /// The owner trusts an operator.
    TrustOperator(OperatorCard, TrustedOperators),
    /// The owner no longer trusts an operator.
    ForgetOperator(OperatorId, TrustedOperators),
    /// An operator moved on to its next key.
    FollowOperator(TrustedOperators),
    /// An operator's newer list of purses that are closing came in.
    RecordRevocations(RevocationList),
    /// An operator cleared a payment that this wallet made or holds.
    RecordClearance(Box<PaymentClearance>),
    /// The owner named an account.
    RecordContact(Contact),
    /// The owner forgot an account's name.
    ForgetContact(AccountId),

    /// What the chain said of another wallet's purse.
    RecordPayer(PayerPurse),
    /// A payment was handed in, or its settlement proven.
    RecordPair(Pair),
    /// The wallet is in step with this finalized block.
    RecordSync(FinalizedBlock),
    /// Received payments and history came back from a backup.
    RestoreBackup(Box<Restored>),
}

/// What the first entry holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWallet {
    /// Whose wallet it is.
    pub profile: Profile,
    /// What the owner set.
    pub settings: Settings,
}

/// A voucher that was signed or accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoucherRecord {
    /// The channel.
    pub channel: ChannelId,
    /// What the voucher before it reached: what the storage must still have.
    pub before: Amount,
    /// The voucher.
    pub voucher: SignedVoucher,
    /// What it is for.
    pub note: VoucherNote,
}

/// What comes back from a backup: nothing that signs, and nothing that spends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restored {
    /// Requests that were shown.
    pub requests: Vec<IssuedRequest>,
    /// Payments that were accepted.
    pub received: Vec<ReceivedPayment>,
    /// Payments that the lost device signed, for the history. Their purses do not come back.
    pub made: Vec<MadePayment>,
    /// What is known of pairs.
    pub pairs: Vec<Pair>,
    /// The payers' purses.
    pub payers: Vec<PayerPurse>,
    /// Double spends that were seen.
    pub evidence: Vec<Evidence>,
    /// Channels, without their keys: for their newest vouchers.
    pub channels: Vec<Channel>,
    /// What went through channels.
    pub vouchers: Vec<VoucherNote>,
    /// Names of accounts.
    pub contacts: Vec<Contact>,
    /// Own purses that a later copy of this wallet went on to pay from: they are out of use from now on.
    pub retired: Vec<PurseKey>,
    /// Circles that were joined.
    pub circles: Vec<JoinedCircle>,
}

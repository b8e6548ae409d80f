//! A payment that a hosted purse signed.

use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Signature, Timestamp, messages::Payment,
};

use super::operation::names;
use crate::UserId;

names! {
    /// How far a payment is with this operator. What the chain says of it is beside.
    PaymentState {
        /// Signed and stored; not cleared yet. It is taken up again after a crash.
        Signed = "signed",
        /// Cleared.
        Cleared = "cleared",
        /// Not cleared, because its purse ends: kept, and presented on-chain by itself.
        Kept = "kept",
        /// Clearing refused it. Its serials stay used.
        Refused = "refused",
    }
}

/// A payment that was signed and is to be stored, before anybody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// Its id.
    pub id: PaymentId,
    /// Who pays.
    pub user: UserId,
    /// The payee, if it is hosted here.
    pub payee_user: Option<UserId>,
    /// The purse.
    pub purse: PurseKey,
    /// What was signed.
    pub payment: Payment,
    /// The signature.
    pub signature: Signature,
    /// What the payer wrote.
    pub memo: String,
    /// The payment that it gives back, or a part of it.
    pub refund_of: Option<PaymentId>,
    /// The name of the request that asked for it, if it has one: no second payment is stored under it.
    pub once: Option<[u8; 32]>,
}

/// A payment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedPayment {
    /// Its place in the history: a cursor.
    pub number: i64,
    /// What was stored first.
    pub signed: NewPayment,
    /// How far it is.
    pub state: PaymentState,
    /// Why it was not cleared: the code of the refusal.
    pub refusal: Option<String>,
    /// When it was signed.
    pub created_at: Timestamp,
}

impl HostedPayment {
    /// Who is paid.
    pub const fn payee(&self) -> AccountId {
        self.signed.payment.payee
    }

    /// How much.
    pub const fn amount(&self) -> Amount {
        self.signed.payment.amount
    }
}

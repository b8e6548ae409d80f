//! Receipts: the payee's signed "I accepted this payment".

use offpay_protocol::{PaymentId, Signable, Signature, Timestamp, messages::Receipt};
use thiserror::Error;

use crate::{
    Durable, State, Unstored, Wallet,
    ask::AskError,
    keys::{LockedError, Unlocked},
    records::SignedReceipt,
    storage::{Storage, StorageError},
    use_case::UseCase,
};

/// Why a receipt is neither given nor taken.
#[derive(Debug, Error)]
pub enum ReceiptError {
    /// The wallet holds no such payment.
    #[error("this wallet knows no payment {0}")]
    UnknownPayment(PaymentId),
    /// The receipt is not signed by the payee, nor by the key that was attested for it.
    #[error("the receipt is not signed by the payee")]
    NotByPayee,
    /// The receipt cannot be signed.
    #[error(transparent)]
    Sign(#[from] AskError),
    /// The wallet is locked.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ReceiptError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPayment(_) => "payment_unknown",
            Self::NotByPayee => "receipt_not_by_payee",
            Self::Sign(error) => error.code(),
            Self::Locked(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::UnknownPayment(_) | Self::NotByPayee => false,
            Self::Sign(error) => error.is_retryable(),
            Self::Locked(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
        }
    }
}

/// What giving a receipt came to, before anything is stored.
#[derive(Debug)]
pub(crate) enum Given {
    Before(Durable<SignedReceipt>),
    Now(Unstored<SignedReceipt>),
}

impl State {
    /// Signs a receipt for an accepted payment; the same one every time.
    pub(crate) fn give_receipt(
        &self,
        keys: &Unlocked,
        id: PaymentId,
        now: Timestamp,
    ) -> Result<Given, ReceiptError> {
        let received = self.records().received.get(&id);
        let received = received.ok_or(ReceiptError::UnknownPayment(id))?;
        if let Some(given) = received.receipt {
            return Ok(Given::Before(Durable::from_records(given)));
        }
        let receipt = Receipt {
            payment: id,
            accepted_at: received.received_at,
        };
        let signature = self.sign_as_payee(keys, &receipt)?;
        let given = SignedReceipt { receipt, signature };
        Ok(Given::Now(self.decided(
            UseCase::GiveReceipt(id, given),
            now,
            given,
        )))
    }

    /// Takes the receipt of a payment that this wallet made.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::UnknownPayment`], [`ReceiptError::NotByPayee`].
    pub fn take_receipt(
        &self,
        receipt: Receipt,
        signature: Signature,
        now: Timestamp,
    ) -> Result<Unstored<SignedReceipt>, ReceiptError> {
        let id = receipt.payment;
        let made = self
            .records()
            .made
            .get(&id)
            .ok_or(ReceiptError::UnknownPayment(id))?;
        let signer = receipt
            .recover(&self.deployment().domain, &signature)
            .map_err(|_| ReceiptError::NotByPayee)?;
        if signer != made.payment.payee.address() && Some(signer) != made.request_signer {
            return Err(ReceiptError::NotByPayee);
        }
        let taken = SignedReceipt { receipt, signature };
        Ok(self.decided(UseCase::RecordReceipt(id, taken), now, taken))
    }

    /// The payments that this wallet made whose id begins with these eight bytes: of whom a scanned receipt may be.
    pub fn made_by_hint(&self, hint: [u8; 8]) -> impl Iterator<Item = PaymentId> {
        let ids = self.records().made.keys().copied();
        ids.filter(move |id| id.bytes().starts_with(&hint))
    }
}

impl<S: Storage> Wallet<S> {
    /// A receipt for an accepted payment, that may be shown.
    ///
    /// # Errors
    ///
    /// See [`ReceiptError`].
    pub fn give_receipt(
        &mut self,
        id: PaymentId,
        now: Timestamp,
    ) -> Result<Durable<SignedReceipt>, ReceiptError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        match state.give_receipt(keys, id, now)? {
            Given::Before(receipt) => Ok(receipt),
            Given::Now(unstored) => Ok(self.commit(unstored)?),
        }
    }

    /// Takes the receipt of a payment that this wallet made.
    ///
    /// # Errors
    ///
    /// See [`State::take_receipt`].
    pub fn take_receipt(
        &mut self,
        receipt: Receipt,
        signature: Signature,
        now: Timestamp,
    ) -> Result<Durable<SignedReceipt>, ReceiptError> {
        self.prepare(now)?;
        let unstored = self.state().take_receipt(receipt, signature, now)?;
        Ok(self.commit(unstored)?)
    }
}

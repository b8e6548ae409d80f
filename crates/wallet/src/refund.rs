//! Refunds: a payment back that names the original.
//!
//! A refund pays a request that nobody shows: both sides can write it down from the original payment alone. It goes to
//! the account that the original purse belongs to, its nonce is the original's id, and it leaves the amount open, so
//! that a payment can be given back in parts. To the payer's wallet it is a payment of its own request like any other.

use offpay_protocol::{
    AccountId, Amount, Nonce, PaymentId, PurseKey, Timestamp, messages::Request,
};
use thiserror::Error;

use crate::{
    Durable, State, Unstored, Wallet,
    keys::Unlocked,
    pay::{Paid, PayError, ReadRequest, Source},
    storage::Storage,
};

/// What a payee wants to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// The payment that was accepted.
    pub original: PaymentId,
    /// How much of it; `None` for all that was not given back yet.
    pub amount: Option<Amount>,
    /// The purse to pay from; `None` for the one that suits best.
    pub purse: Option<PurseKey>,
}

/// Why nothing is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RefundError {
    /// The wallet accepted no such payment.
    #[error("this wallet accepted no payment {0}")]
    Unknown(PaymentId),
    /// More than what is left of the original.
    #[error("{left} of the payment can still be given back, not {asked}")]
    MoreThanReceived {
        /// What is left of it.
        left: Amount,
        /// What was to be given back.
        asked: Amount,
    },
    /// All of it was given back already.
    #[error("all of it was given back already")]
    AllGivenBack,
}

impl RefundError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "refund_unknown_payment",
            Self::MoreThanReceived { .. } => "refund_more_than_received",
            Self::AllGivenBack => "refund_all_given_back",
        }
    }

    /// Whether the same can succeed later: it cannot.
    pub const fn is_retryable(&self) -> bool {
        false
    }
}

/// The request that a refund of `original` pays. `payer` is the account whose purse made the original.
pub fn refund_request(payer: AccountId, original: PaymentId) -> Request {
    Request {
        payee: payer,
        amount: Amount::ZERO,
        nonce: Nonce::new(original.bytes()),
        expires_at: Timestamp::ZERO,
        name: String::new(),
        memo: "refund".to_owned(),
    }
}

impl State {
    /// What was given back of a payment that came in.
    pub fn refunded(&self, original: PaymentId) -> Amount {
        let made = &self.records().made;
        let parts = self.index.refunds(original).filter_map(|id| made.get(&id));
        Amount::checked_sum(parts.map(|made| made.payment.amount)).unwrap_or(Amount::MAX)
    }

    /// Signs a payment back, out of a purse.
    ///
    /// # Errors
    ///
    /// [`PayError::Refund`], and what else speaks against paying.
    pub fn refund(
        &self,
        keys: &Unlocked,
        order: &RefundOrder,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        let original = self.records().received.get(&order.original);
        let original = original.ok_or(RefundError::Unknown(order.original))?;
        let left = original
            .payment
            .amount
            .saturating_sub(self.refunded(order.original));
        let asked = order.amount.unwrap_or(left);
        if left.is_zero() || asked.is_zero() {
            return Err(RefundError::AllGivenBack.into());
        }
        if asked > left {
            return Err(RefundError::MoreThanReceived { left, asked }.into());
        }
        if !self.identity().can_pay() {
            return Err(PayError::CannotPay);
        }
        let request = refund_request(original.payer, order.original);
        let payee_name = self.name_payee(original.payer, "", None);
        let read = ReadRequest {
            request,
            payee_name,
            signer: None,
            paid_by: None,
        };
        let source = order.purse.map_or(Source::Auto, Source::Purse);
        let (purse, certificate) = self.choose_purse(source, original.payer, asked, now)?;
        self.sign_payment(
            keys,
            purse,
            certificate,
            asked,
            &read,
            Some(order.original),
            now,
        )
    }
}

impl<S: Storage> Wallet<S> {
    /// Pays back what was received, in whole or in part. The owner's spending limits do not apply: it is not its money.
    ///
    /// # Errors
    ///
    /// See [`State::refund`].
    pub fn refund(
        &mut self,
        order: &RefundOrder,
        now: Timestamp,
    ) -> Result<Durable<Paid>, PayError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.refund(keys, order, now)?;
        Ok(self.commit(unstored)?)
    }
}

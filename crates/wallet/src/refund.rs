//! Refunds: a payment back that names the original.
//!
//! A refund pays a request that nobody shows: both sides can write it down from the original payment alone. It goes to
//! the account that the original purse belongs to, its nonce is the original's id, and it leaves the amount open, so
//! that a payment can be given back in parts. To the payer's wallet it is a payment of its own request like any other.

use alloy_primitives::U256;
use offpay_protocol::{
    AccountId, Amount, Nonce, PaymentId, PurseKey, Timestamp, messages::Request,
    till::till as till_account, wire::TillRefund,
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

/// The most tills of one owner that are looked through for the one that a refund is asked at.
pub const MOST_TILLS: u16 = 256;

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
    /// A refund is asked for at a till of somebody else.
    #[error("{0} is no till of this owner")]
    NotOurTill(AccountId),
}

impl RefundError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "refund_unknown_payment",
            Self::MoreThanReceived { .. } => "refund_more_than_received",
            Self::AllGivenBack => "refund_all_given_back",
            Self::NotOurTill(_) => "refund_not_our_till",
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
        let source = order.purse.map_or(Source::Auto, Source::Purse);
        self.give_back(keys, original.payer, order.original, asked, source, now)
    }

    /// Looks at a refund that a till asks for: which till it is, and what can still be given back of the payment.
    ///
    /// # Errors
    ///
    /// [`RefundError`].
    pub fn read_till_refund(&self, asked: &TillRefund) -> Result<TillRefundView, RefundError> {
        let till = asked.payment.payee;
        let owner = self.account();
        let found = (0..MOST_TILLS).find(|index| till_account(owner, U256::from(*index)) == till);
        let index = found.ok_or(RefundError::NotOurTill(till))?;
        let given_back = self.refunded(asked.original);
        let left = asked.payment.amount.saturating_sub(given_back);
        if left.is_zero() || asked.amount.is_zero() {
            return Err(RefundError::AllGivenBack);
        }
        if asked.amount > left {
            return Err(RefundError::MoreThanReceived {
                left,
                asked: asked.amount,
            });
        }
        Ok(TillRefundView {
            index,
            given_back,
            left,
        })
    }

    /// Signs a payment back for a till, out of a purse of its owner.
    ///
    /// # Errors
    ///
    /// [`PayError::Refund`], and what else speaks against paying.
    pub fn refund_for_till(
        &self,
        keys: &Unlocked,
        asked: &TillRefund,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        self.read_till_refund(asked)?;
        let TillRefund {
            payer,
            original,
            amount,
            ..
        } = *asked;
        self.give_back(keys, payer, original, amount, Source::Auto, now)
    }

    fn give_back(
        &self,
        keys: &Unlocked,
        payer: AccountId,
        original: PaymentId,
        amount: Amount,
        source: Source,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        if !self.identity().can_pay() {
            return Err(PayError::CannotPay);
        }
        let read = ReadRequest {
            request: refund_request(payer, original),
            payee_name: self.name_payee(payer, "", None),
            signer: None,
            paid_by: None,
        };
        let (purse, certificate) = self.choose_purse(source, payer, amount, now)?;
        self.sign_payment(keys, purse, certificate, amount, &read, Some(original), now)
    }
}

/// What the owner's wallet knows of a refund that a till asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TillRefundView {
    /// Which till.
    pub index: u16,
    /// What this wallet gave back of the payment before.
    pub given_back: Amount,
    /// What can still be given back of it.
    pub left: Amount,
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

    /// Pays back what a till of this owner received. The till's phone can spend nothing: it only asks.
    ///
    /// # Errors
    ///
    /// See [`State::refund_for_till`].
    pub fn refund_for_till(
        &mut self,
        asked: &TillRefund,
        now: Timestamp,
    ) -> Result<Durable<Paid>, PayError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.refund_for_till(keys, asked, now)?;
        Ok(self.commit(unstored)?)
    }
}

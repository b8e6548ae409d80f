//! What is sold at a till: lines, a tip, and the sum.
//!
//! A sale is stored with the request that asks for its total, in the same write: the day's report knows the tips, and a
//! printed receipt the lines, whatever happens to the device after the payment.

use offpay_protocol::{Amount, Seconds, Timestamp, cover::BasisPoints};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Durable, Entropy, State, Unstored, Wallet,
    ask::{Ask, AskError, LONGEST_TEXT, ShownRequest},
    keys::Unlocked,
    storage::Storage,
};

/// The most lines of a sale: a till's roll of paper ends as well.
pub const MOST_LINES: usize = 100;

/// One line of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaleLine {
    /// What is sold; empty for an amount that was typed.
    pub name: String,
    /// What one of it costs.
    pub price: Amount,
    /// How many.
    pub quantity: u32,
}

/// What the payer adds for whoever served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tip {
    /// Nothing.
    #[default]
    None,
    /// A share of the goods, rounded to the given step.
    Share(BasisPoints),
    /// An amount.
    Amount(Amount),
}

/// A sale, as it is stored with its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sale {
    /// What is sold.
    pub lines: Vec<SaleLine>,
    /// The tip.
    pub tip: Amount,
}

/// What a sale comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The goods.
    pub goods: Amount,
    /// The tip.
    pub tip: Amount,
    /// Both.
    pub total: Amount,
}

/// Why something is not sold.
#[derive(Debug, Error)]
pub enum SaleError {
    /// More than there can be.
    #[error("the sum is more than there can be")]
    TooMuch,
    /// Nothing is to be paid.
    #[error("the sale comes to nothing")]
    Nothing,
    /// Too many lines, or a name that is too long.
    #[error("a sale has at most {MOST_LINES} lines, and a name at most {LONGEST_TEXT} bytes")]
    TooLong,
    /// The request is not made.
    #[error(transparent)]
    Ask(#[from] AskError),
}

impl SaleError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMuch => "sale_too_much",
            Self::Nothing => "sale_of_nothing",
            Self::TooLong => "sale_too_long",
            Self::Ask(error) => error.code(),
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Ask(error) => error.is_retryable(),
            _ => false,
        }
    }
}

/// Adds up a sale. A share is rounded to the nearest `step`, half a step up: nobody pays billionths of a tip.
///
/// # Errors
///
/// [`SaleError::TooMuch`], [`SaleError::TooLong`].
pub fn bill(lines: &[SaleLine], tip: Tip, step: Amount) -> Result<Bill, SaleError> {
    if lines.len() > MOST_LINES || lines.iter().any(|line| line.name.len() > LONGEST_TEXT) {
        return Err(SaleError::TooLong);
    }
    let amounts = lines.iter().map(|line| {
        let whole = line.price.get().checked_mul(u128::from(line.quantity));
        whole.and_then(Amount::new).ok_or(SaleError::TooMuch)
    });
    let amounts: Vec<Amount> = amounts.collect::<Result<_, _>>()?;
    let goods = Amount::checked_sum(amounts).ok_or(SaleError::TooMuch)?;
    let tip = match tip {
        Tip::None => Amount::ZERO,
        Tip::Amount(amount) => amount,
        Tip::Share(share) => rounded_share(goods, share, step).ok_or(SaleError::TooMuch)?,
    };
    let total = goods.checked_add(tip).ok_or(SaleError::TooMuch)?;
    Ok(Bill { goods, tip, total })
}

fn rounded_share(of: Amount, share: BasisPoints, step: Amount) -> Option<Amount> {
    const WHOLE: u128 = 10_000;
    // Below 2^96 * 10^4 < 2^110.
    let exact = of.get().checked_mul(u128::from(share.get()))?;
    let step = step.get().max(1);
    let divisor = WHOLE.checked_mul(step)?;
    let half = divisor.checked_div(2)?;
    let steps = exact.checked_add(half)?.checked_div(divisor)?;
    steps.checked_mul(step).and_then(Amount::new)
}

impl State {
    /// Makes the request for a sale, and keeps what is sold with it.
    ///
    /// # Errors
    ///
    /// See [`SaleError`].
    pub fn sell(
        &self,
        keys: Option<&Unlocked>,
        order: &SaleOrder,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Unstored<ShownRequest>, SaleError> {
        let bill = bill(&order.lines, order.tip, order.step)?;
        if bill.total.is_zero() {
            return Err(SaleError::Nothing);
        }
        let ask = Ask {
            amount: bill.total,
            valid_for: Some(order.valid_for),
            memo: order.memo.clone(),
            signed: keys.is_some(),
        };
        let sale = Sale {
            lines: order.lines.clone(),
            tip: bill.tip,
        };
        Ok(self.ask_with(keys, &ask, Some(sale), entropy, now)?)
    }
}

/// What a till is to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleOrder {
    /// What is sold.
    pub lines: Vec<SaleLine>,
    /// The tip.
    pub tip: Tip,
    /// What tips are rounded to: the smallest amount that people pay.
    pub step: Amount,
    /// What for, as the payer reads it.
    pub memo: String,
    /// For how long it can be paid.
    pub valid_for: Seconds,
}

impl<S: Storage> Wallet<S> {
    /// Makes the request for a sale. A locked till sells as well, and one that no operator vouches for yet: its request
    /// is not signed then, and nobody can verify its name.
    ///
    /// # Errors
    ///
    /// See [`SaleError`].
    pub fn sell(
        &mut self,
        order: &SaleOrder,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<ShownRequest>, SaleError> {
        self.prepare(now).map_err(AskError::from)?;
        let unstored = if self.is_unlocked(now) && self.state().signs_requests(now) {
            let (state, keys) = self.keys(now).map_err(AskError::from)?;
            state.sell(Some(keys), order, entropy, now)?
        } else {
            self.state().sell(None, order, entropy, now)?
        };
        Ok(self.commit(unstored).map_err(AskError::from)?)
    }
}

//! `offpay wallet refund`

use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::{PaymentId, PurseKey};
use offpay_wallet::refund::RefundOrder;

use super::{confirm::confirm, pay, session::Session, show::paid_code};
use crate::{cli::Answer, codes::CodeOutput};

#[derive(Debug, Args)]
#[command(
    after_help = "A refund is a payment to the account that paid, out of a purse of yours. It names the original.\n\n\
    Example:\n  offpay wallet refund 0x8f3c… --amount 2 --png refund.png"
)]
pub(super) struct Refund {
    /// The payment that was accepted.
    payment: PaymentId,
    /// How much of it; all that was not given back yet if it is left out.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The purse to pay from.
    #[arg(long, value_name = "KEY")]
    purse: Option<PurseKey>,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    code: CodeOutput,
}

impl Refund {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let token = wallet.state().deployment().token.clone();
        let amount = self
            .amount
            .as_deref()
            .map(|typed| token.parse(typed))
            .transpose()?;
        let received = wallet.state().records().received.get(&self.payment);
        let received = received.context("this wallet accepted no such payment")?;
        let left = received
            .payment
            .amount
            .saturating_sub(wallet.state().refunded(self.payment));
        let said = format!(
            "Give back {} to {}?",
            token.show(amount.unwrap_or(left)),
            received.payer
        );
        confirm(session, &said, self.yes)?;
        session.unlock(&mut wallet)?;
        let order = RefundOrder {
            original: self.payment,
            amount,
            purse: self.purse,
        };
        match wallet.refund(&order, session.now()?) {
            Ok(paid) => {
                let code = self
                    .code
                    .write(&paid_code(&wallet.state().deployment().domain, &paid)?)?;
                pay::present(session, &wallet, &paid, &code, false)
            }
            Err(error) => pay::refused(session, &wallet, error),
        }
    }
}

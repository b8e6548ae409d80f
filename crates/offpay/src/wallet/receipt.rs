//! `offpay wallet receipt`

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::{
    PaymentId,
    wire::{Code, ReceiptCode},
};
use serde_json::json;

use super::session::Session;
use crate::{
    cli::Answer,
    clock,
    codes::{CodeOutput, one_code},
    output::Style,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  offpay wallet --dir shop receipt 0x8f3c… --png receipt.png\n  \
    offpay wallet --dir alice receipt receipt.png"
)]
pub(super) struct Receipt {
    /// The id of a payment that was accepted, to give its receipt; or a receipt to take: text, file or picture.
    payment: String,
    #[command(flatten)]
    code: CodeOutput,
}

impl Receipt {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        match self.payment.parse::<PaymentId>() {
            Ok(id) => self.give(session, id),
            Err(_) => self.take(session),
        }
    }

    fn give(&self, session: &Session<'_>, id: PaymentId) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let given = wallet.give_receipt(id, session.now()?)?;
        let domain = &wallet.state().deployment().domain;
        let code = self
            .code
            .write(&ReceiptCode::new(domain, &given.receipt, given.signature).into())?;
        if session.json() {
            session
                .output
                .json(&json!({ "receipt": given.receipt, "code": code }))?;
        } else {
            session.output.line(
                &session
                    .output
                    .paint(Style::Bold, "A receipt, for the payer to scan"),
            )?;
            code.print(session.output)?;
        }
        Ok(Answer::Yes)
    }

    fn take(&self, session: &Session<'_>) -> Result<Answer> {
        let Code::Receipt(code) = one_code(&self.payment)? else {
            bail!("this code is not a receipt")
        };
        let mut wallet = session.open()?;
        let id = wallet.state().made_by_hint(code.payment_hint()).next();
        let id = id.context("the receipt is not for a payment of this wallet")?;
        let (receipt, signature) = code.open(&wallet.state().deployment().domain, id)?;
        let taken = wallet.take_receipt(receipt, signature, session.now()?)?;
        if session.json() {
            session.output.json(&json!({ "receipt": taken.receipt }))?;
        } else {
            let when = clock::show(taken.receipt.accepted_at);
            let said = format!("The payee accepted payment {id} at {when}.");
            session
                .output
                .line(&session.output.paint(Style::Good, &said))?;
        }
        Ok(Answer::Yes)
    }
}

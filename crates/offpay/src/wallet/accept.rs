//! `offpay wallet accept`

use anyhow::Result;
use clap::Args;
use offpay_protocol::wire::{Code, ReceiptCode};
use offpay_wallet::{
    Durable, Token,
    accept::{AcceptError, NetworkWord, Taken},
    channel::{ChannelError, TakenVoucher},
    messages::Message as _,
};
use serde_json::json;

use super::{
    answer::refuse,
    session::{OpenWallet, Session},
    verdict,
};
use crate::{
    cli::Answer,
    codes::{CodeOutput, Shown, one_code},
    output::Style,
};

#[derive(Debug, Args)]
#[command(
    after_help = "The payment is stored before the verdict is shown. Needs no PIN, and no network.\n\n\
    Examples:\n  offpay wallet accept payment.png\n  \
    offpay wallet accept 'OP1:…' --json\n  \
    offpay wallet accept photo.jpg --receipt --png receipt.png"
)]
pub(super) struct Accept {
    /// The payment: its text or link, a file with it, a PNG or JPEG picture of its QR code, or - for standard input.
    payment: String,
    /// Show a receipt for the payer to scan. Needs the PIN.
    #[arg(long)]
    receipt: bool,
    #[command(flatten)]
    code: CodeOutput,
}

impl Accept {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let code = one_code(&self.payment)?;
        let mut wallet = session.open()?;
        if let Code::Voucher(code) = &code {
            return match wallet.accept_voucher_code(code, session.now()?) {
                Ok(taken) => voucher(session, &wallet, &taken),
                Err(error @ (ChannelError::Storage(_) | ChannelError::Locked(_))) => {
                    Err(error.into())
                }
                Err(error) => refuse(
                    session,
                    "REFUSED",
                    error.code(),
                    &error.message(&token(&wallet)),
                    error.is_retryable(),
                ),
            };
        }
        match wallet.accept_code(&code, NetworkWord::None, session.now()?) {
            Ok(taken) => self.taken(session, &mut wallet, &taken),
            Err(AcceptError::Refused(refusal)) => refuse(
                session,
                "REFUSED",
                refusal.code(),
                &refusal.message(&token(&wallet)),
                refusal.is_retryable(),
            ),
            Err(error) => Err(error.into()),
        }
    }

    fn taken(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        taken: &Durable<Taken>,
    ) -> Result<Answer> {
        let receipt = if self.receipt {
            Some(self.receipt(session, wallet, taken)?)
        } else {
            None
        };
        let (acceptance, token) = (taken.acceptance, wallet.state().deployment().token.clone());
        let ends = if verdict::is_covered(&acceptance.verdict) {
            Answer::Yes
        } else {
            Answer::No
        };
        if session.json() {
            session.output.json(&json!({
                "accepted": true, "again": taken.again, "id": taken.id, "purse": taken.purse,
                "payment": taken.payment, "acceptance": acceptance, "refundOf": taken.refund_of, "receipt": receipt,
            }))?;
            return Ok(ends);
        }
        let output = session.output;
        let said = if taken.again {
            "ACCEPTED BEFORE, nothing was added"
        } else {
            "ACCEPTED"
        };
        output.line(&output.paint(
            Style::Bold,
            &format!("{said}: {}", token.show(taken.payment.amount)),
        ))?;
        verdict::print(output, &acceptance, &token, session.now()?)?;
        output.line(&output.paint(Style::Dim, &format!("payment {}", taken.id)))?;
        if let Some(receipt) = receipt {
            output.line("The receipt:")?;
            receipt.print(output)?;
        }
        Ok(ends)
    }

    fn receipt(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        taken: &Taken,
    ) -> Result<Shown> {
        session.unlock(wallet)?;
        let given = wallet.give_receipt(taken.id, session.now()?)?;
        let domain = &wallet.state().deployment().domain;
        self.code
            .write(&ReceiptCode::new(domain, &given.receipt, given.signature).into())
    }
}

fn token(wallet: &OpenWallet) -> Token {
    wallet.state().deployment().token.clone()
}

fn voucher(
    session: &Session<'_>,
    wallet: &OpenWallet,
    taken: &Durable<TakenVoucher>,
) -> Result<Answer> {
    let token = &wallet.state().deployment().token;
    if session.json() {
        session.output.json(&json!({
            "accepted": true, "again": taken.again, "id": taken.id, "channel": taken.channel, "amount": taken.amount,
            "excess": taken.excess, "cumulative": taken.cumulative, "left": taken.left, "verdict": taken.verdict,
            "handInBy": taken.hand_in_by,
        }))?;
        return Ok(Answer::Yes);
    }
    let output = session.output;
    let said = if taken.again {
        "ACCEPTED BEFORE, nothing was added"
    } else {
        "ACCEPTED"
    };
    output.line(&output.paint(
        Style::Bold,
        &format!("{said}: {}", token.show(taken.amount)),
    ))?;
    let words = verdict::Words::of(&taken.verdict, taken.amount, token);
    output.line(&output.paint(Style::Good, &words.heading))?;
    verdict::row(output, "came in in all", &token.show(taken.cumulative))?;
    verdict::row(output, "left in channel", &token.show(taken.left))?;
    verdict::hand_in(output, taken.hand_in_by, session.now()?)?;
    Ok(Answer::Yes)
}

//! `offpay wallet pay`

use anyhow::{Result, bail};
use clap::Args;
use offpay_protocol::{Amount, ChannelId, Domain, PaymentId, PurseKey, Signed, wire::Code};
use offpay_wallet::{
    Durable,
    messages::Message as _,
    pay::{Paid, PayError, PayOrder, ReadRequest, ScannedRequest, Source},
    records::{PayeeName, SignedVoucher},
};
use serde_json::json;

use super::{
    answer::refuse,
    confirm::confirm,
    session::{OpenWallet, Session},
    show::{paid_code, voucher_code},
};
use crate::{
    cli::Answer,
    codes::{CodeOutput, Shown, one_code},
    output::Style,
};

#[derive(Debug, Args)]
#[command(
    after_help = "The payment is stored before it is shown. Paying a request again shows the same payment again.\n\n\
    Examples:\n  offpay wallet pay request.png --png payment.png\n  \
    offpay wallet pay 'OP1:…' --yes\n  \
    offpay wallet pay poster.png --amount 3.20"
)]
pub(super) struct Pay {
    /// The request: its text or link, a file with it, a PNG or JPEG picture of its QR code, or - for standard input.
    request: String,
    /// How much, where the request leaves it to you.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The purse to pay from.
    #[arg(long, value_name = "KEY", conflicts_with = "channel")]
    purse: Option<PurseKey>,
    /// The channel to pay through.
    #[arg(long, value_name = "ID")]
    channel: Option<ChannelId>,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    code: CodeOutput,
}

impl Pay {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let deployment = wallet.state().deployment().clone();
        let scanned = scanned(&one_code(&self.request)?, &deployment.domain)?;
        let amount = self
            .amount
            .as_deref()
            .map(|typed| deployment.token.parse(typed))
            .transpose()?;
        let read = match wallet.read_request(&scanned, session.now()?) {
            Ok(read) => read,
            Err(error) => return refused(session, &wallet, error),
        };
        if let Some(by) = read.paid_by {
            if let Ok(shown) = wallet.show_payment(by) {
                return self.show(session, &wallet, &shown.map(Paid::Payment), true);
            }
            return match wallet.state().shown_voucher(by) {
                Some(voucher) => self.show_voucher(session, &wallet, by, &voucher),
                None => refused(session, &wallet, PayError::AlreadyPaid { by }),
            };
        }
        if !session.json() {
            introduce(session, &wallet, &read, amount)?;
        }
        confirm(session, "Pay?", self.yes)?;
        session.unlock(&mut wallet)?;
        let source = match (self.purse, self.channel) {
            (Some(purse), _) => Source::Purse(purse),
            (None, Some(channel)) => Source::Channel(channel),
            (None, None) => Source::Auto,
        };
        match wallet.pay(
            &PayOrder {
                scanned,
                amount,
                source,
            },
            session.now()?,
        ) {
            Ok(paid) => self.show(session, &wallet, &paid, false),
            Err(error) => refused(session, &wallet, error),
        }
    }

    /// The same voucher again.
    fn show_voucher(
        &self,
        session: &Session<'_>,
        wallet: &OpenWallet,
        id: PaymentId,
        signed: &Durable<SignedVoucher>,
    ) -> Result<Answer> {
        let domain = &wallet.state().deployment().domain;
        let code = self
            .code
            .write(&voucher_code(domain, &signed.voucher, signed.signature)?)?;
        if session.json() {
            session.output.json(&json!({
                "id": id, "from": { "channel": signed.voucher.channel }, "payment": signed.voucher, "again": true,
                "code": code,
            }))?;
        } else {
            let output = session.output;
            output
                .line(&output.paint(Style::Good, "Paid before: this is the same payment again"))?;
            code.print(output)?;
        }
        Ok(Answer::Yes)
    }

    fn show(
        &self,
        session: &Session<'_>,
        wallet: &OpenWallet,
        paid: &Durable<Paid>,
        again: bool,
    ) -> Result<Answer> {
        let deployment = wallet.state().deployment();
        let code = self.code.write(&paid_code(&deployment.domain, paid)?)?;
        present(session, wallet, paid, &code, again)
    }
}

/// Prints a payment that is stored: what it is, and its code.
pub(super) fn present(
    session: &Session<'_>,
    wallet: &OpenWallet,
    paid: &Durable<Paid>,
    code: &Shown,
    again: bool,
) -> Result<Answer> {
    let token = &wallet.state().deployment().token;
    let (id, amount, from) = match &**paid {
        Paid::Payment(shown) => (
            shown.id,
            shown.payment.amount,
            json!({ "purse": shown.purse }),
        ),
        Paid::Voucher(shown) => (
            shown.id,
            shown.amount,
            json!({ "channel": shown.voucher.channel }),
        ),
    };
    if session.json() {
        let payment = match &**paid {
            Paid::Payment(shown) => json!(shown.payment),
            Paid::Voucher(shown) => json!(shown.voucher),
        };
        session.output.json(&json!({
            "id": id, "amount": amount, "from": from, "payment": payment, "again": again, "code": code,
        }))?;
        return Ok(Answer::Yes);
    }
    let output = session.output;
    let said = if again {
        "Paid before: this is the same payment again"
    } else {
        "Paid, and stored: show this"
    };
    output.line(&output.paint(Style::Good, &format!("{said} ({})", token.show(amount))))?;
    output.line(&output.paint(Style::Dim, &format!("payment {id}")))?;
    code.print(output)?;
    Ok(Answer::Yes)
}

fn scanned(code: &Code, domain: &Domain) -> Result<ScannedRequest> {
    Ok(match code {
        Code::Request(code) => {
            let (request, signature) = code.open(domain)?;
            ScannedRequest {
                request: request.clone(),
                signature,
                attestation: None,
            }
        }
        Code::AttestedRequest(code) => {
            let opened = code.open(domain)?;
            let attestation = Signed {
                domain: *domain,
                message: opened.attestation,
                signature: opened.attestation_signature,
            };
            ScannedRequest {
                request: opened.request.clone(),
                signature: Some(opened.signature),
                attestation: Some(attestation),
            }
        }
        _ => bail!("this code is not a request"),
    })
}

/// Who is to be paid what, and who says so.
fn introduce(
    session: &Session<'_>,
    wallet: &OpenWallet,
    read: &ReadRequest,
    amount: Option<Amount>,
) -> Result<()> {
    let (output, token, request) = (
        session.output,
        &wallet.state().deployment().token,
        &read.request,
    );
    let amount = amount
        .filter(|_| request.amount.is_zero())
        .unwrap_or(request.amount);
    let name = read.payee_name.name();
    let name = if name.is_empty() {
        "somebody without a name"
    } else {
        name
    };
    let memo = if request.memo.is_empty() {
        String::new()
    } else {
        format!(", for {}", request.memo)
    };
    output.line(&output.paint(
        Style::Bold,
        &format!("{} to {name}{memo}", token.show(amount)),
    ))?;
    let said = match &read.payee_name {
        PayeeName::Contact { .. } => output.paint(Style::Good, "a contact of yours"),
        PayeeName::Attested { .. } => output.paint(
            Style::Good,
            "the name is verified by an operator that you trust",
        ),
        PayeeName::Unverified { .. } => {
            output.paint(Style::Bad, "the name is NOT verified: it may be anybody")
        }
    };
    output.line(&said)?;
    output.line(&output.paint(Style::Dim, &format!("account {}", request.payee)))?;
    Ok(())
}

/// A rule or a limit says no: 1. What is broken is an error: 2.
pub(super) fn refused(
    session: &Session<'_>,
    wallet: &OpenWallet,
    error: PayError,
) -> Result<Answer> {
    match error {
        PayError::Storage(_) | PayError::Locked(_) => Err(error.into()),
        error => refuse(
            session,
            "NOT PAID",
            error.code(),
            &error.message(&wallet.state().deployment().token),
            error.is_retryable(),
        ),
    }
}

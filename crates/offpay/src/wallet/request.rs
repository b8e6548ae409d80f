//! `offpay wallet request`

use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::{
    Amount, Domain, Reference, Seconds,
    wire::{AttestedRequestCode, Code, RequestCode},
};
use offpay_wallet::ask::{Ask, ShownRequest};
use serde_json::json;

use super::session::Session;
use crate::{cli::Answer, clock, codes::CodeOutput, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Without an amount it is one to print: it never expires, can be paid again and again, and the payer types \
    the amount.\n\n\
    Examples:\n  offpay wallet request 12.50 --memo 'table 4'\n  \
    offpay wallet request --svg poster.svg\n  \
    offpay wallet request --again 0x5fe2… --png request.png"
)]
pub(super) struct Request {
    /// How much, in whole tokens.
    amount: Option<String>,
    /// What for.
    #[arg(long, default_value = "")]
    memo: String,
    /// For how many minutes it can be paid.
    #[arg(long, default_value_t = 15, value_name = "MINUTES")]
    minutes: u32,
    /// Leave out the signature: smaller, needs no PIN, and the name is never shown as verified.
    #[arg(long)]
    unsigned: bool,
    /// Show a request again that was made before.
    #[arg(long, value_name = "REFERENCE", conflicts_with_all = ["amount", "withdraw"])]
    again: Option<Reference>,
    /// Take a request back: payments of it are refused from now on.
    #[arg(long, value_name = "REFERENCE", conflicts_with = "amount")]
    withdraw: Option<Reference>,
    #[command(flatten)]
    code: CodeOutput,
}

impl Request {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let now = session.now()?;
        if let Some(reference) = self.withdraw {
            wallet.withdraw_request(reference, now)?;
            if session.json() {
                session.output.json(&json!({ "withdrawn": reference }))?;
            } else {
                session
                    .output
                    .line("Taken back: payments of it are refused from now on.")?;
            }
            return Ok(Answer::Yes);
        }
        let shown = match self.again {
            Some(reference) => wallet.show_request(reference)?,
            None => {
                if !self.unsigned {
                    session.unlock(&mut wallet)?;
                }
                let ask = self.ask(&wallet.state().deployment().token)?;
                wallet.ask(&ask, &session.entropy()?, now)?
            }
        };
        let deployment = wallet.state().deployment();
        let code = self.code.write(&code(&deployment.domain, &shown)?)?;
        let request = &shown.request;
        if session.json() {
            session.output.json(&json!({
                "request": request, "reference": shown.reference, "signed": shown.signature.is_some(),
                "attested": shown.attestation.is_some(), "code": code,
            }))?;
            return Ok(Answer::Yes);
        }
        let output = session.output;
        let amount = match request.amount {
            Amount::ZERO => "any amount".to_owned(),
            amount => deployment.token.show(amount),
        };
        let name = if request.name.is_empty() {
            "this account"
        } else {
            &request.name
        };
        let memo = if request.memo.is_empty() {
            String::new()
        } else {
            format!(", for {}", request.memo)
        };
        output.line(&output.paint(Style::Bold, &format!("Pay {name} {amount}{memo}")))?;
        if !request.expires_at.is_zero() {
            let distance = clock::distance(now, request.expires_at);
            output.line(&format!(
                "until {} ({distance})",
                clock::show(request.expires_at)
            ))?;
        }
        output.line(&output.paint(Style::Dim, &format!("reference {}", shown.reference)))?;
        code.print(output)?;
        Ok(Answer::Yes)
    }

    fn ask(&self, token: &offpay_wallet::Token) -> Result<Ask> {
        let amount = self
            .amount
            .as_deref()
            .map(|typed| token.parse(typed))
            .transpose()?;
        let valid_for = Seconds::new(u64::from(self.minutes) * 60).context("too long")?;
        Ok(Ask {
            amount: amount.unwrap_or(Amount::ZERO),
            valid_for: amount.filter(|amount| !amount.is_zero()).map(|_| valid_for),
            memo: self.memo.clone(),
            signed: !self.unsigned,
        })
    }
}

/// With the operator's word on the name, where there is one.
fn code(domain: &Domain, shown: &ShownRequest) -> Result<Code> {
    let request = shown.request.clone();
    Ok(match (shown.signature, &shown.attestation) {
        (Some(signature), Some(attested)) => AttestedRequestCode::new(
            domain,
            request,
            signature,
            &attested.message,
            attested.signature,
        )?
        .into(),
        (signature, _) => RequestCode::new(domain, request, signature).into(),
    })
}

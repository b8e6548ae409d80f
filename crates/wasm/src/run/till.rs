//! The till: sales, the day's report, and refunds that its owner pays.

use alloy_primitives::U256;
use offpay_protocol::{
    Amount, PaymentId, Seconds, Signed, Timestamp,
    till::till,
    wire::{Code, TillRefundCode},
};
use offpay_wallet::{
    Token,
    report::{Report, add_up},
    sale::{SaleOrder, bill},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, codes, pay, receive, token};
use crate::{
    command::Command,
    engine::Moment,
    failure::{Failure, failures},
};

/// Commands of a till, and of the owner of tills.
pub(super) fn run(wallet: &mut OpenWallet, command: Command, at: &Moment) -> Answer {
    let token = token(wallet);
    match command {
        Command::TakeAttestation { code } => attest(wallet, &code, at),
        Command::Bill { lines, tip } => {
            let bill = bill(&lines, tip, step(&token)).map_err(failures!(&token))?;
            Ok(json!(bill))
        }
        Command::Sell {
            lines,
            tip,
            memo,
            valid_for,
        } => {
            let valid_for =
                Seconds::new(valid_for).ok_or_else(|| Failure::malformed("the time"))?;
            let order = SaleOrder {
                lines,
                tip,
                step: step(&token),
                memo,
                valid_for,
            };
            let shown = wallet
                .sell(&order, &at.entropy, at.now)
                .map_err(failures!(&token))?;
            receive::shown_request(wallet, &shown)
        }
        Command::Report { since, until } => report(wallet, since, until, at),
        Command::AddReports { texts } => added_up(&texts, &token),
        Command::AskRefund { id, amount } => ask_refund(wallet, id, amount),
        Command::RefundForTill { code } => refund(wallet, &code, at),
        Command::TillAccount { index } => {
            Ok(json!({ "account": till(wallet.state().account(), U256::from(index)) }))
        }
        _ => Err(Failure::malformed("the command")),
    }
}

/// The smallest amount that people pay: a hundredth, if the token is divided as far.
fn step(token: &Token) -> Amount {
    Amount::parse_units("0.01", token.decimals)
        .or_else(|_| Amount::parse_units("1", token.decimals))
        .unwrap_or(Amount::from_u64(1))
}

fn attest(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    let Code::Attestation(code) = codes::parse(text, &token)? else {
        return Err(Failure::new(
            "not_an_attestation",
            "This code does not vouch for a till. Ask the operator for it.",
        ));
    };
    let (message, signature) = code.open(&domain).map_err(codes::unreadable(&token))?;
    let attestation = Signed {
        domain,
        message: message.clone(),
        signature,
    };
    let name = attestation.message.name.clone();
    wallet
        .take_attestation(attestation, at.now)
        .map_err(failures!(&token))?;
    Ok(json!({ "name": name }))
}

fn report(wallet: &OpenWallet, since: u64, until: u64, at: &Moment) -> Answer {
    let time = |seconds| Timestamp::new(seconds).ok_or_else(|| Failure::malformed("the time"));
    let (since, until) = (time(since)?, time(until)?);
    let state = wallet.state();
    let report = state.report(since, until, at.now);
    Ok(json!({ "text": report.to_text(), "report": report, "csv": state.report_csv(since, until) }))
}

fn added_up(texts: &[String], token: &Token) -> Answer {
    let reports: Result<Vec<Report>, _> = texts.iter().map(|text| Report::parse(text)).collect();
    let reports = reports.map_err(failures!(token))?;
    let (reports, sums) = add_up(reports).map_err(failures!(token))?;
    let texts: Vec<String> = reports.iter().map(Report::to_text).collect();
    Ok(json!({ "reports": reports, "texts": texts, "sums": sums }))
}

/// At the till: the code that asks its owner to give a payment back.
fn ask_refund(wallet: &OpenWallet, id: PaymentId, amount: Option<Amount>) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let received = state.records().received.get(&id).ok_or_else(|| {
        Failure::new(
            "payment_unknown",
            "There is no such payment in this wallet.",
        )
    })?;
    let amount = amount.unwrap_or(received.payment.amount);
    if amount.is_zero() || amount > received.payment.amount {
        return Err(Failure::new(
            "refund_more_than_received",
            format!(
                "You can ask for {} of this payment back.",
                token.show(received.payment.amount)
            ),
        ));
    }
    let code: Code = TillRefundCode::new(
        &state.deployment().domain,
        received.payment,
        received.signature,
        received.payer,
        amount,
    )
    .into();
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    Ok(json!({ "code": text, "id": id, "amount": amount }))
}

/// On the owner's phone: what a till asks for.
pub(super) fn read_refund(wallet: &OpenWallet, code: &TillRefundCode) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let asked = code
        .open(&state.deployment().domain)
        .map_err(codes::unreadable(&token))?;
    let view = state.read_till_refund(&asked).map_err(failures!(&token))?;
    let contact = state.records().contacts.get(&asked.payer);
    let name = contact.map(|contact| contact.name.clone());
    Ok(json!({
        "kind": "tillRefund", "till": asked.payment.payee, "index": view.index, "payer": asked.payer, "purse": asked.purse,
        "name": name.unwrap_or_default(), "original": asked.original, "paid": asked.payment.amount,
        "amount": asked.amount, "givenBack": view.given_back, "left": view.left,
    }))
}

fn refund(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let Code::TillRefund(code) = codes::parse(text, &token)? else {
        return Err(Failure::new(
            "not_a_refund",
            "This code asks for no refund. Show it at the till again.",
        ));
    };
    let domain = wallet.state().deployment().domain;
    let asked = code.open(&domain).map_err(codes::unreadable(&token))?;
    let paid = wallet
        .refund_for_till(&asked, at.now)
        .map_err(failures!(&token))?;
    let mut shown: Value = pay::shown(wallet, &paid, false)?;
    if let Value::Object(fields) = &mut shown {
        fields.insert("original".to_owned(), json!(asked.original));
    }
    Ok(shown)
}

//! Paying: what a code says, payments, receipts, refunds.

use offpay_protocol::{
    Amount, PaymentId,
    wire::{Code, ReceiptCode},
};
use offpay_wallet::{
    Deployment, Durable,
    pay::{Paid, PayError, PayOrder, Source},
    receipt::ReceiptError,
    refund::RefundOrder,
    report::Report,
};
use serde_json::json;

use super::{Answer, OpenWallet, codes, token};
use crate::{
    engine::Moment,
    failure::{Failure, failures},
};

/// What a code is, and of a request whether and whom it asks to pay.
pub(super) fn read(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    if let Ok(report) = Report::parse(text) {
        return Ok(json!({ "kind": "tillReport", "report": report }));
    }
    let code = codes::parse(text, &token)?;
    let kind = match &code {
        Code::Request(_) | Code::AttestedRequest(_) => {
            return read_request(wallet, &code, at);
        }
        Code::Payment(_) | Code::PaymentWithCertificate(_) | Code::Voucher(_) => "payment",
        Code::Receipt(_) => "receipt",
        Code::Certificate(_) => "certificate",
        Code::Attestation(_) => "attestation",
        Code::TillRefund(code) => return super::till::read_refund(wallet, code),
        Code::ChannelOffer(code) => return super::channel::read_offer(wallet, code),
        Code::ChannelTerms(code) => return super::channel::read_terms(wallet, code),
        Code::ChannelClose(code) => return super::channel::read_close(wallet, code),
        Code::Operator(card) => {
            return Ok(json!({
                "kind": "operator", "name": card.name, "operator": card.operator, "server": card.url,
                "sameDeployment": card.domain == wallet.state().deployment().domain,
            }));
        }
        _ => "unknown",
    };
    Ok(json!({ "kind": kind }))
}

fn read_request(wallet: &mut OpenWallet, code: &Code, at: &Moment) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    let scanned = codes::request(code, &domain, &token)?;
    let read = wallet
        .read_request(&scanned, at.now)
        .map_err(failures!(&token))?;
    Ok(json!({
        "kind": "request", "payee": read.request.payee, "name": read.payee_name.name(), "nameBy": read.payee_name,
        "verified": read.payee_name.is_verified(), "amount": read.request.amount, "memo": read.request.memo,
        "expiresAt": read.request.expires_at, "paidBy": read.paid_by,
    }))
}

/// What a request says, without a wallet.
pub(super) fn read_alone(text: &str, deployment: &Deployment) -> Answer {
    let (domain, token) = (&deployment.domain, &deployment.token);
    let code = codes::parse(text, token)?;
    let request = codes::request(&code, domain, token)?.request;
    Ok(json!({
        "kind": "request", "payee": request.payee, "name": request.name,
        "nameBy": { "by": "unverified", "name": request.name }, "verified": false, "amount": request.amount,
        "memo": request.memo, "expiresAt": request.expires_at, "paidBy": null,
    }))
}

pub(super) fn pay(
    wallet: &mut OpenWallet,
    text: &str,
    amount: Option<Amount>,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    let code = codes::parse(text, &token)?;
    let order = PayOrder {
        scanned: codes::request(&code, &domain, &token)?,
        amount,
        source: Source::Auto,
    };
    match wallet.pay(&order, at.now) {
        Ok(paid) => shown(wallet, &paid, false),
        // Paying a request again shows the same payment again.
        Err(PayError::AlreadyPaid { by }) if wallet.show_payment(by).is_ok() => show(wallet, by),
        Err(error) => Err(failures!(&token, error)),
    }
}

pub(super) fn show(wallet: &mut OpenWallet, id: PaymentId) -> Answer {
    let token = token(wallet);
    // Through a channel only the newest voucher is shown: it counts for all before it.
    if let Some(signed) = wallet.state().shown_voucher(id) {
        return super::channel::show_voucher(wallet, id, &signed);
    }
    let payment = wallet.show_payment(id).map_err(failures!(&token))?;
    shown(wallet, &payment.map(Paid::Payment), true)
}

pub(super) fn shown(wallet: &OpenWallet, paid: &Durable<Paid>, again: bool) -> Answer {
    let token = token(wallet);
    let domain = &wallet.state().deployment().domain;
    let code = codes::of_paid(domain, paid).map_err(codes::unreadable(&token))?;
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    let (id, amount, payee) = match &**paid {
        Paid::Payment(shown) => (shown.id, shown.payment.amount, Some(shown.payment.payee)),
        Paid::Voucher(shown) => (shown.id, shown.amount, None),
    };
    Ok(json!({ "code": text, "id": id, "amount": amount, "payee": payee, "again": again }))
}

pub(super) fn take_receipt(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let Code::Receipt(code) = codes::parse(text, &token)? else {
        return Err(Failure::new(
            "not_a_receipt",
            "This code is not a receipt. Ask the shop to show it.",
        ));
    };
    take(wallet, &code, at)
}

fn take(wallet: &mut OpenWallet, code: &ReceiptCode, at: &Moment) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    let ids: Vec<PaymentId> = wallet.state().made_by_hint(code.payment_hint()).collect();
    let mut refused = Failure::new(
        "payment_unknown",
        "There is no such payment in this wallet.",
    );
    for id in ids {
        let (receipt, signature) = code.open(&domain, id).map_err(codes::unreadable(&token))?;
        match wallet.take_receipt(receipt, signature, at.now) {
            Ok(_) => return Ok(json!({ "id": id })),
            Err(error @ ReceiptError::Storage(_)) => return Err(failures!(&token, error)),
            Err(error) => refused = failures!(&token, error),
        }
    }
    Err(refused)
}

pub(super) fn refund(
    wallet: &mut OpenWallet,
    id: PaymentId,
    amount: Option<Amount>,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let order = RefundOrder {
        original: id,
        amount,
        purse: None,
    };
    let paid = wallet.refund(&order, at.now).map_err(failures!(&token))?;
    shown(wallet, &paid, false)
}

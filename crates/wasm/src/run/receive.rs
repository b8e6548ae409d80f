//! Being paid: requests, verdicts, receipts.

use offpay_protocol::{
    Amount, PaymentId, Reference, Seconds,
    wire::{Code, ReceiptCode},
};
use offpay_wallet::{
    Durable,
    accept::{NetworkWord, Taken},
    ask::{Ask, ShownRequest},
    messages::Message as _,
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, codes, token};
use crate::{
    engine::Moment,
    failure::{Failure, failures},
};

pub(super) fn ask(
    wallet: &mut OpenWallet,
    amount: Amount,
    memo: String,
    valid_for: Option<u64>,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let valid_for = match valid_for {
        Some(seconds) => Some(Seconds::new(seconds).ok_or_else(|| Failure::malformed("the time"))?),
        None => None,
    };
    // A locked till still asks, and one that no operator vouches for; only nobody can verify its name then.
    let signed = wallet.is_unlocked(at.now) && wallet.state().signs_requests(at.now);
    let ask = Ask {
        amount,
        valid_for,
        memo,
        signed,
    };
    let shown = wallet
        .ask(&ask, &at.entropy, at.now)
        .map_err(failures!(&token))?;
    shown_request(wallet, &shown)
}

pub(super) fn show_request(wallet: &mut OpenWallet, reference: Reference) -> Answer {
    let token = token(wallet);
    let shown = wallet.show_request(reference).map_err(failures!(&token))?;
    shown_request(wallet, &shown)
}

pub(super) fn shown_request(wallet: &OpenWallet, shown: &Durable<ShownRequest>) -> Answer {
    let token = token(wallet);
    let domain = &wallet.state().deployment().domain;
    let code = codes::of_request(domain, shown).map_err(codes::unreadable(&token))?;
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    Ok(json!({ "code": text, "reference": shown.reference, "request": shown.request }))
}

pub(super) fn withdraw(wallet: &mut OpenWallet, reference: Reference, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .withdraw_request(reference, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn accept(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let code = codes::parse(text, &token)?;
    if let Code::Voucher(code) = &code {
        let taken = wallet
            .accept_voucher_code(code, at.now)
            .map_err(failures!(&token))?;
        return Ok(json!({
            "id": taken.id, "amount": taken.amount, "again": taken.again, "verdict": taken.verdict,
            "message": taken.verdict.message(&token), "handInBy": taken.hand_in_by, "cover": taken.amount,
            "exposure": taken.amount, "excess": taken.excess, "isOlder": false, "channel": taken.channel, "circle": null, "refundOf": null,
        }));
    }
    let taken = wallet
        .accept_code(&code, NetworkWord::None, at.now)
        .map_err(failures!(&token))?;
    Ok(verdict(wallet, &taken))
}

fn verdict(wallet: &OpenWallet, taken: &Taken) -> Value {
    let accepted = &taken.acceptance;
    json!({
        "id": taken.id, "amount": taken.payment.amount, "again": taken.again, "verdict": accepted.verdict,
        "message": accepted.verdict.message(&token(wallet)), "handInBy": accepted.hand_in_by, "cover": accepted.cover,
        "exposure": accepted.exposure, "excess": accepted.excess, "isOlder": accepted.is_older, "channel": null,
        "circle": super::view::circle_of(wallet.state(), taken.id), "refundOf": taken.refund_of,
    })
}

pub(super) fn give_receipt(wallet: &mut OpenWallet, id: PaymentId, at: &Moment) -> Answer {
    let token = token(wallet);
    let given = wallet.give_receipt(id, at.now).map_err(failures!(&token))?;
    let domain = &wallet.state().deployment().domain;
    let code: Code = ReceiptCode::new(domain, &given.receipt, given.signature).into();
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    Ok(json!({ "code": text, "id": id, "acceptedAt": given.receipt.accepted_at }))
}

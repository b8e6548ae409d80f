//! Channels: offers, terms and closes as codes, and what is shown of them.

use offpay_protocol::{
    Amount, ChannelId, PaymentId, Signed,
    channel::Side,
    messages::{ChannelTerms, Voucher},
    wire::{ChannelCloseCode, ChannelOfferCode, ChannelTermsCode, Code},
};
use offpay_wallet::{
    State,
    channel::SignedClose,
    records::{Channel, ChannelStanding, SignedVoucher, VoucherDirection},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, codes, token};
use crate::{
    command::Command,
    engine::Moment,
    failure::{Failure, failures},
};

/// Commands that need no network.
pub(super) fn run(wallet: &mut OpenWallet, command: Command, at: &Moment) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    match command {
        Command::OfferChannel => {
            let offer = wallet
                .prepare_channel_key(&at.entropy, at.now)
                .map_err(failures!(&token))?;
            text(
                wallet,
                &Code::from(ChannelOfferCode::new(&domain, offer.account, offer.key)),
            )
        }
        Command::JoinChannel { code } => {
            let Code::ChannelTerms(code) = codes::parse(&code, &token)? else {
                return Err(Failure::new(
                    "not_channel_terms",
                    "This code opens no channel. Ask the other side to show it again.",
                ));
            };
            let terms = *code.open(&domain).map_err(codes::unreadable(&token))?;
            let joined = wallet
                .join_channel(terms, at.now)
                .map_err(failures!(&token))?;
            Ok(json!({ "channel": joined.id(&domain) }))
        }
        Command::ShowChannel { channel } => {
            let terms = wallet
                .state()
                .channel(channel)
                .map_err(failures!(&token))?
                .terms;
            text(wallet, &Code::from(ChannelTermsCode::new(&domain, terms)))
        }
        Command::ProposeClose { channel } => {
            let signed = wallet
                .propose_close(channel, at.now)
                .map_err(failures!(&token))?;
            let close = signed.close;
            let by_a = signed.by_a.map(|signature| (Side::A, signature));
            let by_b = signed.by_b.map(|signature| (Side::B, signature));
            let (by, signature) = by_a
                .or(by_b)
                .ok_or_else(|| Failure::malformed("the close"))?;
            let code = ChannelCloseCode::new(&domain, &close, by, signature);
            let mut shown = text(wallet, &Code::from(code))?;
            if let Value::Object(fields) = &mut shown {
                fields.insert("deadline".to_owned(), json!(close.deadline));
            }
            Ok(shown)
        }
        Command::WatchChannel { channel } => {
            let known = wallet.state().channel(channel).map_err(failures!(&token))?;
            let vouchers = [known.newest_received, known.newest_sent];
            let vouchers: Vec<Signed<Voucher>> = vouchers
                .into_iter()
                .flatten()
                .map(|held| Signed {
                    domain,
                    message: held.voucher,
                    signature: held.signature,
                })
                .collect();
            Ok(json!({ "terms": known.terms, "vouchers": vouchers }))
        }
        _ => Err(Failure::malformed("the command")),
    }
}

fn text(wallet: &OpenWallet, code: &Code) -> Answer {
    let token = token(wallet);
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    Ok(json!({ "code": text }))
}

/// What is shown of a channel of this wallet; `None` for one whose end is not this wallet's.
pub(super) fn described(state: &State, channel: &Channel, at: &Moment) -> Option<Value> {
    let side = channel.side(state.account())?;
    let counterparty = channel.terms.account(side.other());
    let records = state.records();
    let contact = records.contacts.get(&counterparty);
    let closes_at = match channel.standing {
        ChannelStanding::Closing { closes_at } => Some(closes_at),
        _ => None,
    };
    let standing = match channel.standing {
        ChannelStanding::Proposed => "proposed",
        ChannelStanding::Open => "open",
        ChannelStanding::Closing { .. } => "closing",
        ChannelStanding::Closed => "closed",
    };
    // What came in counts only while it can still be presented: by this date a closing has to be answered.
    let hand_in_by = (channel.received > channel.handed_in && channel.seen_open.is_some())
        .then(|| state.voucher_hand_in_by(channel));
    let locked_until = channel
        .close_signed_until
        .filter(|deadline| channel.seen_open.is_none_or(|seen| seen <= *deadline));
    Some(json!({
        "id": channel.id, "counterparty": counterparty,
        "name": contact.map(|contact| contact.name.clone()).unwrap_or_default(),
        "standing": standing, "closesAt": closes_at, "opener": side == Side::A,
        "oneWay": channel.terms.is_one_way(), "hasKey": channel.own_key.is_some(),
        "depositOwn": deposit(channel, side), "depositOther": deposit(channel, side.other()),
        "canSend": channel.balance(side, side), "canReceive": channel.balance(side.other(), side),
        "sent": channel.sent, "received": channel.received, "handInBy": hand_in_by,
        "closeDelay": channel.terms.close_delay, "seenOpen": channel.seen_open, "lockedUntil": locked_until,
        "canClose": closes_at.is_some_and(|closes_at| state.time(at.now) >= closes_at),
    }))
}

fn deposit(channel: &Channel, side: Side) -> Amount {
    match side {
        Side::A => channel.deposit_a,
        Side::B => channel.deposit_b,
    }
}

/// An offer that was scanned.
pub(super) fn read_offer(wallet: &OpenWallet, code: &ChannelOfferCode) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let (account, _) = code
        .open(&state.deployment().domain)
        .map_err(codes::unreadable(&token))?;
    let contact = state.records().contacts.get(&account);
    let name = contact.map(|contact| contact.name.clone());
    Ok(json!({ "kind": "channelOffer", "account": account, "name": name.unwrap_or_default() }))
}

/// The terms of a channel that the other side opened.
pub(super) fn read_terms(wallet: &OpenWallet, code: &ChannelTermsCode) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let terms: &ChannelTerms = code
        .open(&state.deployment().domain)
        .map_err(codes::unreadable(&token))?;
    let contact = state.records().contacts.get(&terms.a);
    let name = contact.map(|contact| contact.name.clone());
    Ok(json!({
        "kind": "channelTerms", "account": terms.a, "name": name.unwrap_or_default(),
        "closeDelay": terms.close_delay, "oneWay": terms.is_one_way(), "channel": terms.id(&state.deployment().domain),
    }))
}

/// The channel that a close code is for.
fn found(state: &State, code: &ChannelCloseCode) -> Result<ChannelId, Failure> {
    let hint = code.channel_hint();
    let mut ids = state.records().channels.keys();
    ids.find(|id| id.bytes().starts_with(&hint))
        .copied()
        .ok_or_else(|| {
            Failure::new(
                "channel_unknown",
                "This close is of a channel that this phone does not know.",
            )
        })
}

/// A close that the other side signed.
pub(super) fn read_close(wallet: &OpenWallet, code: &ChannelCloseCode) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let id = found(state, code)?;
    let (close, _, _) = code
        .open(&state.deployment().domain, id)
        .map_err(codes::unreadable(&token))?;
    Ok(json!({ "kind": "channelClose", "channel": id, "deadline": close.deadline }))
}

/// Signs what the other side signed, and gives out what the contract takes.
pub(crate) fn agree(
    wallet: &mut OpenWallet,
    given: &str,
    at: &Moment,
) -> Result<(ChannelTerms, SignedClose), Failure> {
    let token = token(wallet);
    let Code::ChannelClose(code) = codes::parse(given, &token)? else {
        return Err(Failure::new(
            "not_a_close",
            "This code closes no channel. Ask the other side to show it again.",
        ));
    };
    let domain = wallet.state().deployment().domain;
    let id = found(wallet.state(), &code)?;
    let (close, by, signature) = code.open(&domain, id).map_err(codes::unreadable(&token))?;
    let signed = SignedClose {
        close,
        by_a: (by == Side::A).then_some(signature),
        by_b: (by == Side::B).then_some(signature),
    };
    let both = wallet
        .agree_to_close(signed, at.now)
        .map_err(failures!(&token))?
        .into_inner();
    let terms = wallet.state().channel(id).map_err(failures!(&token))?.terms;
    Ok((terms, both))
}

/// A payment through a channel, to show it again.
pub(super) fn show_voucher(wallet: &OpenWallet, id: PaymentId, held: &SignedVoucher) -> Answer {
    let token = token(wallet);
    let state = wallet.state();
    let domain = &state.deployment().domain;
    let code = codes::of_voucher(domain, &held.voucher, held.signature)
        .map_err(codes::unreadable(&token))?;
    let text = code.to_text().map_err(codes::unreadable(&token))?;
    let notes = state.records().vouchers.iter();
    let amount = notes
        .filter(|note| note.id == id && note.direction == VoucherDirection::Sent)
        .map(|note| note.amount)
        .next();
    Ok(json!({
        "code": text, "id": id, "amount": amount.unwrap_or(Amount::ZERO), "payee": null, "again": true,
    }))
}

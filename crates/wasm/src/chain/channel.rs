//! Channels on the chain: opening them, and closing them together.

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use offpay_protocol::{
    AccountId, Amount, ChannelKey, channel::Side, messages::ChannelTerms, wire::Code,
};
use offpay_wallet::{channel::ChannelProposal, records::ChannelStanding};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{closeChannelTogetherCall, openChannelCall},
    convert::{self, uint40, uint96},
    owner,
};
use crate::{
    command::Beside,
    engine::Moment,
    failure::{Failure, failures},
    run::{Answer, OpenWallet, channel as channels, codes, token},
};

/// Proposes a channel to whoever made the offer, or takes the one that was proposed before, and signs the batch that
/// pays for it and opens it.
pub(super) fn open(
    wallet: &mut OpenWallet,
    offer: &str,
    deposit: Amount,
    batch: &Beside,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let domain = wallet.state().deployment().domain;
    let Code::ChannelOffer(code) = codes::parse(offer, &token)? else {
        return Err(Failure::new(
            "not_an_offer",
            "This code offers no channel. Ask the other side to show it.",
        ));
    };
    let (account, key) = code.open(&domain).map_err(codes::unreadable(&token))?;
    let terms = proposed(wallet, account, key, at)?;
    let id = terms.id(&domain);
    wallet
        .state()
        .check_funding(id)
        .map_err(failures!(&token))?;
    let open = openChannelCall {
        terms: convert::terms(&terms),
        deposit_: uint96(deposit),
    };
    let last = vec![open.abi_encode().into()];
    let mut answer = owner::batch(wallet, &batch.operations(), last, batch.nonce, at)?;
    if let Value::Object(fields) = &mut answer {
        fields.insert("channel".to_owned(), json!(id));
    }
    Ok(answer)
}

/// Terms that were proposed for the same offer and never seen open are taken again: the network may have failed.
fn proposed(
    wallet: &mut OpenWallet,
    counterparty: AccountId,
    key: ChannelKey,
    at: &Moment,
) -> Result<ChannelTerms, Failure> {
    let token = token(wallet);
    let known = wallet.state().records().channels.values().find(|channel| {
        channel.standing == ChannelStanding::Proposed
            && channel.side(wallet.state().account()) == Some(Side::A)
            && (channel.terms.b, channel.terms.key_b) == (counterparty, key)
    });
    if let Some(channel) = known {
        return Ok(channel.terms);
    }
    let proposal = ChannelProposal {
        counterparty,
        counterparty_key: Some(key),
        close_delay: None,
    };
    let terms = wallet.propose_channel(&proposal, &at.entropy, at.now);
    Ok(terms.map_err(failures!(&token))?.into_inner())
}

/// Agrees to a close that the other side signed, and signs the batch that brings it to the chain.
pub(super) fn agree(wallet: &mut OpenWallet, code: &str, batch: &Beside, at: &Moment) -> Answer {
    let (terms, both) = channels::agree(wallet, code, at)?;
    let missing = || Failure::malformed("the close");
    let (by_a, by_b) = (
        both.by_a.ok_or_else(missing)?,
        both.by_b.ok_or_else(missing)?,
    );
    let call = closeChannelTogetherCall {
        terms: convert::terms(&terms),
        fromA: uint96(both.close.from_a),
        fromB: uint96(both.close.from_b),
        deadline: uint40(both.close.deadline),
        sigA: Bytes::copy_from_slice(&by_a.to_compact()),
        sigB: Bytes::copy_from_slice(&by_b.to_compact()),
    };
    let last = vec![call.abi_encode().into()];
    owner::batch(wallet, &batch.operations(), last, batch.nonce, at)
}

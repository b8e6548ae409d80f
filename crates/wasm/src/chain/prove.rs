//! "Prove it": a payment's slot, checked here against the state root of a finalized block.

use offpay_protocol::{PaymentId, PurseKey, messages::Payment, slot::paid_to_slot};
use serde_json::{Value, json};

use super::{header, sync::proof};
use crate::{
    Failure,
    run::{Answer, OpenWallet},
};

fn payment(wallet: &OpenWallet, id: PaymentId) -> Result<(PurseKey, Payment), Failure> {
    let records = wallet.state().records();
    let received = records
        .received
        .get(&id)
        .map(|received| (received.purse, received.payment));
    let made = || records.made.get(&id).map(|made| (made.purse, made.payment));
    received.or_else(made).ok_or_else(|| {
        Failure::new(
            "payment_unknown",
            "There is no such payment in this wallet.",
        )
    })
}

pub(super) fn calls(wallet: &OpenWallet, id: PaymentId, block: u64) -> Answer {
    let (purse, payment) = payment(wallet, id)?;
    let contract = wallet.state().deployment().domain.contract();
    let slot = paid_to_slot(purse, payment.payee);
    Ok(json!([{ "method": "eth_getProof", "params": [contract, [slot], format!("{block:#x}")] }]))
}

pub(super) fn check(
    wallet: &OpenWallet,
    id: PaymentId,
    block: &Value,
    told: &Value,
    nodes: u8,
) -> Answer {
    let (purse, payment) = payment(wallet, id)?;
    let contract = wallet.state().deployment().domain.contract();
    let (_, header) = header::proven(block)?;
    let slot = proof(Some(told))?;
    let credited = slot
        .paid_to(header.state_root, contract, purse, payment.payee)
        .map_err(Failure::answer)?;
    Ok(json!({
        "paid": credited >= payment.cumulative, "credited": credited, "cumulative": payment.cumulative,
        "block": header.number, "hash": header.hash, "time": header.timestamp, "stateRoot": header.state_root,
        "slot": paid_to_slot(purse, payment.payee), "nodes": nodes,
        "proofNodes": slot.account_proof.len().saturating_add(slot.storage_proof.len()),
    }))
}

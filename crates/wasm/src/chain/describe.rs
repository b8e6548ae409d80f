//! The wallet's tasks, as what to ask a node or an operator, and what to send.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use offpay_protocol::{AccountId, Amount, PurseKey, Signed, slot::paid_to_slot};
use offpay_wallet::{records::SignedPayment, sync::Task};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{
        PaymentRow, closePurseCall, makeGoodCall, membershipOfCall, paidToCall, pairOfCall,
        purseOfCall, reportDoubleSpendCall, requestPurseCloseCall, securityOfCall,
        settlePaymentAfterSettlementPeriodCall, settlePaymentCall,
    },
    ask::{at_hash, view},
    channels,
    convert::{row, uint96},
    operators,
    sync::Round,
};
use crate::{Failure, run::OpenWallet};

/// A task for the page: what to ask, what to send. `None` for what this wallet does otherwise, or not at all.
pub(super) fn describe(
    wallet: &OpenWallet,
    round: &Round,
    contract: Address,
    task: &Task,
) -> Option<Value> {
    let at = at_hash(round.block.hash);
    let account: Address = wallet.state().account().into();
    let purse = |key: PurseKey| view(contract, &purseOfCall { key: key.into() }, &at);
    Some(match task {
        Task::HandIn {
            id,
            purse,
            signed,
            by,
        } => {
            let payee = signed.payment.payee;
            let asked = paidToCall {
                purse: (*purse).into(),
                payee: payee.into(),
            };
            let full = Signed {
                domain: wallet.state().deployment().domain,
                message: signed.payment,
                signature: signed.signature,
            };
            json!({
                "what": "handIn", "id": id, "own": by.is_none(), "payment": full,
                "ask": [view(contract, &asked, &json!("latest"))],
                "send": { "to": contract, "data": settle(signed) },
            })
        }
        Task::ReportDoubleSpend(evidence) => {
            let (a, b) = (&evidence.a, &evidence.b);
            let report = reportDoubleSpendCall {
                a: row(&a.payment),
                sigA: signature(a),
                b: row(&b.payment),
                sigB: signature(b),
            };
            let key = evidence.purse.into();
            json!({
                "what": "report", "ask": [view(contract, &purseOfCall { key }, &json!("latest"))],
                "send": { "to": contract, "data": Bytes::from(report.abi_encode()) },
            })
        }
        Task::SettleAfterSettlementPeriod { purse, payee } => {
            let call = settlePaymentAfterSettlementPeriodCall {
                key: (*purse).into(),
                payee: (*payee).into(),
            };
            json!({ "what": "claim", "ask": [], "send": { "to": contract, "data": Bytes::from(call.abi_encode()) } })
        }
        Task::RequestPurseClose(key) => {
            let call = requestPurseCloseCall { key: (*key).into() };
            json!({ "what": "requestClose", "purse": key, "ask": [], "send": { "to": contract, "data": Bytes::from(call.abi_encode()) } })
        }
        Task::ClosePurse(key) => {
            let call = closePurseCall { key: (*key).into() };
            json!({ "what": "close", "purse": key, "ask": [], "send": { "to": contract, "data": Bytes::from(call.abi_encode()) } })
        }
        Task::MakeGood {
            purse,
            payees,
            until,
        } => {
            json!({
                "what": "makeGood", "purse": purse, "until": until, "ask": [],
                "send": { "to": contract, "data": Bytes::from(make_good(*purse, payees)) },
            })
        }
        Task::RenewCertificate(key) => json!({ "what": "certificate", "purse": key, "ask": [] }),
        Task::ReadPurse(key) | Task::ReadPayer(key) => {
            json!({ "what": "read", "ask": [purse(*key)] })
        }
        Task::ProvePaid { purse, payee, .. } => {
            let slot = paid_to_slot(*purse, *payee);
            // `eth_getProof` by number: not every node takes a hash. The proof fits the header, or is refused.
            let number = format!("{:#x}", round.block.number);
            json!({
                "what": "prove",
                "ask": [{ "method": "eth_getProof", "params": [contract, [slot], number] }, pair_call(contract, *purse, *payee, &at)],
            })
        }
        Task::ReadPair { purse, payee } => {
            json!({ "what": "read", "ask": [pair_call(contract, *purse, *payee, &at)] })
        }
        Task::ReadMembership(circle) if circle.is_open() => {
            json!({ "what": "read", "ask": [view(contract, &securityOfCall { owner: account }, &at)] })
        }
        Task::ReadMembership(circle) => {
            let call = membershipOfCall {
                circle: (*circle).into(),
                payee: account,
            };
            json!({ "what": "read", "ask": [view(contract, &call, &at)] })
        }
        Task::FetchOperatorKey(operator) => {
            let server = operators::server(wallet, *operator)?;
            json!({ "what": "operatorKey", "ask": [], "operator": operator, "server": server })
        }
        Task::FetchRevocations(operator) => {
            let server = operators::server(wallet, *operator)?;
            json!({
                "what": "revocations", "ask": [], "operator": operator, "server": server,
                "since": operators::known_list(wallet, *operator).map(|list| list.version),
            })
        }
        Task::HandInVoucher {
            channel, signed, ..
        } => channels::hand_in(wallet, contract, *channel, signed)?,
        Task::ReadChannel(channel) => {
            json!({ "what": "read", "ask": [channels::look(contract, *channel, &at)] })
        }
        Task::FinalizeChannel(channel) => channels::finalize(wallet, contract, *channel)?,
        Task::ReadFinalizedBlock => return None,
    })
}

fn pair_call(contract: Address, purse: PurseKey, payee: AccountId, at: &Value) -> Value {
    let call = pairOfCall {
        key: purse.into(),
        payee: payee.into(),
    };
    view(contract, &call, at)
}

fn settle(signed: &SignedPayment) -> Bytes {
    let payment: PaymentRow = row(&signed.payment);
    settlePaymentCall {
        payment,
        signature: signature(signed),
    }
    .abi_encode()
    .into()
}

fn signature(signed: &SignedPayment) -> Bytes {
    Bytes::copy_from_slice(&signed.signature.to_compact())
}

/// What only the owner can ask of the contract, of a sync's tasks: an operator may send it, signed.
pub(super) fn owner_call(round: &Round, index: usize) -> Result<Bytes, Failure> {
    let call = match round.tasks.get(index) {
        Some(Task::RequestPurseClose(key)) => {
            requestPurseCloseCall { key: (*key).into() }.abi_encode()
        }
        Some(Task::ClosePurse(key)) => closePurseCall { key: (*key).into() }.abi_encode(),
        Some(Task::MakeGood { purse, payees, .. }) => make_good(*purse, payees),
        _ => return Err(Failure::malformed("a task that no owner signs")),
    };
    Ok(call.into())
}

fn make_good(purse: PurseKey, payees: &[AccountId]) -> Vec<u8> {
    makeGoodCall {
        key: purse.into(),
        payees: payees.iter().map(|payee| (*payee).into()).collect(),
        max: uint96(Amount::MAX),
    }
    .abi_encode()
}

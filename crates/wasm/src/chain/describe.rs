//! The wallet's tasks, as what to ask a node or an operator, and what to send.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use offpay_protocol::{AccountId, Amount, PurseKey, Signed, slot::paid_to_slot};
use offpay_wallet::{records::SignedPayment, sync::Task};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{
        closePurseCall, makeGoodCall, membershipOfCall, paidToCall, pairOfCall, purseOfCall,
        reportDoubleSpendCall, requestPurseCloseCall, securityOfCall,
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
    let mut described = match task {
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
            })
        }
        Task::ReportDoubleSpend(evidence) => {
            let key = evidence.purse.into();
            json!({ "what": "report", "ask": [view(contract, &purseOfCall { key }, &json!("latest"))] })
        }
        Task::SettleAfterSettlementPeriod { .. } => json!({ "what": "claim", "ask": [] }),
        Task::RequestPurseClose(key) => json!({ "what": "requestClose", "purse": key, "ask": [] }),
        Task::ClosePurse(key) => json!({ "what": "close", "purse": key, "ask": [] }),
        Task::MakeGood { purse, until, .. } => {
            json!({ "what": "makeGood", "purse": purse, "until": until, "ask": [] })
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
        Task::HandInVoucher { channel, .. } => {
            json!({ "what": "handInVoucher", "channel": channel, "ask": [] })
        }
        Task::ReadChannel(channel) => {
            json!({ "what": "read", "ask": [channels::look(contract, *channel, &at)] })
        }
        Task::FinalizeChannel(channel) => json!({
            "what": "finalizeChannel", "channel": channel,
            "ask": [channels::look(contract, *channel, &json!("latest"))],
        }),
        Task::ReadFinalizedBlock => return None,
    };
    if let Value::Object(fields) = &mut described
        && let Some(data) = call(wallet, task)
    {
        fields.insert("send".to_owned(), json!({ "to": contract, "data": data }));
    }
    Some(described)
}

fn pair_call(contract: Address, purse: PurseKey, payee: AccountId, at: &Value) -> Value {
    let call = pairOfCall {
        key: purse.into(),
        payee: payee.into(),
    };
    view(contract, &call, at)
}

fn signature(signed: &SignedPayment) -> Bytes {
    Bytes::copy_from_slice(&signed.signature.to_compact())
}

/// The call of a task that brings something to the contract; `None` if it brings nothing, or of a channel that is not
/// known. The owner can send it, or sign it in a batch for an operator to send.
fn call(wallet: &OpenWallet, task: &Task) -> Option<Bytes> {
    let data = match task {
        Task::HandIn { signed, .. } => settlePaymentCall {
            payment: row(&signed.payment),
            signature: signature(signed),
        }
        .abi_encode(),
        Task::ReportDoubleSpend(evidence) => {
            let (a, b) = (&evidence.a, &evidence.b);
            reportDoubleSpendCall {
                a: row(&a.payment),
                sigA: signature(a),
                b: row(&b.payment),
                sigB: signature(b),
            }
            .abi_encode()
        }
        Task::SettleAfterSettlementPeriod { purse, payee } => {
            settlePaymentAfterSettlementPeriodCall {
                key: (*purse).into(),
                payee: (*payee).into(),
            }
            .abi_encode()
        }
        Task::RequestPurseClose(key) => requestPurseCloseCall { key: (*key).into() }.abi_encode(),
        Task::ClosePurse(key) => closePurseCall { key: (*key).into() }.abi_encode(),
        Task::MakeGood { purse, payees, .. } => makeGoodCall {
            key: (*purse).into(),
            payees: payees.iter().map(|payee| (*payee).into()).collect(),
            max: uint96(Amount::MAX),
        }
        .abi_encode(),
        Task::HandInVoucher {
            channel, signed, ..
        } => channels::hand_in(wallet, *channel, signed)?,
        Task::FinalizeChannel(channel) => channels::finalize(wallet, *channel)?,
        _ => return None,
    };
    Some(data.into())
}

/// The call of a round's task, to be signed in a batch.
pub(super) fn call_of(wallet: &OpenWallet, round: &Round, index: usize) -> Result<Bytes, Failure> {
    let task = round.tasks.get(index);
    task.and_then(|task| call(wallet, task))
        .ok_or_else(|| Failure::malformed("a task that nothing is sent for"))
}

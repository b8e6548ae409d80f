//! The network is back: the wallet's tasks as questions to a node, and its answers as the wallet's news.

use alloy_primitives::{B256, Bytes};
use offpay_protocol::{
    AccountId, PurseKey, Timestamp,
    messages::{Certificate, Payment},
    proof::SlotProof,
};
use offpay_wallet::{
    records::{FinalizedBlock, StoredCertificate},
    sync::{Answer as News, CircleOnChain, PaidTo, PurseOnChain, PurseView, Task},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    abi::OffPay::{
        PurseState, membershipOfCall, paidToCall, pairOfCall, purseOfCall, securityOfCall,
    },
    ask::read,
    channels,
    convert::{amount, set, time, wide},
    describe::describe,
    header, operators,
};
use crate::{
    engine::Moment,
    failure::{Failure, failures},
    run::{Answer, OpenWallet, codes::unreadable, token},
};

/// One sync: everything in it is read at one finalized block.
#[derive(Debug)]
pub(crate) struct Round {
    pub(super) block: FinalizedBlock,
    header: Bytes,
    pub(super) tasks: Vec<Task>,
}

#[cfg(test)]
impl Round {
    /// A round with these tasks, of no block in particular.
    pub(super) fn of(tasks: Vec<Task>) -> Self {
        let block = FinalizedBlock {
            number: 1,
            hash: B256::ZERO,
            time: Timestamp::ZERO,
            nodes: 1,
        };
        Self {
            block,
            header: Bytes::new(),
            tasks,
        }
    }
}

/// Begins a sync at this block.
pub(super) fn begin(block: &Value, nodes: u8) -> Result<(Round, Value), Failure> {
    let (rlp, proven) = header::proven(block)?;
    let block = FinalizedBlock {
        number: proven.number,
        hash: proven.hash,
        time: proven.timestamp,
        nodes,
    };
    let round = Round {
        block,
        header: rlp,
        tasks: Vec::new(),
    };
    Ok((round, json!(block)))
}

/// What is to be done that was not tried in this round.
pub(super) fn tasks(wallet: &OpenWallet, round: &mut Round, at: &Moment) -> Value {
    let state = wallet.state();
    let contract = state.deployment().domain.contract();
    let mut new = Vec::new();
    for task in state.tasks(at.now) {
        if round.tasks.contains(&task) {
            continue;
        }
        let index = round.tasks.len();
        if let Some(mut described) = describe(wallet, round, contract, &task) {
            if let Value::Object(fields) = &mut described {
                fields.insert("index".to_owned(), json!(index));
            }
            new.push(described);
        }
        round.tasks.push(task);
    }
    Value::Array(new)
}

/// Takes in what a node answered to a task. Says whether something is to be sent all the same.
pub(super) fn learn(
    wallet: &mut OpenWallet,
    round: &Round,
    index: usize,
    results: &[Value],
    at: &Moment,
) -> Answer {
    let task = round
        .tasks
        .get(index)
        .ok_or_else(|| Failure::malformed("no such task"))?;
    let block = round.block;
    let news = match task {
        Task::HandIn { purse, signed, .. } => {
            let payment: &Payment = &signed.payment;
            let paid = wide(read::<paidToCall>(results.first())?)?;
            if paid < payment.cumulative {
                return Ok(json!({ "send": true }));
            }
            vec![News::HandedIn {
                purse: *purse,
                payee: payment.payee,
                cumulative: payment.cumulative,
                transaction: None,
            }]
        }
        Task::ReportDoubleSpend(_) => {
            let purse = read::<purseOfCall>(results.first())?;
            return Ok(json!({ "send": purse.open && !purse.reported && !purse.closed }));
        }
        Task::ReadPurse(key) => vec![News::Purse(purse(*key, results, block)?)],
        Task::ReadPayer(key) => vec![News::Payer(purse(*key, results, block)?)],
        Task::ProvePaid { purse, payee, .. } => {
            let paid = PaidTo {
                purse: *purse,
                payee: *payee,
                block_hash: block.hash,
                nodes: block.nodes,
                header: round.header.clone(),
                proof: proof(results.first())?,
            };
            let since = set(read::<pairOfCall>(results.get(1))?.inDefaultSince);
            vec![News::Paid(paid), default(*purse, *payee, since, block)]
        }
        Task::ReadPair { purse, payee } => {
            let since = set(read::<pairOfCall>(results.first())?.inDefaultSince);
            vec![default(*purse, *payee, since, block)]
        }
        Task::ReadMembership(circle) if circle.is_open() => {
            let security = read::<securityOfCall>(results.first())?;
            vec![News::Registration {
                registered_at: set(security.registeredAt),
                at: block,
            }]
        }
        Task::ReadMembership(circle) => {
            let place = read::<membershipOfCall>(results.first())?;
            let until = time(place.until);
            let place = set(place.until).map(|_| CircleOnChain {
                from: time(place.from),
                until: (until < Timestamp::MAX).then_some(until),
            });
            vec![News::Membership {
                circle: *circle,
                place,
                at: block,
            }]
        }
        Task::ReadChannel(channel) => vec![channels::told(*channel, results.first(), block)?],
        Task::FinalizeChannel(_) => {
            let open = channels::is_open(results.first())?;
            return Ok(json!({ "send": open }));
        }
        Task::FetchOperatorKey(_) => return operators::follow(wallet, results.first(), at),
        Task::FetchRevocations(operator) => {
            return operators::revocations(wallet, *operator, results.first(), at);
        }
        _ => return Ok(json!({ "send": true })),
    };
    tell(wallet, news, at)?;
    Ok(json!({ "send": false }))
}

/// Hands answers to the wallet: one write each.
pub(super) fn tell(wallet: &mut OpenWallet, news: Vec<News>, at: &Moment) -> Result<(), Failure> {
    let token = token(wallet);
    for news in news {
        wallet.learn(news, at.now).map_err(failures!(&token))?;
    }
    Ok(())
}

fn default(
    purse: PurseKey,
    payee: AccountId,
    since: Option<Timestamp>,
    at: FinalizedBlock,
) -> News {
    News::InDefault {
        purse,
        payee,
        since,
        at,
    }
}

pub(super) fn purse(
    key: PurseKey,
    results: &[Value],
    at: FinalizedBlock,
) -> Result<PurseView, Failure> {
    let state: PurseState = read::<purseOfCall>(results.first())?;
    let on_chain = (state.open || state.closed).then(|| PurseOnChain {
        owner: state.owner.into(),
        circle: state.circle.into(),
        funds: amount(state.funds),
        paid: amount(state.paid),
        pledge: amount(state.pledge),
        cover_count: state.coverCount,
        closes_at: set(state.closesAt),
        closed: state.closed,
    });
    Ok(PurseView {
        purse: key,
        on_chain,
        at,
    })
}

/// The nodes in an answer to `eth_getProof`.
pub(super) fn proof(result: Option<&Value>) -> Result<SlotProof, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Told {
        account_proof: Vec<Bytes>,
        storage_proof: Vec<Slot>,
    }
    #[derive(Deserialize)]
    struct Slot {
        proof: Vec<Bytes>,
    }
    let told = result.ok_or_else(|| Failure::answer("no proof"))?;
    let told: Told = serde_json::from_value(told.clone()).map_err(Failure::answer)?;
    let slot = told
        .storage_proof
        .into_iter()
        .next()
        .ok_or_else(|| Failure::answer("a proof of nothing"))?;
    Ok(SlotProof {
        account_proof: told.account_proof,
        storage_proof: slot.proof,
    })
}

/// A payment was brought to an operator, or sent.
pub(super) fn sent(
    wallet: &mut OpenWallet,
    round: &Round,
    index: usize,
    transaction: Option<B256>,
    at: &Moment,
) -> Answer {
    if let Some(Task::HandIn { purse, signed, .. }) = round.tasks.get(index) {
        let news = News::HandedIn {
            purse: *purse,
            payee: signed.payment.payee,
            cumulative: signed.payment.cumulative,
            transaction,
        };
        tell(wallet, vec![news], at)?;
    }
    Ok(Value::Null)
}

/// A certificate as a server gives it: `{ certificate | message, signature }`, or as the text of a code.
pub(super) fn certificate(wallet: &mut OpenWallet, given: &Value, at: &Moment) -> Answer {
    #[derive(Deserialize)]
    struct Given {
        #[serde(alias = "message")]
        certificate: Certificate,
        signature: offpay_protocol::Signature,
    }
    let held = if let Some(text) = given.as_str() {
        let (token, domain) = (token(wallet), wallet.state().deployment().domain);
        let code = offpay_protocol::wire::Code::parse(text.trim()).map_err(Failure::malformed)?;
        let offpay_protocol::wire::Code::Certificate(code) = code else {
            return Err(Failure::new(
                "not_a_certificate",
                "This code is not a certificate.",
            ));
        };
        let (certificate, signature) = code.open(&domain).map_err(unreadable(&token))?;
        StoredCertificate {
            certificate: *certificate,
            signature,
        }
    } else {
        let given: Given = serde_json::from_value(given.clone()).map_err(Failure::answer)?;
        StoredCertificate {
            certificate: given.certificate,
            signature: given.signature,
        }
    };
    tell(wallet, vec![News::Certificate(held)], at)?;
    Ok(Value::Null)
}

/// Everything was answered as of the round's block.
pub(super) fn done(wallet: &mut OpenWallet, round: &Round, at: &Moment) -> Answer {
    tell(wallet, vec![News::Synced(round.block)], at)?;
    Ok(json!(round.block))
}

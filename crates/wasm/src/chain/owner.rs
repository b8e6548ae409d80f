//! Owner operations, in one signed batch: anybody can bring it to the contract, so that people need no gas.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use offpay_protocol::{Seconds, Signable as _, SigningKey, Timestamp, messages::Relay};
use offpay_wallet::{
    State,
    purse::PurseOpeningOrder,
    records::{PurseStanding, PurseTerms},
};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{
        addPledgeCall, closePurseCall, depositWithPermitCall, fundChannelCall, lockCollateralCall,
        makeGoodCall, openPurseCall, relayCall, requestChannelCloseCall, requestPurseCloseCall,
        sweepCall, topUpPurseCall, transferCall, withdrawCall, withdrawCollateralCall,
    },
    convert::{terms, uint40, uint96},
    transaction::{permit_digest, sign},
};
use crate::{
    command::{Fee, OwnerOperation, Permit, PurseOrder, UnsignedTransaction},
    engine::Moment,
    failure::{Failure, failures},
    run::{Answer, OpenWallet, token},
};

/// How long a signed batch counts: long enough for a slow chain, short enough to be forgotten.
const COUNTS_FOR: Seconds = Seconds::HOUR;

fn owner_key(wallet: &mut OpenWallet, at: &Moment) -> Result<SigningKey, Failure> {
    let token = token(wallet);
    wallet.owner_key(at.now).map_err(failures!(&token))
}

/// Prepares a purse, or takes the one that was prepared before, and signs the batch that pays for it and opens it.
pub(super) fn open_purse(wallet: &mut OpenWallet, order: &PurseOrder, at: &Moment) -> Answer {
    let terms = PurseTerms {
        circle: order.circle,
        cover_count: order.cover_count,
        funds: order.funds,
        pledge: order.pledge,
    };
    let opening = opening(wallet, terms, at)?;
    let mut operations = Vec::new();
    operations.extend(order.permit.map(OwnerOperation::Deposit));
    operations.extend(order.fee.map(OwnerOperation::Transfer));
    if !order.lock.is_zero() {
        operations.push(OwnerOperation::LockCollateral { amount: order.lock });
    }
    let open = openPurseCall {
        key: opening.key.into(),
        funds: uint96(terms.funds),
        pledge: uint96(terms.pledge),
        coverCount: terms.cover_count,
        circle: terms.circle.into(),
        keySignature: Bytes::copy_from_slice(&opening.signature.to_compact()),
    };
    let mut answer = batch(
        wallet,
        &operations,
        vec![open.abi_encode().into()],
        order.nonce,
        at,
    )?;
    if let Value::Object(fields) = &mut answer {
        fields.insert("purse".to_owned(), json!(opening.key));
    }
    Ok(answer)
}

/// A purse for an account whose owner signs elsewhere: what its operator needs to open it.
pub(super) fn prepare_purse(wallet: &mut OpenWallet, terms: PurseTerms, at: &Moment) -> Answer {
    let opening = opening(wallet, terms, at)?;
    Ok(json!({ "purse": opening.key, "signature": opening.signature }))
}

/// One call of a sync's task, in a signed batch.
pub(super) fn relay(
    wallet: &mut OpenWallet,
    fee: Option<Fee>,
    call: Bytes,
    nonce: U256,
    at: &Moment,
) -> Answer {
    let fee: Vec<OwnerOperation> = fee.into_iter().map(OwnerOperation::Transfer).collect();
    batch(wallet, &fee, vec![call], nonce, at)
}

/// A key that was prepared for the same terms and never seen open is taken again: the network may have failed.
fn opening(
    wallet: &mut OpenWallet,
    terms: PurseTerms,
    at: &Moment,
) -> Result<PurseOpeningOrder, Failure> {
    let token = token(wallet);
    let prepared = wallet.state().records().purses.values().find(|purse| {
        purse.standing == PurseStanding::Prepared && !purse.retired && purse.terms == terms
    });
    let opening = match prepared.map(|purse| purse.key) {
        Some(key) => wallet.purse_opening(key, at.now),
        None => wallet.prepare_purse(terms, &at.entropy, at.now),
    };
    Ok(opening.map_err(failures!(&token))?.into_inner())
}

/// Signs a batch of operations.
pub(super) fn operate(
    wallet: &mut OpenWallet,
    operations: &[OwnerOperation],
    nonce: U256,
    at: &Moment,
) -> Answer {
    batch(wallet, operations, Vec::new(), nonce, at)
}

pub(super) fn batch(
    wallet: &mut OpenWallet,
    operations: &[OwnerOperation],
    last: Vec<Bytes>,
    nonce: U256,
    at: &Moment,
) -> Answer {
    let key = owner_key(wallet, at)?;
    let state = wallet.state();
    let domain = state.deployment().domain;
    let deadline = state.time(at.now).saturating_add(COUNTS_FOR);
    let mut calls = Vec::new();
    for operation in operations {
        calls.push(call(state, operation, &key, deadline)?);
    }
    calls.extend(last);
    let relay = Relay {
        account: state.account(),
        calls,
        nonce,
        deadline,
    };
    let signature = relay.sign(&domain, &key).map_err(Failure::malformed)?;
    let data = relayCall {
        account: relay.account.into(),
        calls: relay.calls.clone(),
        nonce,
        deadline: uint40(deadline),
        signature: Bytes::copy_from_slice(&signature.to_compact()),
    };
    Ok(json!({
        "relay": relay, "signature": signature, "to": domain.contract(), "data": Bytes::from(data.abi_encode()),
    }))
}

fn call(
    state: &State,
    operation: &OwnerOperation,
    key: &SigningKey,
    deadline: Timestamp,
) -> Result<Bytes, Failure> {
    let token = &state.deployment().token;
    let contract = state.deployment().domain.contract();
    let encoded = match operation {
        OwnerOperation::Deposit(permit) => deposit(permit, key, contract, deadline)?,
        OwnerOperation::Transfer(Fee { to, amount }) => transferCall {
            to: *to,
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::LockCollateral { amount } => lockCollateralCall {
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::Withdraw { to, amount } => withdrawCall {
            to: *to,
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::WithdrawCollateral { to, amount } => withdrawCollateralCall {
            to: *to,
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::TopUpPurse { purse, amount } => topUpPurseCall {
            key: (*purse).into(),
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::AddPledge { purse, amount } => addPledgeCall {
            key: (*purse).into(),
            amount: uint96(*amount),
        }
        .abi_encode(),
        OwnerOperation::RequestPurseClose { purse } => requestPurseCloseCall {
            key: (*purse).into(),
        }
        .abi_encode(),
        OwnerOperation::ClosePurse { purse } => closePurseCall {
            key: (*purse).into(),
        }
        .abi_encode(),
        OwnerOperation::SweepTill { index } => sweepCall {
            index: U256::from(*index),
        }
        .abi_encode(),
        OwnerOperation::MakeGood { purse, payees, max } => makeGoodCall {
            key: (*purse).into(),
            payees: payees.iter().map(|payee| (*payee).into()).collect(),
            max: uint96(*max),
        }
        .abi_encode(),
        OwnerOperation::FundChannel { channel, amount } => {
            // Only where the key on this side is this wallet's: whoever had it could sign the money away.
            let known = state.check_funding(*channel).map_err(failures!(token))?;
            fundChannelCall {
                terms: terms(&known),
                amount: uint96(*amount),
            }
            .abi_encode()
        }
        OwnerOperation::RequestChannelClose { channel } => {
            let known = state.channel(*channel).map_err(failures!(token))?;
            requestChannelCloseCall {
                terms: terms(&known.terms),
            }
            .abi_encode()
        }
    };
    Ok(encoded.into())
}

/// Tokens of the account, by a permit that only the contract can use.
fn deposit(
    permit: &Permit,
    key: &SigningKey,
    contract: Address,
    deadline: Timestamp,
) -> Result<Vec<u8>, Failure> {
    let deadline = U256::from(deadline.get());
    let value = U256::from(permit.amount.get());
    let digest = permit_digest(
        permit.separator,
        key.address(),
        contract,
        value,
        permit.nonce,
        deadline,
    );
    let signature = key.sign(digest).map_err(Failure::malformed)?.to_bytes();
    let [rs @ .., v] = &signature;
    let (r, s) = rs.split_at(32);
    Ok(depositWithPermitCall {
        signer: key.address(),
        amount: uint96(permit.amount),
        deadline,
        v: *v,
        r: alloy_primitives::B256::from_slice(r),
        s: alloy_primitives::B256::from_slice(s),
    }
    .abi_encode())
}

/// Signs a transaction of the owner's account. It goes to the contract or the token, and nowhere else.
pub(super) fn transaction(
    wallet: &mut OpenWallet,
    token: Address,
    transaction: &UnsignedTransaction,
    at: &Moment,
) -> Answer {
    let domain = wallet.state().deployment().domain;
    if transaction.to != domain.contract() && transaction.to != token {
        return Err(Failure::malformed("a transaction to another contract"));
    }
    let key = owner_key(wallet, at)?;
    let (raw, hash) = sign(transaction, domain.chain_id(), &key)?;
    Ok(json!({ "raw": raw, "hash": hash }))
}

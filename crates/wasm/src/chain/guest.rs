//! Another wallet in the same browser (EIP-6963): what it is asked to sign, so that its tokens become this account's
//! balance. It sends nothing and pays no gas: it permits the contract to take the tokens (EIP-2612), and signs a relay that
//! takes them and moves them here.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use offpay_protocol::{AccountId, Amount, Seconds, messages::Relay};
use offpay_wallet::sign_in::Site;
use serde_json::{Value, json};

use super::{
    abi::{
        OffPay::{depositWithPermitCall, transferCall},
        Token,
    },
    ask::{read, view},
    convert::{uint96, wide},
};
use crate::{
    Failure,
    command::{Fee, GuestOrder},
    engine::Moment,
    failure::failures,
    run::{Answer, OpenWallet, token},
};

/// How long what it signs counts.
const COUNTS_FOR: Seconds = Seconds::HOUR;

/// What to read of its tokens.
pub(super) fn calls(token: Address, account: Address) -> Value {
    let latest = json!("latest");
    json!([
        view(token, &Token::balanceOfCall { account }, &latest),
        view(token, &Token::noncesCall { owner: account }, &latest),
        view(token, &Token::DOMAIN_SEPARATORCall {}, &latest),
        view(token, &Token::nameCall {}, &latest),
    ])
}

/// The permit as typed data (`eth_signTypedData_v4`), and how much it has.
pub(super) fn permit(
    wallet: &OpenWallet,
    contract: Address,
    account: Address,
    amount: Amount,
    results: &[Value],
    at: &Moment,
) -> Answer {
    let has = wide(read::<Token::balanceOfCall>(results.first())?)?;
    if amount > has {
        return Err(Failure {
            with: json!({ "has": has }),
            ..Failure::new("not_enough_tokens", "That wallet has less.")
        });
    }
    let nonce: U256 = read::<Token::noncesCall>(results.get(1))?;
    let separator: B256 = read::<Token::DOMAIN_SEPARATORCall>(results.get(2))?;
    let name: String = read::<Token::nameCall>(results.get(3))?;
    let domain = wallet.state().deployment().domain;
    if separator != token_separator(&name, domain.chain_id(), contract) {
        return Err(Failure::new(
            "no_permit",
            "This token's permits cannot be signed here. Send the tokens to the address.",
        ));
    }
    let deadline = wallet.state().time(at.now).saturating_add(COUNTS_FOR);
    Ok(json!({ "deadline": deadline, "typed": {
        "domain": { "name": name, "version": "1", "chainId": domain.chain_id(), "verifyingContract": contract },
        "primaryType": "Permit",
        "types": { "EIP712Domain": domain_type(), "Permit": [
            field("owner", "address"), field("spender", "address"), field("value", "uint256"),
            field("nonce", "uint256"), field("deadline", "uint256"),
        ] },
        "message": {
            "owner": account, "spender": domain.contract(), "value": amount.get().to_string(),
            "nonce": nonce.to_string(), "deadline": deadline.get().to_string(),
        },
    } }))
}

/// The relay that takes the permitted tokens and moves them to this wallet's account, as typed data and as it is sent.
pub(super) fn relay(wallet: &OpenWallet, order: &GuestOrder) -> Answer {
    let domain = wallet.state().deployment().domain;
    let [rs @ .., v] = order.signature.as_ref() else {
        return Err(Failure::malformed("a signature"));
    };
    if rs.len() != 64 {
        return Err(Failure::malformed("a signature"));
    }
    let (r, s) = rs.split_at(32);
    let deposit = depositWithPermitCall {
        signer: order.account,
        amount: uint96(order.amount),
        deadline: U256::from(order.deadline.get()),
        v: *v,
        r: B256::from_slice(r),
        s: B256::from_slice(s),
    };
    let moved = |Fee { to, amount }: Fee| -> Bytes {
        transferCall {
            to,
            amount: uint96(amount),
        }
        .abi_encode()
        .into()
    };
    let fee = order.fee.map_or(Amount::ZERO, |fee| fee.amount);
    let rest = order.amount.checked_sub(fee).ok_or_else(|| {
        Failure::new("not_enough_tokens", "That is less than the operator's fee.")
    })?;
    let own = Fee {
        to: wallet.state().account().into(),
        amount: rest,
    };
    let mut calls: Vec<Bytes> = vec![deposit.abi_encode().into()];
    calls.extend(order.fee.map(moved));
    calls.push(moved(own));
    let relay = Relay {
        account: AccountId::new(order.account),
        calls,
        nonce: order.nonce,
        deadline: order.deadline,
    };
    let typed = json!({
        "domain": { "name": "OffPay", "version": "1", "chainId": domain.chain_id(), "verifyingContract": domain.contract() },
        "primaryType": "Relay",
        "types": { "EIP712Domain": domain_type(), "Relay": [
            field("account", "address"), field("calls", "bytes[]"), field("nonce", "uint256"), field("deadline", "uint40"),
        ] },
        "message": {
            "account": order.account, "calls": relay.calls, "nonce": relay.nonce.to_string(),
            "deadline": relay.deadline.get().to_string(),
        },
    });
    Ok(json!({ "typed": typed, "relay": relay }))
}

/// The message with which it signs in to the operator's server.
pub(super) fn sign_in(wallet: &OpenWallet, account: Address, site: &Site, at: &Moment) -> Answer {
    let chain = wallet.state().deployment().domain.chain_id();
    let message = site
        .message(account, chain, at.now)
        .map_err(failures!(&token(wallet)))?;
    Ok(json!({ "message": message }))
}

fn field(name: &str, kind: &str) -> Value {
    json!({ "name": name, "type": kind })
}

fn domain_type() -> Value {
    json!([
        field("name", "string"),
        field("version", "string"),
        field("chainId", "uint256"),
        field("verifyingContract", "address")
    ])
}

/// What the token's permits are signed for (EIP-712), if its version is 1.
fn token_separator(name: &str, chain: u64, token: Address) -> B256 {
    let kind = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
    );
    let fields = (
        kind,
        keccak256(name),
        keccak256("1"),
        U256::from(chain),
        token,
    );
    keccak256(fields.abi_encode())
}

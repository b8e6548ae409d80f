//! The same messages for alloy's generic EIP-712, which knows nothing of ours: what both agree on is right.

#![allow(missing_docs)]

use alloy_primitives::aliases::{U40, U96};
use alloy_sol_types::{SolStruct, SolValue, sol};
use offpay_protocol::{Amount, messages};

sol! {
    struct Payment { address payee; uint96 start; uint96 amount; uint96 cumulative; bytes32 reference; }
    struct PurseKey { address owner; }
    struct Voucher { bytes32 channel; uint96 cumulative; bytes32 reference; }
    struct ChannelTerms { address a; address b; address keyA; address keyB; uint40 closeDelay; bytes32 salt; }
    struct ChannelClose { bytes32 channel; uint96 fromA; uint96 fromB; uint40 deadline; }
    struct Relay { address account; bytes[] calls; uint256 nonce; uint40 deadline; }
    struct Certificate {
        address purse; address owner; address circle; uint96 funds; uint96 pledge;
        uint16 coverCount; uint16 circleSize; uint40 asOf;
    }
    struct Request { address payee; uint96 amount; bytes32 nonce; uint40 expiresAt; string name; string memo; }
    struct Receipt { bytes32 payment; uint40 acceptedAt; }
    struct Clearance { bytes32 root; uint40 clearedAt; }
    struct Attestation { address payee; address signer; string name; uint40 expiresAt; }
    struct OperatorKey { address next; uint40 validFrom; }
    struct Revocations { uint64 version; bytes32 digest; uint40 asOf; }
}

fn uint96(amount: Amount) -> U96 {
    U96::from(amount.get())
}

fn uint40(seconds: impl Into<u64>) -> U40 {
    U40::from(seconds.into())
}

/// The twin of a message in Solidity's types.
pub(crate) trait Twin {
    type Solidity: SolStruct + SolValue;

    fn twin(&self) -> Self::Solidity;

    /// `abi.encode` of the fields in order.
    fn abi_encode(&self) -> Vec<u8>;
}

macro_rules! twin {
    ($message:ident as $solidity:ident, |$m:ident| { $($field:ident: $value:expr),* $(,)? }) => {
        impl Twin for messages::$message {
            type Solidity = $solidity;

            fn twin(&self) -> $solidity {
                let $m = self;
                $solidity { $($field: $value),* }
            }

            fn abi_encode(&self) -> Vec<u8> {
                SolValue::abi_encode_params(&self.twin())
            }
        }
    };
}

twin!(Payment as Payment, |m| {
    payee: m.payee.into(),
    start: uint96(m.start),
    amount: uint96(m.amount),
    cumulative: uint96(m.cumulative),
    reference: m.reference.into(),
});
twin!(PurseOpening as PurseKey, |m| { owner: m.owner.into() });
twin!(Voucher as Voucher, |m| {
    channel: m.channel.into(),
    cumulative: uint96(m.cumulative),
    reference: m.reference.into(),
});
twin!(ChannelTerms as ChannelTerms, |m| {
    a: m.a.into(),
    b: m.b.into(),
    keyA: m.key_a.into(),
    keyB: m.key_b.into(),
    closeDelay: uint40(m.close_delay),
    salt: m.salt.into(),
});
twin!(ChannelClose as ChannelClose, |m| {
    channel: m.channel.into(),
    fromA: uint96(m.from_a),
    fromB: uint96(m.from_b),
    deadline: uint40(m.deadline),
});
twin!(Relay as Relay, |m| {
    account: m.account.into(),
    calls: m.calls.clone(),
    nonce: m.nonce,
    deadline: uint40(m.deadline),
});
twin!(Certificate as Certificate, |m| {
    purse: m.purse.into(),
    owner: m.owner.into(),
    circle: m.circle.into(),
    funds: uint96(m.funds),
    pledge: uint96(m.pledge),
    coverCount: m.cover_count,
    circleSize: m.circle_size,
    asOf: uint40(m.as_of),
});
twin!(Request as Request, |m| {
    payee: m.payee.into(),
    amount: uint96(m.amount),
    nonce: m.nonce.into(),
    expiresAt: uint40(m.expires_at),
    name: m.name.clone(),
    memo: m.memo.clone(),
});
twin!(Receipt as Receipt, |m| { payment: m.payment.into(), acceptedAt: uint40(m.accepted_at) });
twin!(Clearance as Clearance, |m| { root: m.root, clearedAt: uint40(m.cleared_at) });
twin!(Attestation as Attestation, |m| {
    payee: m.payee.into(),
    signer: m.signer,
    name: m.name.clone(),
    expiresAt: uint40(m.expires_at),
});
twin!(OperatorKey as OperatorKey, |m| { next: m.next.into(), validFrom: uint40(m.valid_from) });
twin!(Revocations as Revocations, |m| {
    version: m.version,
    digest: m.digest,
    asOf: uint40(m.as_of),
});

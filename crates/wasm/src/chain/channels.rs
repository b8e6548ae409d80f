//! Channels in a sync: read, handed in, finished.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use offpay_protocol::{ChannelId, messages::ChannelTerms};
use offpay_wallet::{
    records::{FinalizedBlock, SignedVoucher},
    sync::{Answer as News, ChannelOnChain},
};
use serde_json::Value;

use super::{
    abi::OffPay::{
        TermsRow, channelOfCall, claimVoucherCall, finalizeChannelCall, presentVoucherCall,
    },
    ask::{read, view},
    convert::{amount, set, uint96},
};
use crate::{Failure, run::OpenWallet};

fn row(terms: &ChannelTerms) -> TermsRow {
    TermsRow {
        a: terms.a.into(),
        b: terms.b.into(),
        keyA: terms.key_a.into(),
        keyB: terms.key_b.into(),
        closeDelay: alloy_primitives::aliases::U40::from(terms.close_delay.get()),
        salt: terms.salt.into(),
    }
}

fn terms(wallet: &OpenWallet, id: ChannelId) -> Option<ChannelTerms> {
    let channel = wallet.state().records().channels.get(&id)?;
    Some(channel.terms)
}

pub(super) fn look(contract: Address, id: ChannelId, at: &Value) -> Value {
    view(contract, &channelOfCall { id: id.into() }, at)
}

/// Brings the other side's newest voucher to the chain: claims it (one-way), or presents it in a running close.
pub(super) fn hand_in(
    wallet: &OpenWallet,
    id: ChannelId,
    signed: &SignedVoucher,
) -> Option<Vec<u8>> {
    let terms = terms(wallet, id)?;
    let cumulative = uint96(signed.voucher.cumulative);
    let reference = signed.voucher.reference.into();
    let signature = Bytes::copy_from_slice(&signed.signature.to_compact());
    Some(if terms.is_one_way() {
        claimVoucherCall {
            terms: row(&terms),
            cumulative,
            reference_: reference,
            signature,
        }
        .abi_encode()
    } else {
        presentVoucherCall {
            terms: row(&terms),
            cumulative,
            reference_: reference,
            signature,
        }
        .abi_encode()
    })
}

/// Finishes a channel whose close delay is over.
pub(super) fn finalize(wallet: &OpenWallet, id: ChannelId) -> Option<Vec<u8>> {
    let call = finalizeChannelCall {
        terms: row(&terms(wallet, id)?),
    };
    Some(call.abi_encode())
}

pub(super) fn is_open(result: Option<&Value>) -> Result<bool, Failure> {
    Ok(read::<channelOfCall>(result)?.open)
}

/// What the contract says of a channel.
pub(super) fn told(
    channel: ChannelId,
    result: Option<&Value>,
    at: FinalizedBlock,
) -> Result<News, Failure> {
    let state = read::<channelOfCall>(result)?;
    let on_chain = (state.open || state.closed).then(|| ChannelOnChain {
        deposit_a: amount(state.depositA),
        deposit_b: amount(state.depositB),
        from_a: amount(state.fromA),
        from_b: amount(state.fromB),
        closes_at: set(state.closesAt),
        closed: state.closed,
    });
    Ok(News::Channel {
        channel,
        on_chain,
        at,
    })
}

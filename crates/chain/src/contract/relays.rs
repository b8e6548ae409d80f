//! Operations that an account signed and somebody else sends.

use alloy::primitives::{Bytes, U256};
use offpay_protocol::{Signature, messages::Relay};

use super::Contract;
use crate::{
    Operation,
    bindings::OffPay::{cancelNonceCall, relayCall},
    convert::uint40,
};

impl Contract {
    /// Runs the relay's calls for its account, all or none. Anyone can send it.
    ///
    /// The calls are the [calldata](Operation::calldata) of operations. The signature is the account's, or what
    /// ERC-1271 wants of a smart account.
    pub fn relay(&self, relay: &Relay, signature: &RelaySignature) -> Operation<()> {
        Operation::plain(
            self,
            &relayCall {
                account: relay.account.into(),
                calls: relay.calls.clone(),
                nonce: relay.nonce,
                deadline: uint40(relay.deadline),
                signature: match signature {
                    RelaySignature::Key(signature) => signature.to_compact().into(),
                    RelaySignature::SmartAccount(bytes) => bytes.clone(),
                },
            },
        )
    }

    /// Gives up a nonce of the account, so that what was signed with it can never run.
    pub fn cancel_nonce(&self, nonce: U256) -> Operation<()> {
        Operation::plain(self, &cancelNonceCall { nonce })
    }
}

/// An account's signature of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelaySignature {
    /// By the account's key.
    Key(Signature),
    /// What a smart account takes for its signature (ERC-1271).
    SmartAccount(Bytes),
}

impl From<Signature> for RelaySignature {
    fn from(signature: Signature) -> Self {
        Self::Key(signature)
    }
}

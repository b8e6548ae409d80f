//! One deployment of the contract, seen through one node.

use std::sync::Arc;

use alloy::{
    eips::BlockId,
    primitives::{Address, Bytes},
    sol_types::SolCall,
};
use offpay_protocol::{AccountId, Domain, Signable, Signed, cover::Parameters};

use crate::{ChainError, Node, transaction::Call};

mod accounts;
mod channels;
mod circles;
mod defaulted;
mod defaults;
mod events;
mod logs;
mod open;
mod opened;
mod payments;
mod purses;
mod relays;
mod views;

pub use accounts::Authorization;
pub use channels::{ChannelClosed, VoucherClaim, VouchersClaimed};
pub use defaults::{FromCollateral, MadeGood};
pub use events::Told;
pub use open::OpenError;
pub use payments::{BatchSettled, Defaulted, Settled, SettledRow};
pub use purses::{PurseClosed, PurseTerms};
pub use relays::RelaySignature;
pub use views::{Account, Channel, Membership, Pair, Purse};

/// What was fixed when the contract was deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Configuration {
    /// The ERC-20 that it holds.
    pub token: Address,
    /// Who receives what is left of a condemned purse's pledge.
    pub treasury: AccountId,
    /// Delays, rates and the least collateral.
    pub parameters: Parameters,
}

/// One deployment of the contract, seen through one node. Clones share the connection.
///
/// [Opening](Self::open) it checks that the node is on the right chain and that the contract is the one it should be.
/// Operations are methods that give an [`Operation`](crate::Operation): nothing happens before it is sent.
#[derive(Clone, Debug)]
pub struct Contract {
    node: Node,
    fixed: Arc<Fixed>,
    at: BlockId,
}

#[derive(Debug)]
struct Fixed {
    domain: Domain,
    configuration: Configuration,
}

impl Contract {
    /// The node that it is seen through.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Its address.
    pub fn address(&self) -> Address {
        self.fixed.domain.contract()
    }

    /// The EIP-712 domain in which all is signed for it.
    pub fn domain(&self) -> &Domain {
        &self.fixed.domain
    }

    /// The token, the treasury and the parameters.
    pub fn configuration(&self) -> &Configuration {
        &self.fixed.configuration
    }

    /// The same contract, whose views show the state after the block `at` instead of the newest.
    #[must_use]
    pub fn at(&self, at: impl Into<BlockId>) -> Self {
        Self {
            at: at.into(),
            ..self.clone()
        }
    }

    /// Checks that a message was signed for this contract, and says by whom.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`], or [`ChainError::Signature`] if nobody can have signed it.
    pub fn signer<M: Signable>(&self, signed: &Signed<M>) -> Result<M::Signer, ChainError> {
        self.check_domain(&signed.domain)?;
        Ok(signed.signer()?)
    }

    pub(crate) const fn reads_at(&self) -> BlockId {
        self.at
    }

    fn check_domain(&self, signed: &Domain) -> Result<(), ChainError> {
        let here = self.domain();
        if signed == here {
            return Ok(());
        }
        Err(ChainError::ForeignDomain {
            signed: Box::new(*signed),
            here: Box::new(*here),
        })
    }

    async fn view<C: SolCall>(&self, call: C) -> Result<C::Return, ChainError> {
        ask(&self.node, self.address(), &call, self.at).await
    }
}

/// Asks a contract something.
pub(crate) async fn ask<C: SolCall>(
    node: &Node,
    contract: Address,
    call: &C,
    at: BlockId,
) -> Result<C::Return, ChainError> {
    let input: Bytes = call.abi_encode().into();
    let answer = Call::to(contract, input)
        .run(node, Address::ZERO, at)
        .await?;
    Ok(C::abi_decode_returns(&answer)?)
}

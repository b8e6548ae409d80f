//! Whose wallet this is.

use alloy_primitives::Address;
use offpay_protocol::{AccountId, Signed, messages::Attestation};
use serde::{Deserialize, Serialize};

use crate::{
    deployment::Deployment,
    keys::{SealedSecret, SecretKind, Vault},
};

/// What a wallet is created with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// The contract that it is for.
    pub deployment: Deployment,
    /// Who acts.
    pub identity: Identity,
    /// The data key, sealed under the PIN.
    pub vault: Vault,
    /// What the payee calls itself in requests.
    pub name: String,
}

/// Who acts through a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "role",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Identity {
    /// The owner of an account. Pays, is paid, and signs owner operations if it has the owner key.
    Owner {
        /// The account.
        account: AccountId,
        /// The owner key; `None` if it is kept elsewhere: cold, hosted, or a smart account.
        owner_key: Option<SealedSecret>,
    },
    /// A device that takes payments for a till or a hosted account, and can spend nothing.
    Payee {
        /// The till or the account.
        account: AccountId,
        /// The key that signs its requests and receipts.
        request_key: Box<RequestKey>,
    },
}

/// A key that signs requests and receipts, and can spend nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestKey {
    /// Its address.
    pub address: Address,
    /// The key.
    pub sealed: SealedSecret,
    /// The operator's word that it may sign for the payee, once it is there.
    pub attestation: Option<Signed<Attestation>>,
}

impl Identity {
    /// The account that is paid: a payee address lives in one wallet.
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Owner { account, .. } | Self::Payee { account, .. } => *account,
        }
    }

    /// Whether this wallet can have purses and channels.
    pub const fn can_pay(&self) -> bool {
        matches!(self, Self::Owner { .. })
    }

    /// The key that signs requests and receipts, if it is here.
    pub(crate) fn request_signer(&self) -> Option<(SecretKind, Address, &SealedSecret)> {
        match self {
            Self::Owner { account, owner_key } => {
                let address = account.address();
                Some((SecretKind::Owner(address), address, owner_key.as_ref()?))
            }
            Self::Payee { request_key, .. } => {
                let address = request_key.address;
                Some((SecretKind::Requests(address), address, &request_key.sealed))
            }
        }
    }

    /// The attestation that names the request key, where one is needed and there.
    pub fn attestation(&self) -> Option<&Signed<Attestation>> {
        match self {
            Self::Owner { .. } => None,
            Self::Payee { request_key, .. } => request_key.attestation.as_ref(),
        }
    }
}

impl Identity {
    /// Takes the attested request key, if this is a payee's wallet.
    pub fn set_request_key(&mut self, key: &RequestKey) {
        if let Self::Payee { request_key, .. } = self {
            **request_key = key.clone();
        }
    }
}

use offpay_protocol::{AccountId, SigningKey, Timestamp};
use thiserror::Error;

use super::Wallet;
use crate::{
    Entropy,
    deployment::Deployment,
    keys::{KdfCost, KeyError, Password, SecretKind, Unlocked, Vault},
    profile::{Identity, Profile, RequestKey},
    settings::Settings,
    state::State,
    storage::{Entry, Storage, StorageError},
    use_case::{NewWallet, UseCase},
};

/// What a wallet is made with.
#[derive(Debug)]
pub struct NewWalletOrder {
    /// The contract that it is for.
    pub deployment: Deployment,
    /// Who acts.
    pub identity: NewIdentity,
    /// What the payee calls itself in requests.
    pub name: String,
    /// What the owner sets.
    pub settings: Settings,
    /// What a guess at the PIN is to cost.
    pub cost: KdfCost,
}

/// Who acts through a new wallet.
#[derive(Debug)]
pub enum NewIdentity {
    /// The owner of an account, whose key is kept here: from a recovery phrase or a keystore file.
    Owner(SigningKey),
    /// The owner of an account whose key is kept elsewhere.
    OwnerElsewhere(AccountId),
    /// A till or hosted account. The key for its requests is made here.
    Payee(AccountId),
}

/// Why a wallet is not created.
#[derive(Debug, Error)]
pub enum CreateError {
    /// There is a wallet already.
    #[error("there is a wallet here already")]
    Exists,
    /// The password is unfit.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl CreateError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists => "wallet_exists",
            Self::Key(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    /// Whether the same can succeed later, or with other input.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Exists => false,
            Self::Key(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
        }
    }
}

impl<S: Storage> Wallet<S> {
    /// Makes a wallet in an empty storage, and leaves it unlocked.
    ///
    /// # Errors
    ///
    /// See [`CreateError`].
    pub fn create(
        mut storage: S,
        order: NewWalletOrder,
        password: &Password,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Self, CreateError> {
        let mut records = storage.load()?;
        if records.profile.is_some() {
            return Err(CreateError::Exists);
        }
        let idle_limit = order.settings.idle_limit;
        let (vault, unlocked) = Vault::create(password, order.cost, entropy, idle_limit, now)?;
        let profile = Profile {
            deployment: order.deployment,
            identity: seal_identity(order.identity, &unlocked, entropy)?,
            vault,
            name: order.name,
        };
        let new = NewWallet {
            profile,
            settings: order.settings,
        };
        let entry = Entry {
            number: 1,
            time: now,
            use_case: UseCase::Create(Box::new(new)),
        };
        storage.record(&entry)?;
        records.apply(&entry)?;
        let state = State::new(records).ok_or(StorageError::Inconsistent {
            what: "a wallet is created once, and first",
        })?;
        Ok(Self {
            storage,
            state,
            unlocked: Some(unlocked),
            stale: false,
        })
    }
}

fn seal_identity(
    identity: NewIdentity,
    unlocked: &Unlocked,
    entropy: &Entropy,
) -> Result<Identity, KeyError> {
    match identity {
        NewIdentity::Owner(key) => {
            let address = key.address();
            let nonce = entropy.draw::<24>("owner key nonce");
            let sealed = unlocked.seal(SecretKind::Owner(address), &key, &nonce)?;
            Ok(Identity::Owner {
                account: address.into(),
                owner_key: Some(sealed),
            })
        }
        NewIdentity::OwnerElsewhere(account) => Ok(Identity::Owner {
            account,
            owner_key: None,
        }),
        NewIdentity::Payee(account) => {
            let secret = entropy.draw::<32>("request key");
            let key = SigningKey::from_bytes(&secret).map_err(|_| KeyError::NotAKey)?;
            let address = key.address();
            let nonce = entropy.draw::<24>("request key nonce");
            let sealed = unlocked.seal(SecretKind::Requests(address), &key, &nonce)?;
            let request_key = Box::new(RequestKey {
                address,
                sealed,
                attestation: None,
            });
            Ok(Identity::Payee {
                account,
                request_key,
            })
        }
    }
}

//! Who sends transactions and pays for their gas.

use std::{fmt, io, path::Path, sync::Arc};

use alloy::{
    primitives::{Address, B256, Signature as EthereumSignature},
    signers::local::{LocalSignerError, PrivateKeySigner},
};
use offpay_protocol::{AccountId, SigningKey, signature::SignatureError};
use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use zeroize::Zeroizing;

/// A key that sends transactions and pays for their gas. Clones share it, and its turn.
///
/// One transaction at a time is between "nonce chosen" and "handed to the node", so that tasks which share a sender do
/// not take the same nonce. Two processes must not share a key.
#[derive(Clone)]
pub struct Sender {
    key: Arc<SigningKey>,
    turn: Arc<Mutex<()>>,
}

/// A key file cannot be read, or the password is wrong.
#[derive(Debug, Error)]
#[error("the key file cannot be decrypted: {0}")]
pub struct KeystoreError(#[source] LocalSignerError);

impl KeystoreError {
    /// Whether it can succeed later, with nothing changed: no.
    pub const fn is_retryable(&self) -> bool {
        false
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        "keystore"
    }
}

/// Nobody else chooses a nonce while this is held.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Sender {
    /// Sends with this key.
    pub fn new(key: SigningKey) -> Self {
        Self {
            key: Arc::new(key),
            turn: Arc::new(Mutex::new(())),
        }
    }

    /// Sends with the key of an encrypted key file (Web3 Secret Storage), as `cast` and `geth` write them.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`].
    pub fn from_keystore(file: &Path, password: &str) -> Result<Self, KeystoreError> {
        let signer = PrivateKeySigner::decrypt_keystore(file, password).map_err(KeystoreError)?;
        let secret = Zeroizing::new(signer.to_bytes().0);
        Ok(Self::new(SigningKey::from_bytes(&secret).map_err(
            |_| KeystoreError(LocalSignerError::IoError(io::ErrorKind::InvalidData.into())),
        )?))
    }

    /// The account that acts when it sends an operation.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.address())
    }

    /// Its address.
    pub fn address(&self) -> Address {
        self.key.address()
    }

    /// Its key, for signing messages.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(crate) async fn turn(&self) -> Turn {
        Arc::clone(&self.turn).lock_owned().await
    }

    pub(crate) fn sign(&self, digest: B256) -> Result<EthereumSignature, SignatureError> {
        let bytes = self.key.sign(digest)?.to_bytes();
        let [rs @ .., v] = &bytes;
        Ok(EthereumSignature::from_bytes_and_parity(rs, *v == 28))
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({})", self.address())
    }
}

/// The 33 bytes of a key's compressed public key; `None` for no key at all.
pub fn compressed_public_key(key: &SigningKey) -> Option<[u8; 33]> {
    let signer = PrivateKeySigner::from_slice(key.expose_secret()).ok()?;
    signer
        .credential()
        .verifying_key()
        .to_encoded_point(true)
        .as_bytes()
        .try_into()
        .ok()
}

use core::fmt;

use alloy_primitives::{Address, B256};
use zeroize::Zeroizing;

use super::{Signature, SignatureError, address_of, backend};

/// A private key. Overwritten when it is dropped, and never printed.
///
/// ```
/// use offpay_protocol::{Domain, Signable, SigningKey, messages::PurseOpening};
///
/// let entropy = [7; 32]; // from the operating system
/// let key = SigningKey::from_bytes(&entropy)?;
/// let domain = Domain::new(1, [0xff; 20].into());
/// let opening = PurseOpening { owner: key.address().into() };
/// let signature = opening.sign(&domain, &key)?;
/// assert_eq!(opening.recover(&domain, &signature)?.address(), key.address());
/// # Ok::<(), offpay_protocol::signature::SignatureError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    secret: Zeroizing<[u8; 32]>,
    address: Address,
}

impl SigningKey {
    /// The key with these 32 bytes, which should be entropy.
    ///
    /// # Errors
    ///
    /// [`SignatureError::InvalidKey`] for zero and for numbers from the order of the curve on: one chance in 2^127.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, SignatureError> {
        let address = address_of(&backend::public_key(secret)?);
        Ok(Self {
            secret: Zeroizing::new(*secret),
            address,
        })
    }

    /// The address that its signatures recover to.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a digest, with the nonce of RFC 6979: the same digest gives the same signature.
    ///
    /// # Errors
    ///
    /// [`SignatureError::OutOfRange`], with one chance in 2^127.
    pub fn sign(&self, digest: B256) -> Result<Signature, SignatureError> {
        let (rs, odd) = backend::sign(&digest.0, &self.secret)?;
        Signature::from_parts(rs, odd)
    }

    /// The private key itself, for sealing it into storage.
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

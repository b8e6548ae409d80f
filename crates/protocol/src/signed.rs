//! A message, its domain and its signature in one: the full form, for hand-in, the API, evidence and files.

use serde::{Deserialize, Serialize};

use crate::{Domain, Signable, Signature, signature::SignatureError};

/// A signed message with everything that it takes to check it.
///
/// Whose signature it is, and whether that counts, is seen by [recovering](Self::signer) it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Signed<M> {
    /// The deployment that it is for.
    #[n(0)]
    pub domain: Domain,
    /// What is signed.
    #[n(1)]
    pub message: M,
    /// The signature.
    #[n(2)]
    pub signature: Signature,
}

impl<M: Signable> Signed<M> {
    /// Who signed it.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Unrecoverable`] if nobody can have.
    pub fn signer(&self) -> Result<M::Signer, SignatureError> {
        self.message.recover(&self.domain, &self.signature)
    }
}

use alloy_primitives::{Address, Bytes};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::KeyError;

/// What a sealed secret is. It is authenticated with the ciphertext, so that no secret can stand in for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretKind {
    /// The key that the other secrets are sealed under.
    DataKey,
    /// The owner key of this account.
    Owner(Address),
    /// A purse's device key.
    Device(Address),
    /// The key of one channel's vouchers.
    Channel(Address),
    /// The key that signs a till's requests and receipts.
    Requests(Address),
    /// The contents of a backup.
    Backup,
}

impl SecretKind {
    fn associated_data(self) -> Vec<u8> {
        let (label, address): (&[u8], _) = match self {
            Self::DataKey => (b"offpay/1/data-key", None),
            Self::Owner(address) => (b"offpay/1/owner", Some(address)),
            Self::Device(address) => (b"offpay/1/device", Some(address)),
            Self::Channel(address) => (b"offpay/1/channel", Some(address)),
            Self::Requests(address) => (b"offpay/1/requests", Some(address)),
            Self::Backup => (b"offpay/1/backup", None),
        };
        let mut bytes = label.to_vec();
        bytes.extend(address.iter().flat_map(|address| address.0.0));
        bytes
    }
}

/// A secret under XChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedSecret {
    nonce: alloy_primitives::FixedBytes<24>,
    ciphertext: Bytes,
}

/// Seals `secret` under `key`. The nonce must be fresh entropy.
pub(crate) fn seal(
    key: &[u8; 32],
    nonce: &[u8; 24],
    kind: SecretKind,
    secret: &[u8],
) -> Result<SealedSecret, KeyError> {
    let payload = Payload {
        msg: secret,
        aad: &kind.associated_data(),
    };
    // Fails only beyond 256 GiB.
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| KeyError::Altered)?;
    Ok(SealedSecret {
        nonce: nonce.into(),
        ciphertext: ciphertext.into(),
    })
}

/// Opens what was sealed under `key` as a secret of this kind.
pub(crate) fn open(
    key: &[u8; 32],
    kind: SecretKind,
    sealed: &SealedSecret,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let payload = Payload {
        msg: &sealed.ciphertext,
        aad: &kind.associated_data(),
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(sealed.nonce.0), payload)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Altered)
}

/// Opens a sealed 32-byte secret.
pub(crate) fn open_32(
    key: &[u8; 32],
    kind: SecretKind,
    sealed: &SealedSecret,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let secret = open(key, kind, sealed)?;
    let bytes = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| KeyError::Altered)?;
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn only_as_what_it_was_sealed() {
        let kind = SecretKind::Device(Address::repeat_byte(1));
        let sealed = seal(&KEY, &[3; 24], kind, &[5; 32]).unwrap();
        assert_eq!(*open_32(&KEY, kind, &sealed).unwrap(), [5; 32]);
        for other in [
            SecretKind::Device(Address::repeat_byte(2)),
            SecretKind::Channel(Address::repeat_byte(1)),
            SecretKind::DataKey,
        ] {
            assert_eq!(open(&KEY, other, &sealed).unwrap_err(), KeyError::Altered);
        }
        assert_eq!(
            open(&[8; 32], kind, &sealed).unwrap_err(),
            KeyError::Altered
        );
    }

    #[test]
    fn a_flipped_bit_is_seen() {
        let sealed = seal(&KEY, &[3; 24], SecretKind::Backup, b"secret").unwrap();
        for index in 0..sealed.ciphertext.len() {
            let mut altered = sealed.ciphertext.to_vec();
            altered[index] ^= 1;
            let altered = SealedSecret {
                ciphertext: altered.into(),
                ..sealed.clone()
            };
            assert_eq!(
                open(&KEY, SecretKind::Backup, &altered).unwrap_err(),
                KeyError::Altered
            );
        }
    }
}

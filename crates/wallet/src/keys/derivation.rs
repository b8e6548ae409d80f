use bip32::{DerivationPath, XPrv};
use offpay_protocol::SigningKey;
use zeroize::Zeroizing;

use super::KeyError;

/// Where Ethereum wallets keep their first account (BIP-44).
pub(super) const OWNER_PATH: &str = "m/44'/60'/0'/0/0";

/// The key at `path` under a BIP-39 seed (BIP-32).
pub(super) fn key_at(seed: &[u8; 64], path: &str) -> Result<SigningKey, KeyError> {
    let path: DerivationPath = path.parse().map_err(|_| KeyError::NotAKey)?;
    let derived = XPrv::derive_from_path(seed, &path).map_err(|_| KeyError::NotAKey)?;
    let secret = Zeroizing::new(derived.to_bytes());
    SigningKey::from_bytes(&secret).map_err(|_| KeyError::NotAKey)
}

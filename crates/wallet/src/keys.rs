//! Keys and how they are kept.
//!
//! - The **owner key** comes from the recovery phrase (BIP-39, at `m/44'/60'/0'/0/0`) or from a keystore file. It is the
//!   account: who has the phrase has the account back.
//! - A **device key** is made on this device from fresh entropy, for one purse. It is never derived from the phrase and
//!   never leaves: there is no function that exports one. A restored phrase therefore cannot sign a used serial.
//! - A **channel key** signs the vouchers of one channel, a **request key** the requests and receipts of a till. They are
//!   made like device keys.
//!
//! All of them lie sealed with XChaCha20-Poly1305 under a data key, and the data key lies sealed under the PIN or
//! passphrase (Argon2id), so that changing the PIN rewrites one record. A passkey (WebAuthn with PRF) seals it once more. Opened secrets are overwritten when dropped.

mod derivation;
mod error;
mod keystore;
mod passkey;
mod password;
mod phrase;
mod sealed;
mod unlocked;
mod vault;

pub use error::KeyError;
pub use keystore::{export_keystore, import_keystore};
pub use passkey::{Passkey, PasskeySecret};
pub use password::{KdfCost, Password};
pub use phrase::{PhraseLength, RecoveryPhrase};
pub use sealed::{SealedSecret, SecretKind};
pub use unlocked::{LockedError, Unlocked};
pub use vault::Vault;

pub(crate) use password::derive_key;
pub(crate) use sealed::{open as open_sealed, seal};

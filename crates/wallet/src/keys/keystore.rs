//! Ethereum's keystore files, version 3 ("Web3 Secret Storage"): how owner keys come in from other wallets and go out.
//!
//! Written here, in a page, because the crate `eth-keystore` opens files and draws randomness itself, which a pure crate
//! may not. Device keys have no way in or out.

use aes::cipher::{KeyIvInit, StreamCipher};
use alloy_primitives::{FixedBytes, hex, keccak256};
use offpay_protocol::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{KeyError, Password};
use crate::Entropy;

/// The work that an exported file asks for, `N = 2^17`, `r = 8`, `p = 1`: what most wallets write.
const SCRYPT_LOG_N: u8 = 17;
/// The most work that an imported file may ask for.
const MOST_SCRYPT_LOG_N: u32 = 20;
const MOST_PBKDF2_ROUNDS: u32 = 10_000_000;

#[derive(Serialize, Deserialize)]
struct Keystore {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    version: u8,
}

#[derive(Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    #[serde(with = "bare_hex")]
    ciphertext: Vec<u8>,
    #[serde(flatten)]
    kdf: Kdf,
    #[serde(with = "bare_hex")]
    mac: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct CipherParams {
    #[serde(with = "bare_hex")]
    iv: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt {
        dklen: u8,
        n: u32,
        r: u32,
        p: u32,
        #[serde(with = "bare_hex")]
        salt: Vec<u8>,
    },
    Pbkdf2 {
        dklen: u8,
        c: u32,
        prf: String,
        #[serde(with = "bare_hex")]
        salt: Vec<u8>,
    },
}

impl Kdf {
    fn derive(&self, password: &Password) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let mut key = Zeroizing::new([0u8; 32]);
        match self {
            Self::Scrypt {
                dklen: 32,
                n,
                r,
                p,
                salt,
            } => {
                let bearable = n.is_power_of_two()
                    && n.ilog2() <= MOST_SCRYPT_LOG_N
                    && r.saturating_mul(*p) <= 64;
                if !bearable {
                    return Err(KeyError::Cost);
                }
                let log_n = u8::try_from(n.ilog2()).map_err(|_| KeyError::Cost)?;
                let params = scrypt::Params::new(log_n, *r, *p, 32).map_err(|_| KeyError::Cost)?;
                scrypt::scrypt(password.bytes(), salt, &params, key.as_mut_slice())
                    .map_err(|_| KeyError::Cost)?;
            }
            Self::Pbkdf2 {
                dklen: 32,
                c,
                prf,
                salt,
            } if prf == "hmac-sha256" => {
                if *c == 0 || *c > MOST_PBKDF2_ROUNDS {
                    return Err(KeyError::Cost);
                }
                pbkdf2::pbkdf2_hmac::<Sha256>(password.bytes(), salt, *c, key.as_mut_slice());
            }
            _ => return Err(KeyError::UnsupportedKeystore),
        }
        Ok(key)
    }
}

/// Reads the key out of a keystore file.
///
/// # Errors
///
/// [`KeyError::NotAKeystore`], [`KeyError::UnsupportedKeystore`], [`KeyError::WrongPassword`], [`KeyError::Cost`] if
/// the file asks for an unbearable amount of work, [`KeyError::Altered`] if it names another address.
pub fn import_keystore(json: &str, password: &Password) -> Result<SigningKey, KeyError> {
    let file: Keystore = serde_json::from_str(json).map_err(|_| KeyError::NotAKeystore)?;
    if file.version != 3 {
        return Err(KeyError::NotAKeystore);
    }
    let Crypto {
        cipher,
        cipherparams,
        ciphertext,
        kdf,
        mac,
    } = file.crypto;
    if cipher != "aes-128-ctr" {
        return Err(KeyError::UnsupportedKeystore);
    }
    let derived = kdf.derive(password)?;
    let (cipher_key, mac_key) = derived.split_at(16);
    if keccak256([mac_key, &ciphertext].concat()).as_slice() != mac {
        return Err(KeyError::WrongPassword);
    }
    let mut secret = Zeroizing::new(ciphertext);
    apply_cipher(cipher_key, &cipherparams.iv, &mut secret)?;
    let secret =
        Zeroizing::new(<[u8; 32]>::try_from(secret.as_slice()).map_err(|_| KeyError::NotAKey)?);
    let key = SigningKey::from_bytes(&secret).map_err(|_| KeyError::NotAKey)?;
    let named = file
        .address
        .map(|named| named.trim_start_matches("0x").to_lowercase());
    if named.is_some_and(|named| named != hex::encode(key.address())) {
        return Err(KeyError::Altered);
    }
    Ok(key)
}

/// Writes an owner key as a keystore file that other Ethereum wallets read.
///
/// # Errors
///
/// [`KeyError::PasswordTooShort`].
pub fn export_keystore(
    key: &SigningKey,
    password: &Password,
    entropy: &Entropy,
) -> Result<String, KeyError> {
    export_with_work(key, password, entropy, SCRYPT_LOG_N)
}

fn export_with_work(
    key: &SigningKey,
    password: &Password,
    entropy: &Entropy,
    log_n: u8,
) -> Result<String, KeyError> {
    password.check_length()?;
    let kdf = Kdf::Scrypt {
        dklen: 32,
        n: 1u32.checked_shl(log_n.into()).ok_or(KeyError::Cost)?,
        r: 8,
        p: 1,
        salt: entropy.draw::<32>("keystore salt").to_vec(),
    };
    let derived = kdf.derive(password)?;
    let (cipher_key, mac_key) = derived.split_at(16);
    let iv = entropy.draw::<16>("keystore iv").to_vec();
    let mut ciphertext = key.expose_secret().to_vec();
    apply_cipher(cipher_key, &iv, &mut ciphertext)?;
    let mac = keccak256([mac_key, &ciphertext].concat()).to_vec();
    let file = Keystore {
        address: Some(hex::encode(key.address())),
        crypto: Crypto {
            cipher: "aes-128-ctr".to_owned(),
            cipherparams: CipherParams { iv },
            ciphertext,
            kdf,
            mac,
        },
        id: Some(uuid(&entropy.draw::<16>("keystore id"))),
        version: 3,
    };
    serde_json::to_string(&file).map_err(|_| KeyError::NotAKeystore)
}

fn apply_cipher(key: &[u8], iv: &[u8], bytes: &mut [u8]) -> Result<(), KeyError> {
    ctr::Ctr128BE::<aes::Aes128>::new_from_slices(key, iv)
        .map_err(|_| KeyError::NotAKeystore)?
        .apply_keystream(bytes);
    Ok(())
}

/// A random UUID (RFC 9562, version 4).
fn uuid(random: &[u8; 16]) -> String {
    let mut bytes = FixedBytes(*random);
    if let Some(version) = bytes.get_mut(6) {
        *version = (*version & 0x0f) | 0x40;
    }
    if let Some(variant) = bytes.get_mut(8) {
        *variant = (*variant & 0x3f) | 0x80;
    }
    let digits = hex::encode(bytes);
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

/// Hex digits without `0x`, as keystores have them; read with it as well.
mod bare_hex {
    use alloy_primitives::hex;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;

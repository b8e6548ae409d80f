//! Nonces for signing in with a wallet: nothing is stored until one is used.
//!
//! A nonce says when it was made and carries a MAC under a key of this process, so that asking for nonces fills no
//! table. Those that were used are remembered until they would be over.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use offpay_protocol::{Seconds, Timestamp};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::PasswordError;

/// How long a nonce can be used: as long as a person needs to look at what is signed.
const LIFETIME: u64 = 10 * 60;

/// The time, entropy, and the MAC of both.
const LENGTH: usize = 8 + 8 + 16;

pub(crate) struct WalletNonces {
    key: Zeroizing<[u8; 32]>,
}

impl WalletNonces {
    pub(super) fn new() -> Result<Self, PasswordError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| PasswordError::Entropy)?;
        Ok(Self { key })
    }

    /// A new nonce, and when it is over.
    pub(crate) fn make(&self, now: Timestamp) -> Result<(String, Timestamp), PasswordError> {
        let mut bytes = [0; LENGTH];
        let (said, mac) = bytes.split_at_mut(16);
        let (time, entropy) = said.split_at_mut(8);
        time.copy_from_slice(&now.get().to_be_bytes());
        getrandom::fill(entropy).map_err(|_| PasswordError::Entropy)?;
        mac.copy_from_slice(&self.mac(said));
        Ok((HEXLOWER.encode(&bytes), over(now)))
    }

    /// When a nonce is over, if this process made it and it is not.
    pub(crate) fn check(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        use subtle::ConstantTimeEq as _;

        let bytes = HEXLOWER.decode(nonce.as_bytes()).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (said, mac) = bytes.split_at(16);
        if !bool::from(self.mac(said).as_slice().ct_eq(mac)) {
            return None;
        }
        let made = Timestamp::new(u64::from_be_bytes(*said.first_chunk()?))?;
        Some(over(made)).filter(|over| now < *over)
    }

    fn mac(&self, said: &[u8]) -> [u8; 16] {
        let mut short = [0; 16];
        // Every length of key will do for HMAC: it never fails.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            mac.update(said);
            let full = mac.finalize().into_bytes();
            for (to, from) in short.iter_mut().zip(full) {
                *to = from;
            }
        }
        short
    }
}

fn over(made: Timestamp) -> Timestamp {
    Seconds::new(LIFETIME).map_or(made, |lifetime| made.saturating_add(lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_and_only_in_time() {
        let at = |seconds| Timestamp::new(seconds).unwrap();
        let (ours, theirs) = (WalletNonces::new().unwrap(), WalletNonces::new().unwrap());
        let (nonce, over) = ours.make(at(1_000)).unwrap();
        assert_eq!(over, at(1_600));
        assert_eq!(ours.check(&nonce, at(1_599)), Some(over));
        assert_eq!(ours.check(&nonce, at(1_600)), None);
        assert_eq!(theirs.check(&nonce, at(1_001)), None);
        let mut altered = nonce.into_bytes();
        altered[3] ^= 1;
        let altered = String::from_utf8(altered).unwrap();
        assert_eq!(ours.check(&altered, at(1_001)), None);
        assert_eq!(ours.check("abc", at(1_001)), None);
    }
}

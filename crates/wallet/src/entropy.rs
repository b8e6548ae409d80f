//! Randomness, handed in.

use core::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Thirty-two bytes from the operating system's random generator, used up by one operation.
///
/// The wallet is pure: it cannot draw randomness itself. What an operation needs (a device key, a nonce, a salt) is
/// expanded from these bytes with HMAC-SHA256, each under a label of its own. It can be neither copied nor printed,
/// and is overwritten when it is dropped. Handing the same bytes to two operations would repeat keys and nonces.
pub struct Entropy {
    seed: Zeroizing<[u8; 32]>,
}

impl Entropy {
    /// Takes 32 fresh bytes of the operating system's generator.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            seed: Zeroizing::new(bytes),
        }
    }

    /// `N` bytes for the purpose that `label` names. A label is drawn once.
    pub(crate) fn draw<const N: usize>(&self, label: &'static str) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0u8; N]);
        for (counter, block) in (0u8..).zip(out.chunks_mut(32)) {
            // HMAC takes a key of any length, so this never fails; were it to, the block would stay zero and the key
            // made of it would be refused.
            let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(self.seed.as_slice()) else {
                continue;
            };
            mac.update(label.as_bytes());
            mac.update(&[counter]);
            let bytes = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
            for (to, from) in block.iter_mut().zip(bytes.iter()) {
                *to = *from;
            }
        }
        out
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_seeds_tell_draws_apart() {
        let one = Entropy::new([1; 32]);
        assert_eq!(*one.draw::<32>("a"), *one.draw::<32>("a"));
        assert_ne!(*one.draw::<32>("a"), *one.draw::<32>("b"));
        assert_ne!(*one.draw::<32>("a"), *Entropy::new([2; 32]).draw::<32>("a"));
        let long = one.draw::<72>("a");
        assert_eq!(long[..32], *one.draw::<32>("a"));
        assert_ne!(long[32..64], long[..32]);
        assert_ne!(long[64..], [0; 8]);
        assert_eq!(format!("{one:?}"), "Entropy(..)");
    }
}

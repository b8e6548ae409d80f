use core::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::KeyError;

/// A PIN or passphrase as a person typed it. Overwritten when dropped, never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The fewest characters of a PIN.
    pub const LEAST_CHARACTERS: usize = 4;

    /// Takes what a person typed.
    pub fn new(typed: impl Into<String>) -> Self {
        Self(Zeroizing::new(typed.into()))
    }

    /// The bytes that a key is derived from.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Refuses one that is too short to set.
    ///
    /// # Errors
    ///
    /// [`KeyError::PasswordTooShort`].
    pub(crate) fn check_length(&self) -> Result<(), KeyError> {
        if self.0.chars().count() < Self::LEAST_CHARACTERS {
            return Err(KeyError::PasswordTooShort {
                least: Self::LEAST_CHARACTERS,
            });
        }
        Ok(())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// What one guess at a password costs: the parameters of Argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KdfCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// The second recommendation of RFC 9106, with one lane because a browser has one: 64 MiB, three passes.
    pub const STANDARD: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
    /// As little as Argon2 allows. For tests: it protects nothing.
    pub const FOR_TESTS: Self = Self {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };

    /// What a file may ask of whoever opens it: 1 GiB, 16 passes, 16 lanes.
    const fn is_bearable(self) -> bool {
        self.memory_kib <= 1024 * 1024 && self.passes <= 16 && self.lanes <= 16
    }
}

/// The 32 bytes that `password` gives with `salt`.
///
/// # Errors
///
/// [`KeyError::Cost`] if the cost is out of bounds.
pub(crate) fn derive_key(
    password: &Password,
    salt: &[u8; 16],
    cost: KdfCost,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    if !cost.is_bearable() {
        return Err(KeyError::Cost);
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| KeyError::Cost)?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.bytes(), salt, key.as_mut_slice())
        .map_err(|_| KeyError::Cost)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let derive = |typed: &str, salt, passes| {
            let cost = KdfCost {
                passes,
                ..KdfCost::FOR_TESTS
            };
            *derive_key(&Password::new(typed), &[salt; 16], cost).unwrap()
        };
        assert_eq!(derive("1234", 1, 1), derive("1234", 1, 1));
        assert_ne!(derive("1234", 1, 1), derive("1235", 1, 1));
        assert_ne!(derive("1234", 1, 1), derive("1234", 2, 1));
        assert_ne!(derive("1234", 1, 1), derive("1234", 1, 2));
    }

    #[test]
    fn a_file_cannot_ask_for_all_memory() {
        for cost in [
            KdfCost {
                memory_kib: u32::MAX,
                ..KdfCost::FOR_TESTS
            },
            KdfCost {
                passes: u32::MAX,
                ..KdfCost::FOR_TESTS
            },
            KdfCost {
                lanes: 0,
                ..KdfCost::FOR_TESTS
            },
        ] {
            assert_eq!(
                derive_key(&Password::new("1234"), &[0; 16], cost).unwrap_err(),
                KeyError::Cost
            );
        }
    }

    #[test]
    fn short_ones_are_refused_and_none_is_printed() {
        assert!(Password::new("123").check_length().is_err());
        assert!(Password::new("1234").check_length().is_ok());
        assert_eq!(format!("{:?}", Password::new("secret")), "Password(..)");
    }
}

use thiserror::Error;

/// Why a key cannot be made, read, sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A recovery phrase has 12, 15, 18, 21 or 24 words.
    #[error("a recovery phrase has 12, 15, 18, 21 or 24 words, not {0}")]
    PhraseLength(usize),
    /// A word is not in the word list.
    #[error("word {position} is not one of the recovery words")]
    UnknownWord {
        /// Which word, counted from 1.
        position: usize,
    },
    /// All words are known, but the last one does not fit the others: one is wrong, or two are swapped.
    #[error("the recovery words do not fit together: one is wrong or out of order")]
    PhraseChecksum,
    /// The PIN or passphrase is not the right one, or what it protects was altered.
    #[error("wrong PIN or passphrase")]
    WrongPassword,
    /// The passkey does not open this wallet.
    #[error("this passkey does not open the wallet")]
    WrongPasskey,
    /// The wallet has as many passkeys as it can have.
    #[error("a wallet has at most {most} passkeys")]
    TooManyPasskeys {
        /// How many.
        most: usize,
    },
    /// A sealed secret was altered, or belongs elsewhere.
    #[error("a stored secret was altered")]
    Altered,
    /// The PIN or passphrase is too short.
    #[error("a PIN has at least {least} characters")]
    PasswordTooShort {
        /// The least number of characters.
        least: usize,
    },
    /// The cost of the key derivation is out of bounds.
    #[error("the key derivation's cost is out of bounds")]
    Cost,
    /// The file is not a keystore of version 3.
    #[error("not an Ethereum keystore of version 3")]
    NotAKeystore,
    /// The keystore uses a cipher or key derivation that is not part of version 3.
    #[error("the keystore uses a cipher or key derivation that is not supported")]
    UnsupportedKeystore,
    /// The bytes are no private key. With entropy from the system: one chance in 2^127.
    #[error("not a private key")]
    NotAKey,
}

impl KeyError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PhraseLength(_) => "phrase_length",
            Self::UnknownWord { .. } => "phrase_unknown_word",
            Self::PhraseChecksum => "phrase_checksum",
            Self::WrongPassword => "wrong_password",
            Self::WrongPasskey => "wrong_passkey",
            Self::TooManyPasskeys { .. } => "too_many_passkeys",
            Self::Altered => "secret_altered",
            Self::PasswordTooShort { .. } => "password_too_short",
            Self::Cost => "kdf_cost",
            Self::NotAKeystore => "not_a_keystore",
            Self::UnsupportedKeystore => "unsupported_keystore",
            Self::NotAKey => "not_a_key",
        }
    }

    /// Whether trying again with other input from the person can succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::PhraseLength(_)
                | Self::UnknownWord { .. }
                | Self::PhraseChecksum
                | Self::WrongPassword
                | Self::WrongPasskey
                | Self::PasswordTooShort { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_can_be_typed_again_and_a_damaged_secret_cannot() {
        assert!(KeyError::WrongPassword.is_retryable());
        assert!(!KeyError::Altered.is_retryable());
    }
}

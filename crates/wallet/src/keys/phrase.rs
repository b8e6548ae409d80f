use core::fmt;

use bip39::{Language, Mnemonic};
use offpay_protocol::SigningKey;
use zeroize::Zeroizing;

use super::{
    KeyError,
    derivation::{OWNER_PATH, key_at},
};
use crate::Entropy;

/// How many words a new phrase has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhraseLength {
    /// 128 bits of entropy.
    Twelve,
    /// 256 bits of entropy.
    TwentyFour,
}

/// The words from which an account's owner key can be made again (BIP-39, English). Overwritten when dropped.
///
/// A phrase restores the *account*. It knows nothing of purses: their keys were made on a device.
pub struct RecoveryPhrase(Mnemonic);

impl RecoveryPhrase {
    /// A new phrase.
    ///
    /// # Errors
    ///
    /// [`KeyError::PhraseLength`] never happens; it is what the library would say.
    pub fn generate(length: PhraseLength, entropy: &Entropy) -> Result<Self, KeyError> {
        let bytes = entropy.draw::<32>("recovery phrase");
        let (half, _) = bytes.split_at(16);
        let bytes = match length {
            PhraseLength::Twelve => half,
            PhraseLength::TwentyFour => bytes.as_slice(),
        };
        Mnemonic::from_entropy_in(Language::English, bytes)
            .map(Self)
            .map_err(|e| read_error(&e))
    }

    /// Reads a phrase as a person typed it: any case, any space between the words.
    ///
    /// # Errors
    ///
    /// Which word is wrong, or that they do not fit together.
    pub fn parse(typed: &str) -> Result<Self, KeyError> {
        let words = Zeroizing::new(typed.to_lowercase());
        let normal = Zeroizing::new(words.split_whitespace().collect::<Vec<_>>().join(" "));
        Mnemonic::parse_in_normalized(Language::English, &normal)
            .map(Self)
            .map_err(|e| read_error(&e))
    }

    /// The words, to be written down.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.words()
    }

    /// The phrase as one line, to be written down.
    pub fn to_line(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The owner key at `m/44'/60'/0'/0/0`.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotAKey`], with one chance in 2^127.
    pub fn owner_key(&self) -> Result<SigningKey, KeyError> {
        // Without the tables that normalize a passphrase: a browser has to load them.
        let seed = Zeroizing::new(self.0.to_seed_normalized(""));
        key_at(&seed, OWNER_PATH)
    }

    /// The same with BIP-39's optional extra word.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotAKey`], with one chance in 2^127.
    pub fn owner_key_with(&self, passphrase: &str) -> Result<SigningKey, KeyError> {
        let seed = Zeroizing::new(self.0.to_seed(passphrase));
        key_at(&seed, OWNER_PATH)
    }
}

fn read_error(error: &bip39::Error) -> KeyError {
    match error {
        bip39::Error::BadWordCount(count) => KeyError::PhraseLength(*count),
        bip39::Error::UnknownWord(index) => KeyError::UnknownWord {
            position: index.saturating_add(1),
        },
        _ => KeyError::PhraseChecksum,
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrase of Hardhat and anvil, whose first account everybody knows.
    const WELL_KNOWN: &str = "test test test test test test test test test test test junk";

    #[test]
    fn the_first_account_is_where_every_ethereum_wallet_has_it() {
        let phrase = RecoveryPhrase::parse(WELL_KNOWN).unwrap();
        let key = phrase.owner_key().unwrap();
        assert_eq!(
            key.address().to_string(),
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        );
        let with = |extra: &str| phrase.owner_key_with(extra).unwrap().address();
        assert_eq!(with(""), key.address());
        assert_ne!(with("extra"), key.address());
        // One extra word, whichever way its letters are put together.
        assert_eq!(with("caf\u{e9}"), with("cafe\u{301}"));
    }

    #[test]
    fn read_as_people_type() {
        let typed = format!("  {} ", WELL_KNOWN.to_uppercase().replace(' ', "\n "));
        assert_eq!(
            *RecoveryPhrase::parse(&typed).unwrap().to_line(),
            WELL_KNOWN
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let parse = |typed: &str| RecoveryPhrase::parse(typed).unwrap_err();
        assert_eq!(parse("test test"), KeyError::PhraseLength(2));
        assert_eq!(
            parse(&WELL_KNOWN.replace("junk", "jonk")),
            KeyError::UnknownWord { position: 12 }
        );
        assert_eq!(
            parse(&WELL_KNOWN.replace("junk", "test")),
            KeyError::PhraseChecksum
        );
    }

    #[test]
    fn new_ones_have_the_length_and_can_be_read_again() {
        let entropy = Entropy::new([9; 32]);
        for (length, words) in [(PhraseLength::Twelve, 12), (PhraseLength::TwentyFour, 24)] {
            let phrase = RecoveryPhrase::generate(length, &entropy).unwrap();
            assert_eq!(phrase.words().count(), words);
            let again = RecoveryPhrase::parse(&phrase.to_line()).unwrap();
            assert_eq!(
                again.owner_key().unwrap().address(),
                phrase.owner_key().unwrap().address()
            );
        }
        assert_eq!(
            format!("{:?}", RecoveryPhrase::parse(WELL_KNOWN).unwrap()),
            "RecoveryPhrase(..)"
        );
    }
}

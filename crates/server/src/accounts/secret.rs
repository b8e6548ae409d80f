//! Tokens: 256 random bits as text, with a prefix that says what they open.
//!
//! A prefix lets scanners of leaked text recognize them, and keeps one kind from being tried as another. Only the
//! SHA-256 is stored: it needs no slow hash, for nobody guesses 256 bits.

use data_encoding::BASE64URL_NOPAD;
use offpay_api::SecretText;
use offpay_operator::identity::TokenHash;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::vault::VaultError;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A session.
    Session,
    /// What an app may do.
    Access,
    /// A recovery.
    Recovery,
}

impl TokenKind {
    const ALL: [Self; 3] = [Self::Session, Self::Access, Self::Recovery];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "ops_",
            Self::Access => "opt_",
            Self::Recovery => "opr_",
        }
    }

    /// What this text opens, if it has the form of a token.
    pub(crate) fn of(text: &str) -> Option<Self> {
        // 32 bytes are 43 characters.
        Self::ALL
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()) && text.len() == kind.prefix().len() + 43)
    }

    /// A new token, and what is stored of it.
    pub(crate) fn generate(self) -> Result<(SecretText, TokenHash), VaultError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
        let mut text = self.prefix().to_owned();
        // Room for all of it at once: growing would leave copies behind.
        text.reserve_exact(43);
        BASE64URL_NOPAD.encode_append(bytes.as_slice(), &mut text);
        let hash = hash(&text);
        Ok((SecretText::new(text), hash))
    }
}

/// What is stored of a secret of full entropy.
pub fn hash(text: &str) -> TokenHash {
    TokenHash(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_new_and_says_what_it_is() {
        for kind in TokenKind::ALL {
            let (one, one_hash) = kind.generate().unwrap();
            let (other, _) = kind.generate().unwrap();
            assert_ne!(one.expose(), other.expose());
            assert_eq!(TokenKind::of(one.expose()), Some(kind));
            assert_eq!(hash(one.expose()), one_hash);
            assert_eq!(TokenKind::of(&one.expose()[1..]), None);
        }
        assert_eq!(TokenKind::of("ops_"), None);
    }
}

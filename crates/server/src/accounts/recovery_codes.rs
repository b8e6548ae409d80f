//! Recovery codes: ten, of 100 random bits each, as four groups of five letters and digits.

use data_encoding::BASE32_NOPAD;
use offpay_api::SecretText;
use offpay_operator::identity::TokenHash;
use zeroize::Zeroizing;

use super::secret::hash;
use crate::vault::VaultError;

const COUNT: usize = 10;
const GROUP: usize = 5;
const LENGTH: usize = 4 * GROUP;

/// New codes, and what is stored of them.
pub(crate) fn generate() -> Result<(Vec<SecretText>, Vec<TokenHash>), VaultError> {
    let mut codes = Vec::with_capacity(COUNT);
    let mut hashes = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let mut bytes = Zeroizing::new([0u8; 13]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
        let text = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()));
        let mut code = Zeroizing::new(String::with_capacity(LENGTH + 3));
        for (index, letter) in text.chars().take(LENGTH).enumerate() {
            if index > 0 && index % GROUP == 0 {
                code.push('-');
            }
            code.push(letter);
        }
        hashes.push(hash_of(&code));
        codes.push(SecretText::new(code.as_str()));
    }
    Ok((codes, hashes))
}

/// What is stored of a code, however it was typed: hyphens, spaces and case do not matter.
pub(crate) fn hash_of(typed: &str) -> TokenHash {
    let plain: Zeroizing<String> = Zeroizing::new(
        typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_uppercase())
            .collect(),
    );
    hash(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_as_people_type() {
        let (codes, hashes) = generate().unwrap();
        assert_eq!((codes.len(), hashes.len()), (10, 10));
        let code = codes[3].expose();
        assert_eq!(code.len(), 23);
        assert_eq!(hash_of(code), hashes[3]);
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(hash_of(&typed), hashes[3]);
        assert_ne!(hashes[0], hashes[1]);
    }
}

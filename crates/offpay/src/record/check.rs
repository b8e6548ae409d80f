//! Whether a record agrees with itself.

use alloy_primitives::{Address, hex, keccak256};
use offpay_chain::sender::compressed_public_key;
use offpay_protocol::SigningKey;

use super::{Record, RecordFileError};

impl Record {
    pub(super) fn check(&self) -> Result<(), RecordFileError> {
        let key = self.key()?;
        if !names(&self.wallet.public_key, &key) {
            return Err(RecordFileError::OtherPublicKey {
                expected: key.address(),
            });
        }
        let (outer, inner) = (self.amount, self.transaction.amount);
        if outer != inner {
            return Err(RecordFileError::TwoAmounts { outer, inner });
        }
        if inner.is_zero() || self.transaction.to.is_zero() {
            return Err(RecordFileError::PaysNothing);
        }
        let Some(signed) = &self.signed_payment else {
            return Ok(());
        };
        let payment = &signed.message;
        let own = payment.payee == self.transaction.to
            && payment.amount == inner
            && payment.reference == self.reference()
            && payment.check_form().is_ok()
            && signed
                .signer()
                .is_ok_and(|signer| signer.address() == key.address());
        if own {
            Ok(())
        } else {
            Err(RecordFileError::Tampered)
        }
    }
}

/// Whether the text is the key's address, or its public key: compressed, or not, with or without the leading byte.
fn names(text: &str, key: &SigningKey) -> bool {
    let Ok(bytes) = hex::decode(text) else {
        return false;
    };
    match bytes.as_slice() {
        address if address.len() == 20 => address == key.address().as_slice(),
        compressed if compressed.len() == 33 => {
            compressed_public_key(key).is_some_and(|expected| compressed == expected)
        }
        [4, point @ ..] if point.len() == 64 => hashes_to(point, key),
        point if point.len() == 64 => hashes_to(point, key),
        _ => false,
    }
}

fn hashes_to(point: &[u8], key: &SigningKey) -> bool {
    Address::from_word(keccak256(point)) == key.address()
}

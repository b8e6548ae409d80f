use offpay_protocol::Amount;
use offpay_wallet::storage::StorageError;
use serde::{Serialize, de::DeserializeOwned};

use super::error::inconsistent;

/// A record as text.
pub(super) fn to_json<T: Serialize>(record: &T) -> Result<String, StorageError> {
    serde_json::to_string(record).map_err(|_| inconsistent("a record can be written down"))
}

/// A record from its text.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|_| inconsistent("a stored record can be read"))
}

/// An amount as twelve big-endian bytes, which SQL compares as the number.
pub(super) fn sortable(amount: Amount) -> [u8; 12] {
    let bytes = amount.get().to_be_bytes();
    let mut low = [0; 12];
    low.copy_from_slice(&bytes[4..]);
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_sort_as_amounts() {
        let amounts = [0u128, 1, 255, 256, 1 << 64, (1 << 96) - 1];
        let bytes: Vec<_> = amounts
            .iter()
            .map(|units| sortable(Amount::new(*units).unwrap()))
            .collect();
        assert!(bytes.is_sorted());
        assert_eq!(sortable(Amount::MAX), [255; 12]);
    }
}

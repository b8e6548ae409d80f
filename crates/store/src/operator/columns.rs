//! How values stand in columns.

use offpay_operator::storage::StorageError;
use offpay_protocol::{Amount, Timestamp};

use super::error::unreadable;

/// An amount as text whose order is the order of the numbers.
pub(crate) fn amount(amount: Amount) -> String {
    format!("{:029}", amount.get())
}

/// The same, added to bytes.
pub(crate) fn write_amount(amount: Amount, to: &mut Vec<u8>) {
    let mut digits = [b'0'; 29];
    let mut rest = amount.get();
    for digit in digits.iter_mut().rev() {
        // The remainder of a division by ten is one digit.
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    to.extend(digits);
}

/// An amount that was stored.
pub(crate) fn read_amount(text: &str) -> Result<Amount, StorageError> {
    let units: u128 = text.parse().map_err(unreadable)?;
    Amount::new(units).ok_or_else(|| unreadable("an amount beyond uint96"))
}

/// A time as a column has it.
pub(crate) fn time(time: Timestamp) -> i64 {
    // A timestamp has 40 bits.
    i64::try_from(time.get()).unwrap_or(i64::MAX)
}

/// A time that was stored.
pub(crate) fn read_time(seconds: i64) -> Result<Timestamp, StorageError> {
    u64::try_from(seconds)
        .ok()
        .and_then(Timestamp::new)
        .ok_or_else(|| unreadable("a time beyond uint40"))
}

/// Bytes of a fixed length that were stored: an address (20) or a hash (32).
pub(crate) fn read_bytes<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StorageError> {
    bytes
        .try_into()
        .map_err(|_| unreadable("bytes of another length"))
}

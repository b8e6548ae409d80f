//! Everything of a kind, oldest first, for taking it elsewhere.

use core::{fmt, future::Future, num::ParseIntError, str::FromStr};

use offpay_protocol::{PaymentId, PurseKey, Signature, Timestamp, messages::Payment};

use super::{Entered, StorageError};
use crate::hosted::Operation;

/// A payment that was cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPayment {
    /// Where it stands among all of them.
    pub place: PaymentPlace,
    /// Its name among those of its purse.
    pub id: PaymentId,
    /// Who pays.
    pub purse: PurseKey,
    /// What was signed.
    pub payment: Payment,
    /// By the purse's device.
    pub signature: Signature,
    /// When it was cleared.
    pub cleared_at: Timestamp,
}

/// Where a cleared payment stands among all of them, in the order in which they were written: a cursor, `5_16390`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PaymentPlace {
    /// Of the commit. 0 for all that were there before commits had positions.
    pub position: i64,
    /// Of the payment: its number, which rises within a commit.
    pub number: i64,
}

impl fmt::Display for PaymentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.position, self.number)
    }
}

/// It is no place of a payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// A number alone is what places were before commits had positions. It does not tell what was exported before it.
    #[error("it is a number alone")]
    Number,
    /// Anything else.
    #[error("it is not two numbers with _ between them")]
    Malformed,
}

impl From<ParseIntError> for PlaceError {
    fn from(_: ParseIntError) -> Self {
        Self::Malformed
    }
}

impl FromStr for PaymentPlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        // Signs are none of it.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
        {
            return Err(PlaceError::Malformed);
        }
        let Some((position, number)) = text.split_once('_') else {
            text.parse::<i64>()?;
            return Err(PlaceError::Number);
        };
        Ok(Self {
            position: position.parse()?,
            number: number.parse()?,
        })
    }
}

/// Everything of a kind. A number that was given is never followed by a smaller one: who goes on behind the last number
/// misses nothing, whatever was being written meanwhile.
pub trait ExportStorage {
    /// The highest number of a movement of the books below which nothing will come any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn ledger_horizon(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Movements of the books with numbers above `after` and up to `upto`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_movements(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Entered>, StorageError>> + Send;

    /// The highest position of a commit of clearing below which nothing will come any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn clearing_horizon(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Cleared payments after this place, of commits with positions up to `upto`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_payments(
        &self,
        after: PaymentPlace,
        upto: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ExportedPayment>, StorageError>> + Send;

    /// The highest number of a transaction below which nothing will come any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn transaction_horizon(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Operations, as they are now, whose transactions have numbers above `after` and up to `upto`, by those numbers.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn export_operations(
        &self,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Operation>, StorageError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = PaymentPlace {
            position: 5,
            number: 16_390,
        };
        assert_eq!(place.to_string(), "5_16390");
        assert_eq!("5_16390".parse(), Ok(place));
        assert_eq!("0_0".parse(), Ok(PaymentPlace::default()));
        assert_eq!("16390".parse::<PaymentPlace>(), Err(PlaceError::Number));
        for wrong in [
            "",
            "_",
            "5_",
            "_5",
            "5_6_7",
            "-5_6",
            "5_+6",
            "5-6",
            "99999999999999999999_1",
            "99999999999999999999",
        ] {
            assert_eq!(
                wrong.parse::<PaymentPlace>(),
                Err(PlaceError::Malformed),
                "{wrong}"
            );
        }
    }
}

//! Many payments in few bytes.

use std::collections::BTreeMap;

use alloy::primitives::Bytes;
use offpay_protocol::{AccountId, Amount, Domain, Signed, messages::Payment};
use thiserror::Error;

mod vouchers;

pub use vouchers::{PACKED_CLAIM, PackedClaims};

/// Bytes of a packed row: start, amount and cumulative (12 each), reference, `r` and `vs` (32 each).
pub const PACKED_ROW: usize = 132;

/// From how many rows to one payee on a packed batch is worth a transaction of its own.
const WORTH_PACKING: usize = 2;

/// Payments to one payee, packed for `settlePaymentsPacked`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBatch {
    domain: Domain,
    payee: AccountId,
    rows: Bytes,
}

/// Why payments or vouchers do not make one packed batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PackError {
    /// There are none.
    #[error("there is nothing to pack")]
    Empty,
    /// They are not all to one payee.
    #[error("the rows are not all to one payee")]
    ManyPayees,
    /// They were not all signed for one deployment.
    #[error("the rows were not all signed for one deployment")]
    ManyDomains,
    /// A voucher is of a two-way channel: those count at its close.
    #[error("a voucher is of a two-way channel")]
    TwoWay,
}

/// One settlement transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    /// Payments to one payee.
    Packed(PackedBatch),
    /// Payments to payees that have too few each.
    Mixed(Vec<Signed<Payment>>),
}

impl PackedBatch {
    /// Packs payments, in this order.
    ///
    /// # Errors
    ///
    /// [`PackError`].
    pub fn pack<'a>(
        payments: impl IntoIterator<Item = &'a Signed<Payment>>,
    ) -> Result<Self, PackError> {
        let mut payments = payments.into_iter().peekable();
        let (domain, payee) = payments
            .peek()
            .map(|first| (first.domain, first.message.payee))
            .ok_or(PackError::Empty)?;
        let mut rows = Vec::new();
        for payment in payments {
            if payment.message.payee != payee {
                return Err(PackError::ManyPayees);
            }
            if payment.domain != domain {
                return Err(PackError::ManyDomains);
            }
            push_row(&mut rows, payment);
        }
        Ok(Self {
            domain,
            payee,
            rows: rows.into(),
        })
    }

    /// The deployment that they were signed for.
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Who is paid.
    pub const fn payee(&self) -> AccountId {
        self.payee
    }

    /// The packed rows.
    pub const fn rows(&self) -> &Bytes {
        &self.rows
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len() / PACKED_ROW
    }

    /// Whether there are none: never.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Groups payments into as few settlement transactions as `most_rows` in each allows: packed by payee where a payee
/// has several, the others together. All must be for one deployment.
///
/// Only the newest payment of each purse to each payee is worth a row: it settles the earlier ones. Choosing those is
/// the caller's.
///
/// # Errors
///
/// [`PackError::ManyDomains`].
pub fn plan(payments: &[Signed<Payment>], most_rows: usize) -> Result<Vec<Batch>, PackError> {
    let most_rows = most_rows.max(1);
    let mut by_payee: BTreeMap<AccountId, Vec<Signed<Payment>>> = BTreeMap::new();
    for payment in payments {
        by_payee
            .entry(payment.message.payee)
            .or_default()
            .push(*payment);
    }
    let mut batches = Vec::new();
    let mut mixed = Vec::new();
    for rows in by_payee.into_values() {
        if rows.len() < WORTH_PACKING {
            mixed.extend(rows);
            continue;
        }
        for chunk in rows.chunks(most_rows) {
            batches.push(Batch::Packed(PackedBatch::pack(chunk)?));
        }
    }
    batches.extend(
        mixed
            .chunks(most_rows)
            .map(|chunk| Batch::Mixed(chunk.to_vec())),
    );
    Ok(batches)
}

fn push_row(rows: &mut Vec<u8>, payment: &Signed<Payment>) {
    let Payment {
        start,
        amount,
        cumulative,
        reference,
        ..
    } = payment.message;
    for field in [start, amount, cumulative] {
        rows.extend(uint96_bytes(field));
    }
    rows.extend(reference.bytes());
    rows.extend(payment.signature.to_compact());
}

/// The 12 bytes of a `uint96`.
fn uint96_bytes(amount: Amount) -> impl Iterator<Item = u8> {
    amount.get().to_be_bytes().into_iter().skip(4)
}

#[cfg(test)]
mod tests {
    use offpay_protocol::{Reference, Signable, SigningKey};

    use super::*;

    fn payment(payee: u8, start: u64) -> Signed<Payment> {
        let key = SigningKey::from_bytes(&[1; 32]).unwrap();
        let domain = Domain::new(1, [9; 20].into());
        let message = Payment {
            payee: AccountId::new([payee; 20].into()),
            start: start.into(),
            amount: 1u64.into(),
            cumulative: 1u64.into(),
            reference: Reference::new([7; 32].into()),
        };
        let signature = message.sign(&domain, &key).unwrap();
        Signed {
            domain,
            message,
            signature,
        }
    }

    #[test]
    fn a_row_is_laid_out_as_the_contract_reads_it() {
        let one = payment(3, 258);
        let packed = PackedBatch::pack([&one]).unwrap();
        let rows = packed.rows();
        assert_eq!((packed.len(), rows.len()), (1, PACKED_ROW));
        assert_eq!(rows[..12], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!((rows[23], rows[35]), (1, 1));
        assert_eq!(rows[36..68], [7; 32]);
        assert_eq!(rows[68..], one.signature.to_compact());
    }

    #[test]
    fn payees_with_several_payments_get_packed_batches() {
        let payments: Vec<_> = [3, 4, 3, 5, 3]
            .into_iter()
            .zip(0..)
            .map(|(p, s)| payment(p, s))
            .collect();
        let batches = plan(&payments, 2).unwrap();
        let sizes: Vec<_> = batches
            .iter()
            .map(|batch| match batch {
                Batch::Packed(packed) => (true, packed.len()),
                Batch::Mixed(payments) => (false, payments.len()),
            })
            .collect();
        assert_eq!(sizes, [(true, 2), (true, 1), (false, 2)]);
    }

    #[test]
    fn what_does_not_belong_together_is_not_packed() {
        let other = Signed {
            domain: Domain::new(2, [9; 20].into()),
            ..payment(3, 1)
        };
        assert_eq!(PackedBatch::pack([]), Err(PackError::Empty));
        assert_eq!(
            PackedBatch::pack([&payment(3, 0), &payment(4, 1)]),
            Err(PackError::ManyPayees)
        );
        assert_eq!(
            PackedBatch::pack([&payment(3, 0), &other]),
            Err(PackError::ManyDomains)
        );
    }
}

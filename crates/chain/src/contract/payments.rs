//! Settling payments, alone and in batches.

use alloy::primitives::{Address, B256, U256};
use offpay_protocol::{
    AccountId, Amount, PurseKey, Reference, Signed, Timestamp, messages::Payment,
};

use super::Contract;
use crate::{
    ChainError, Operation, Refusal,
    batch::{Batch, PackedBatch},
    bindings::OffPay::{
        self, OffPayEvents, PaymentDefaulted, PaymentsSettled, settlePaymentCall,
        settlePaymentsCall, settlePaymentsPackedCall,
    },
    convert::{amount, narrow, timestamp, uint96},
};

/// What came of one payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What was credited out of the purse's funds; `None` if nothing was owed, or there was nothing left.
    pub credited: Option<SettledRow>,
    /// What the purse still owes; `None` if it is paid in full, or was resolved before.
    pub default: Option<Defaulted>,
    /// Whether this ended a default.
    pub cured: bool,
}

/// A credit out of a purse's funds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledRow {
    /// The purse.
    pub purse: PurseKey,
    /// Who was paid.
    pub payee: AccountId,
    /// How much was credited. A packed batch does not say it: compare what was paid before.
    pub amount: Option<Amount>,
    /// What the payee has had from the purse in all.
    pub paid: Amount,
    /// What the payment was for. A packed batch does not say it.
    pub reference: Option<Reference>,
}

/// A purse that cannot pay a payee in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaulted {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The highest cumulative that was presented.
    pub presented: Amount,
    /// What of the pledge is reserved for the payee.
    pub reserved: Amount,
    /// When the default began.
    pub since: Timestamp,
    /// Whether the payee was a member of the purse's circle at a presentation.
    pub was_member: bool,
}

/// What came of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchSettled {
    /// Credits, in the order of the rows. A row of which nothing was owed has none.
    pub credited: Vec<SettledRow>,
    /// Rows that could not be paid in full.
    pub defaults: Vec<Defaulted>,
    /// Rows that were skipped, by their place in the batch.
    pub skipped: Vec<(usize, Refusal)>,
}

impl Contract {
    /// Credits the payee what the purse owes it. Anyone can send it; if nothing is owed, nothing happens.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if it was signed for another deployment.
    pub fn settle(&self, payment: &Signed<Payment>) -> Result<Operation<Settled>, ChainError> {
        self.check_domain(&payment.domain)?;
        let call = settlePaymentCall {
            payment: (&payment.message).into(),
            signature: payment.signature.to_compact().into(),
        };
        Ok(Operation::new(self, &call, |events| {
            let all = batch_settled(events);
            Some(Settled {
                credited: all.credited.first().copied(),
                default: all.defaults.first().copied(),
                cured: events
                    .iter()
                    .any(|event| matches!(event, OffPayEvents::DefaultCured(_))),
            })
        }))
    }

    /// Settles payments to different payees. A row that fails is skipped.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if one was signed for another deployment.
    pub fn settle_all(
        &self,
        payments: &[Signed<Payment>],
    ) -> Result<Operation<BatchSettled>, ChainError> {
        for payment in payments {
            self.check_domain(&payment.domain)?;
        }
        let rows = payments.iter().map(Into::into).collect();
        Ok(Operation::new(
            self,
            &settlePaymentsCall { rows },
            |events| Some(batch_settled(events)),
        ))
    }

    /// Settles payments to one payee, in the fewest bytes. A row that fails is skipped.
    pub fn settle_packed(&self, batch: &PackedBatch) -> Operation<BatchSettled> {
        let call = settlePaymentsPackedCall {
            payee: batch.payee().into(),
            rows: batch.rows().clone(),
        };
        Operation::new(self, &call, |events| Some(batch_settled(events)))
    }

    /// Settles a batch as it was [planned](crate::batch::plan).
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if it was signed for another deployment.
    pub fn settle_batch(&self, batch: &Batch) -> Result<Operation<BatchSettled>, ChainError> {
        match batch {
            Batch::Packed(packed) => {
                self.check_domain(packed.domain())?;
                Ok(self.settle_packed(packed))
            }
            Batch::Mixed(payments) => self.settle_all(payments),
        }
    }
}

fn batch_settled(events: &[OffPayEvents]) -> BatchSettled {
    let mut batch = BatchSettled::default();
    for event in events {
        match event {
            OffPayEvents::PaymentSettled(paid) => batch.credited.push(SettledRow {
                purse: paid.purse.into(),
                payee: paid.payee.into(),
                amount: Some(amount(paid.amount)),
                paid: amount(paid.cumulative),
                reference: Some(paid.paymentReference.into()),
            }),
            OffPayEvents::PaymentsSettled(paid) => batch.credited.extend(packed_rows(paid)),
            OffPayEvents::PaymentDefaulted(default) => batch.defaults.push(defaulted(default)),
            OffPayEvents::RowSkipped(skipped) => {
                let row = usize::try_from(skipped.row).unwrap_or(usize::MAX);
                batch
                    .skipped
                    .push((row, Refusal::from_code(skipped.refusal)));
            }
            _ => {}
        }
    }
    batch
}

/// Words `purse << 96 | paidTo`.
fn packed_rows(paid: &PaymentsSettled) -> impl Iterator<Item = SettledRow> {
    paid.rows.iter().filter_map(|row| {
        let (purse, paid_to) = row.split_at(20);
        Some(SettledRow {
            purse: Address::from_slice(purse).into(),
            payee: paid.payee.into(),
            amount: None,
            paid: narrow(U256::from_be_slice(paid_to))?,
            reference: None,
        })
    })
}

fn defaulted(default: &PaymentDefaulted) -> Defaulted {
    Defaulted {
        purse: default.purse.into(),
        payee: default.payee.into(),
        presented: amount(default.presented),
        reserved: amount(default.reserved),
        since: timestamp(default.since),
        was_member: default.wasMember,
    }
}

impl From<&Payment> for OffPay::Payment {
    fn from(payment: &Payment) -> Self {
        Self {
            payee: payment.payee.into(),
            start: uint96(payment.start),
            amount: uint96(payment.amount),
            cumulative: uint96(payment.cumulative),
            reference_: payment.reference.into(),
        }
    }
}

impl From<&Signed<Payment>> for OffPay::SignedPayment {
    fn from(signed: &Signed<Payment>) -> Self {
        let (r, vs) = halves(&signed.signature.to_compact());
        Self {
            payment: (&signed.message).into(),
            r,
            vs,
        }
    }
}

/// `r`, and `s` with the parity.
fn halves(compact: &[u8; 64]) -> (B256, B256) {
    let (r, vs) = compact.split_at(32);
    (B256::from_slice(r), B256::from_slice(vs))
}

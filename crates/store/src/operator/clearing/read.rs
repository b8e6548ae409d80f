//! Rows as they are read.

use offpay_operator::{
    clearing::{DoubleSpend, Frontier, KeptFor},
    storage::{
        StorageError,
        clearing::{OwedPair, PurseFrontier, StoredClearance, StoredPayment},
    },
};
use offpay_protocol::{
    AccountId, PaymentId, PurseKey, Signature,
    messages::{Clearance, Payment},
};

use super::super::{
    columns::{read_amount, read_bytes, read_time},
    error::unreadable,
};

pub(super) fn payment_id(bytes: &[u8]) -> Result<PaymentId, StorageError> {
    Ok(PaymentId::new(read_bytes::<32>(bytes)?.into()))
}

pub(super) fn purse(bytes: &[u8]) -> Result<PurseKey, StorageError> {
    Ok(PurseKey::new(read_bytes::<20>(bytes)?.into()))
}

pub(in crate::operator) fn signature(bytes: &[u8]) -> Result<Signature, StorageError> {
    Signature::from_compact(read_bytes(bytes)?).map_err(unreadable)
}

pub(super) fn account(bytes: &[u8]) -> Result<AccountId, StorageError> {
    Ok(AccountId::new(read_bytes::<20>(bytes)?.into()))
}

/// `purse version spent promised payments`
#[derive(sqlx::FromRow)]
pub(super) struct FrontierRow(Vec<u8>, i64, String, String, i64);

impl FrontierRow {
    pub(super) fn read(self) -> Result<PurseFrontier, StorageError> {
        let Self(signer, version, spent, promised, payments) = self;
        Ok(PurseFrontier {
            purse: purse(&signer)?,
            version,
            frontier: Frontier {
                spent: read_amount(&spent)?,
                promised: read_amount(&promised)?,
                payments: u64::try_from(payments).map_err(unreadable)?,
            },
        })
    }
}

/// `number` or `kept_for`, then the payment's columns.
type Columns<First> = (
    First,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Vec<u8>,
    Vec<u8>,
);

fn stored<First>(row: Columns<First>) -> Result<(First, StoredPayment), StorageError> {
    let (first, id, signer, payee, start, amount, cumulative, reference, signed) = row;
    let payment = Payment {
        payee: account(&payee)?,
        start: read_amount(&start)?,
        amount: read_amount(&amount)?,
        cumulative: read_amount(&cumulative)?,
        reference: read_bytes::<32>(&reference)
            .map(|reference| offpay_protocol::Reference::new(reference.into()))?,
    };
    let stored = StoredPayment {
        id: payment_id(&id)?,
        purse: purse(&signer)?,
        payment,
        signature: signature(&signed)?,
    };
    Ok((first, stored))
}

macro_rules! from_columns {
    ($name:ident, $columns:ty) => {
        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            $columns: sqlx::FromRow<'r, R>,
        {
            fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
                <$columns>::from_row(row).map(Self)
            }
        }
    };
}

pub(in crate::operator) struct PaymentRow(Columns<i64>);
from_columns!(PaymentRow, Columns<i64>);

impl PaymentRow {
    pub(in crate::operator) fn read(self) -> Result<(i64, StoredPayment), StorageError> {
        stored(self.0)
    }
}

pub(super) struct KeptRow(Columns<String>);
from_columns!(KeptRow, Columns<String>);

impl KeptRow {
    pub(super) fn read(self) -> Result<(KeptFor, StoredPayment), StorageError> {
        let (kept_for, stored) = stored(self.0)?;
        let kept_for = [KeptFor::Presenting, KeptFor::Funds]
            .into_iter()
            .find(|known| known.name() == kept_for)
            .ok_or_else(|| unreadable("a payment that is kept for something unknown"))?;
        Ok((kept_for, stored))
    }
}

type ClearanceColumns = (i64, i64, Vec<u8>, i64, Vec<u8>, Vec<u8>);
pub(super) struct ClearanceRow(ClearanceColumns);
from_columns!(ClearanceRow, ClearanceColumns);

impl ClearanceRow {
    pub(super) fn read(self) -> Result<StoredClearance, StorageError> {
        let (first, payments, root, cleared_at, operator, signed) = self.0;
        Ok(StoredClearance {
            first,
            payments: u32::try_from(payments).map_err(unreadable)?,
            clearance: Clearance {
                root: read_bytes::<32>(&root)?.into(),
                cleared_at: read_time(cleared_at)?,
            },
            operator: offpay_protocol::OperatorId::new(read_bytes::<20>(&operator)?.into()),
            signature: signature(&signed)?,
        })
    }
}

type EvidenceColumns = (Vec<u8>, String, String, i64);
pub(super) struct EvidenceRow(EvidenceColumns);
from_columns!(EvidenceRow, EvidenceColumns);

impl EvidenceRow {
    pub(super) fn read(self) -> Result<DoubleSpend, StorageError> {
        let (signer, first, second, found_at) = self.0;
        Ok(DoubleSpend {
            purse: purse(&signer)?,
            first: serde_json::from_str(&first).map_err(unreadable)?,
            second: serde_json::from_str(&second).map_err(unreadable)?,
            found_at: read_time(found_at)?,
        })
    }
}

type OwedColumns = (Vec<u8>, Vec<u8>, String, Vec<u8>, String, i64);
pub(super) struct OwedRow(OwedColumns);
from_columns!(OwedRow, OwedColumns);

impl OwedRow {
    pub(super) fn read(self) -> Result<OwedPair, StorageError> {
        let (signer, payee, cumulative, payment, settled, owed_since) = self.0;
        Ok(OwedPair {
            purse: purse(&signer)?,
            payee: offpay_protocol::AccountId::new(read_bytes::<20>(&payee)?.into()),
            cumulative: read_amount(&cumulative)?,
            payment: payment_id(&payment)?,
            settled: read_amount(&settled)?,
            owed_since: read_time(owed_since)?,
        })
    }
}

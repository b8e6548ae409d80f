//! Rows of the outbox.

use offpay_operator::{
    outbox::{
        Attempt, Inclusion, NewAttempt, Purpose, StoredTransaction, TransactionState, fees::Fees,
    },
    storage::StorageError,
};

use crate::operator::{columns, error::unreadable};

/// A number that a column holds.
pub(super) fn signed(number: u64) -> Result<i64, StorageError> {
    i64::try_from(number).map_err(|error| StorageError::Refused(error.into()))
}

fn unsigned(number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(unreadable)
}

#[derive(sqlx::FromRow)]
pub(in crate::operator) struct TransactionRow {
    number: i64,
    work: String,
    purpose: String,
    recipient: Vec<u8>,
    calldata: Vec<u8>,
    deadline: Option<i64>,
    state: String,
    created_at: i64,
    failure: Option<String>,
    cancelled_at: Option<i64>,
}

impl TransactionRow {
    pub(in crate::operator) fn read(self) -> Result<StoredTransaction, StorageError> {
        Ok(StoredTransaction {
            number: self.number,
            work: self.work,
            purpose: Purpose::named(&self.purpose).ok_or_else(|| unreadable("a purpose"))?,
            to: columns::read_bytes(&self.recipient)?,
            calldata: self.calldata,
            deadline: self.deadline.map(columns::read_time).transpose()?,
            state: TransactionState::named(&self.state).ok_or_else(|| unreadable("a state"))?,
            created_at: columns::read_time(self.created_at)?,
            failure: self.failure,
            cancelled: self.cancelled_at.is_some(),
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct AttemptRow {
    pub(super) transaction_number: i64,
    sender: Vec<u8>,
    nonce: i64,
    hash: Vec<u8>,
    raw: Vec<u8>,
    gas_limit: i64,
    fee_most: i64,
    fee_priority: Option<i64>,
    signed_at: i64,
    sent_at: Option<i64>,
    block_number: Option<i64>,
    block_hash: Option<Vec<u8>>,
    succeeded: Option<i64>,
    gas_used: Option<i64>,
    gas_price: Option<i64>,
    cancels: i64,
}

impl AttemptRow {
    pub(super) fn read(&self) -> Result<Attempt, StorageError> {
        Ok(Attempt {
            signed: NewAttempt {
                transaction: self.transaction_number,
                sender: columns::read_bytes(&self.sender)?,
                nonce: unsigned(self.nonce)?,
                hash: columns::read_bytes(&self.hash)?,
                raw: self.raw.clone(),
                gas_limit: unsigned(self.gas_limit)?,
                fees: Fees {
                    most: unsigned(self.fee_most)?,
                    priority: self.fee_priority.map(unsigned).transpose()?,
                },
                cancels: self.cancels == 1,
            },
            signed_at: columns::read_time(self.signed_at)?,
            sent_at: self.sent_at.map(columns::read_time).transpose()?,
            inclusion: self.inclusion()?,
        })
    }

    fn inclusion(&self) -> Result<Option<Inclusion>, StorageError> {
        let (Some(block), Some(hash), Some(succeeded), Some(gas_used), Some(gas_price)) = (
            self.block_number,
            &self.block_hash,
            self.succeeded,
            self.gas_used,
            self.gas_price,
        ) else {
            return Ok(None);
        };
        Ok(Some(Inclusion {
            block: unsigned(block)?,
            block_hash: columns::read_bytes(hash)?,
            succeeded: succeeded == 1,
            gas_used: unsigned(gas_used)?,
            gas_price: unsigned(gas_price)?,
        }))
    }
}

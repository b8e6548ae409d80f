//! Recovering who signed, on a bounded number of threads.

use std::{sync::Arc, thread::available_parallelism};

use axum::body::Bytes;
use offpay_operator::{clearing::ClearingRefusal, storage::clearing::StoredPayment};
use offpay_protocol::{Domain, Signed, messages::Payment};
use tokio::sync::Semaphore;

use super::RowRefusal;

/// How many payments one thread takes at a time: about 5 ms of work.
const AT_A_TIME: usize = 125;

type Checked = Result<StoredPayment, ClearingRefusal>;
/// A row whose signature was recovered, or why it is none.
pub(crate) type CheckedRow = Result<StoredPayment, RowRefusal>;

/// Checks what can be seen of a payment without its purse: domain, form, signature.
pub(super) fn check(domain: &Domain, payment: &Signed<Payment>) -> Checked {
    if payment.domain != *domain {
        let signed = Box::new(payment.domain);
        return Err(ClearingRefusal::ForeignDomain { signed });
    }
    payment
        .message
        .check_form()
        .map_err(ClearingRefusal::Malformed)?;
    // The id is what is signed: one hash for both.
    let id = payment.message.id(domain);
    let signer = payment
        .signature
        .recover(id.bytes())
        .map_err(ClearingRefusal::Signature)?;
    Ok(StoredPayment {
        id,
        purse: signer.into(),
        payment: payment.message,
        signature: payment.signature,
    })
}

/// The same for a payment that is still JSON.
fn check_row(domain: &Domain, row: &[u8]) -> CheckedRow {
    let payment = serde_json::from_slice(row).map_err(|_| RowRefusal::Unreadable)?;
    check(domain, &payment).map_err(RowRefusal::Refused)
}

/// Threads that recover.
pub(super) struct Recovery {
    threads: Arc<Semaphore>,
}

impl Recovery {
    pub(super) fn new() -> Self {
        let threads = available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            threads: Arc::new(Semaphore::new(threads)),
        }
    }

    /// Reads and checks many, in their order; `None` if a thread was lost.
    pub(super) async fn check_all(
        &self,
        domain: Domain,
        mut rows: Vec<Bytes>,
    ) -> Option<Vec<CheckedRow>> {
        let mut parts = Vec::new();
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(AT_A_TIME));
            let part = std::mem::replace(&mut rows, rest);
            let threads = Arc::clone(&self.threads);
            parts.push(tokio::spawn(async move {
                let _thread = threads.acquire_owned().await.ok()?;
                let check_part = move || part.iter().map(|row| check_row(&domain, row)).collect();
                tokio::task::spawn_blocking(check_part).await.ok()
            }));
        }
        let mut checked = Vec::new();
        for part in parts {
            let part: Vec<CheckedRow> = part.await.ok()??;
            checked.extend(part);
        }
        Some(checked)
    }
}

//! Recovering who signed, on a bounded number of threads.

use std::{sync::Arc, thread::available_parallelism};

use offpay_operator::{clearing::ClearingRefusal, storage::clearing::StoredPayment};
use offpay_protocol::{Domain, Signed, messages::Payment};
use tokio::sync::Semaphore;

/// How many payments one thread takes at a time: about 5 ms of work.
const AT_A_TIME: usize = 125;

type Checked = Result<StoredPayment, ClearingRefusal>;

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

    /// Checks many, in their order; `None` if a thread was lost.
    pub(super) async fn check_all(
        &self,
        domain: Domain,
        mut payments: Vec<Signed<Payment>>,
    ) -> Option<Vec<Checked>> {
        let mut parts = Vec::new();
        while !payments.is_empty() {
            let rest = payments.split_off(payments.len().min(AT_A_TIME));
            let part = std::mem::replace(&mut payments, rest);
            let threads = Arc::clone(&self.threads);
            parts.push(tokio::spawn(async move {
                let _thread = threads.acquire_owned().await.ok()?;
                let check_part =
                    move || part.iter().map(|payment| check(&domain, payment)).collect();
                tokio::task::spawn_blocking(check_part).await.ok()
            }));
        }
        let mut checked = Vec::new();
        for part in parts {
            let part: Vec<Checked> = part.await.ok()??;
            checked.extend(part);
        }
        Some(checked)
    }
}

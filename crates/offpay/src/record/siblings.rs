//! The other records of the same purse: which serials they took, and what they promised.
//!
//! All records of a purse have to be in one folder. There is no other account of its serials: a payment that was signed
//! elsewhere with the same key, and is not settled, is unknown here.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    path::Path,
    time::Duration,
};

use offpay_protocol::{AccountId, Amount, Domain, PurseKey, Reference, Signed, messages::Payment};
use serde_json::Value;

use super::{Record, RecordFileError, failed, folder};
use crate::secrets::private_key;

/// The file whose lock keeps two runs from taking the same serials.
const LOCK: &str = ".offpay.lock";

/// How often it is tried.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// What was signed in this folder, for one purse and one deployment.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// The first serial that no payment took.
    pub(crate) next: Amount,
    /// The highest cumulative of each payee.
    pub(crate) cumulatives: BTreeMap<AccountId, Amount>,
    /// The payment of the record with the reference that was asked for, if one was signed.
    pub(crate) same: Option<Signed<Payment>>,
}

/// Waits until no other run works in the folder. It ends with the file.
pub(crate) async fn lock(record: &Path) -> Result<File, RecordFileError> {
    let path = folder(record).join(LOCK);
    let file = File::create(&path).map_err(|error| failed(&path, error))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // Asked again and again rather than waited for: waiting could not be interrupted.
            Err(TryLockError::WouldBlock) => tokio::time::sleep(ASK_AGAIN).await,
            Err(TryLockError::Error(error)) => return Err(failed(&path, error)),
        }
    }
}

/// Reads every record of the purse in the folder.
pub(crate) fn promised(
    record: &Path,
    purse: PurseKey,
    domain: &Domain,
    reference: Reference,
) -> Result<Promised, RecordFileError> {
    let mut promised = Promised::default();
    let folder = folder(record);
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        if path.extension().is_none_or(|extension| extension != "json") || !is_of(&path, purse) {
            continue;
        }
        let sibling = Record::read(&path).map_err(|error| RecordFileError::UnreadableSibling {
            path: path.clone(),
            error: Box::new(error),
        })?;
        let Some(signed) = sibling
            .signed_payment
            .filter(|signed| signed.domain == *domain)
        else {
            continue;
        };
        promised.add(&signed);
        if signed.message.reference == reference {
            promised.same = Some(signed);
        }
    }
    Ok(promised)
}

/// Whether a file holds the purse's key. Anything may lie in the folder.
fn is_of(path: &Path, purse: PurseKey) -> bool {
    let Ok(text) = fs::read(path) else {
        return false;
    };
    let Ok(value) = serde_json::from_slice::<Value>(&text) else {
        return false;
    };
    let key = value.pointer("/wallet/private_key").and_then(Value::as_str);
    key.is_some_and(|key| private_key(key).is_ok_and(|key| key.address() == purse.address()))
}

impl Promised {
    fn add(&mut self, signed: &Signed<Payment>) {
        let Payment {
            payee,
            start,
            amount,
            cumulative,
            ..
        } = signed.message;
        let end = start.checked_add(amount).unwrap_or(Amount::MAX);
        self.next = self.next.max(end);
        let highest = self.cumulatives.entry(payee).or_default();
        *highest = cumulative.max(*highest);
    }
}

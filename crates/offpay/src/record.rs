//! A payment record: a file with a purse's key and one payment, and what has been done about it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, hex, keccak256};
use offpay_protocol::{
    AccountId, Amount, PurseKey, Reference, Signed, SigningKey, messages::Payment,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;
use zeroize::Zeroizing;

mod check;
mod siblings;

pub(crate) use siblings::{Promised, lock, promised};

/// What a record file holds. Fields that are not known here are kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    wallet: Wallet,
    pub(crate) transaction: Transaction,
    amount: Amount,
    /// The signed payment, once it was made. It is written before anything is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_payment: Option<Signed<Payment>>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Wallet {
    public_key: String,
    private_key: Zeroizing<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    /// The purse's key, or its owner.
    pub(crate) from: AccountId,
    /// Who is paid.
    pub(crate) to: AccountId,
    /// How much, in base units.
    pub(crate) amount: Amount,
    timestamp: String,
    pub(crate) is_settled: bool,
    /// The settling transaction. What is no hash stands for none.
    #[serde(default)]
    pub(crate) tx_hash: Option<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// Why a record file is not used.
#[derive(Debug, Error)]
pub(crate) enum RecordFileError {
    /// The file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    /// It is no payment record.
    #[error("{} is no payment record: {error}", .path.display())]
    Malformed {
        path: PathBuf,
        #[source]
        error: serde_json::Error,
    },
    /// The private key is none.
    #[error("wallet.private_key is not a private key: it should be 0x and 64 hex digits")]
    NotAKey,
    /// The public key is another key's.
    #[error(
        "wallet.public_key is not the public key, nor the address ({expected}), of wallet.private_key"
    )]
    OtherPublicKey { expected: Address },
    /// The two amounts differ.
    #[error("the record names two amounts: {outer}, and {inner} in its transaction")]
    TwoAmounts { outer: Amount, inner: Amount },
    /// Nothing is paid, or nobody.
    #[error("the record pays nothing, or nobody: amount and to must not be zero")]
    PaysNothing,
    /// The stored signed payment is not of this record.
    #[error(
        "the stored signed payment is not of this record: it was changed after signing. Restore the file"
    )]
    Tampered,
    /// A record beside this one is of the same purse and cannot be read, so its serials are unknown.
    #[error("{} is a record of the same purse that cannot be read: {error}. Repair it or move it away", .path.display())]
    UnreadableSibling {
        path: PathBuf,
        #[source]
        error: Box<RecordFileError>,
    },
}

impl RecordFileError {
    pub(crate) const fn is_retryable(&self) -> bool {
        false
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "record_file",
            Self::Malformed { .. } => "record_malformed",
            Self::NotAKey => "record_private_key",
            Self::OtherPublicKey { .. } => "record_public_key",
            Self::TwoAmounts { .. } => "record_two_amounts",
            Self::PaysNothing => "record_pays_nothing",
            Self::Tampered => "record_tampered",
            Self::UnreadableSibling { .. } => "record_sibling",
        }
    }
}

impl Record {
    /// Reads a record and checks that it agrees with itself.
    pub(crate) fn read(path: &Path) -> Result<Self, RecordFileError> {
        let text = Zeroizing::new(fs::read(path).map_err(|error| failed(path, error))?);
        let record: Self =
            serde_json::from_slice(&text).map_err(|error| RecordFileError::Malformed {
                path: path.into(),
                error,
            })?;
        record.check()?;
        Ok(record)
    }

    /// Replaces the file, all or nothing: what this returned from survives a crash.
    pub(crate) fn write(&self, path: &Path) -> Result<(), RecordFileError> {
        let failed = |error| failed(path, error);
        let folder = folder(path);
        let mut text =
            Zeroizing::new(serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?);
        text.push(b'\n');
        let permissions = fs::metadata(path).map_err(failed)?.permissions();
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(&text).map_err(failed)?;
        file.as_file()
            .set_permissions(permissions)
            .map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        // The rename itself is in the folder.
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)
    }

    /// The purse's key.
    pub(crate) fn key(&self) -> Result<SigningKey, RecordFileError> {
        let text = self.wallet.private_key.as_str();
        let mut secret = Zeroizing::new([0u8; 32]);
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode_to_slice(digits, secret.as_mut()).map_err(|_| RecordFileError::NotAKey)?;
        SigningKey::from_bytes(&secret).map_err(|_| RecordFileError::NotAKey)
    }

    /// The purse.
    pub(crate) fn purse(&self) -> Result<PurseKey, RecordFileError> {
        Ok(PurseKey::new(self.key()?.address()))
    }

    /// What the payment of this record is for. The same record gives the same reference, wherever its file is.
    pub(crate) fn reference(&self) -> Reference {
        let Transaction {
            id,
            from,
            to,
            amount,
            timestamp,
            ..
        } = &self.transaction;
        Reference::new(keccak256(format!(
            "offpay payment record\n{id}\n{from}\n{to}\n{amount}\n{timestamp}"
        )))
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

fn failed(path: &Path, error: io::Error) -> RecordFileError {
    RecordFileError::File {
        path: path.into(),
        error,
    }
}

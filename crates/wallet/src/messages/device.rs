//! What people are told while they set up, sync and secure a wallet.

use super::Message;
use crate::{
    Token,
    ask::AskError,
    backup::BackupError,
    keys::{KeyError, LockedError},
    owner::OwnerError,
    purse::PurseError,
    receipt::ReceiptError,
    sign_in::SignInError,
    storage::StorageError,
    sync::{NotReady, SyncError},
    wallet::{CreateError, OpenError, UnlockError},
};

impl Message for AskError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::TooLong => "The name or the note is too long for a code.".into(),
            Self::NeedsExpiry => {
                "Say until when it can be paid. Only a code without an amount can be printed."
                    .into()
            }
            Self::NoKey => "Requests for this account are made on another device.".into(),
            Self::Unknown(_) => "You made no such request.".into(),
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for ReceiptError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::UnknownPayment(_) => "There is no such payment in this wallet.".into(),
            Self::NotByPayee => "This receipt is not from the shop that you paid.".into(),
            Self::Sign(error) => error.message(token),
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for PurseError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::CannotPay => "This device takes payments and cannot have purses.".into(),
            Self::CoverCount(_) => {
                "A purse is for at least 1 and at most 65534 shops at a time.".into()
            }
            Self::NoPledge => "A purse needs a deposit, or no shop would accept it.".into(),
            Self::Unknown(_) => "You have no such purse on this device.".into(),
            Self::Certificate(refusal) => refusal.message(token),
            Self::FalseCertificate(_) => {
                "The operator says something untrue about your purse. Ask another operator.".into()
            }
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for OwnerError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::OtherDeployment { .. } => {
                "This operator is for another network or currency.".into()
            }
            Self::NoOperator => "This card is empty.".into(),
            Self::AttestationNotForUs => {
                "This is for another till, or by an operator that you do not trust.".into()
            }
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for SyncError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Lagging { .. } => "The network's answer is out of date. Try again.".into(),
            Self::UnknownPurse(_) | Self::UnknownChannel(_) | Self::UnknownPayment(_) => {
                "The network answered something that was not asked.".into()
            }
            Self::Contradiction | Self::Proof(_) => {
                "The network's answer is wrong. Try again, or use another node.".into()
            }
            Self::Certificate(error) => error.message(token),
            Self::OperatorKey(_) | Self::Revocations(_) | Self::Clearance(_) => {
                "The operator's answer is not trustworthy. Ask the operator.".into()
            }
            Self::OtherDeployment => "The answer is for another network or currency.".into(),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for NotReady {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::NoPurse => "Not ready to pay offline: no money is set aside yet.".into(),
            Self::Empty => {
                "Not ready to pay offline: all money that was set aside is spent.".into()
            }
            Self::NoFreshCertificate => "Not ready to pay offline: go online once.".into(),
        }
    }
}

impl Message for BackupError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::NotABackup => "This file is not a backup, or it is damaged.".into(),
            Self::TooNew(_) => "This backup is from a newer version. Update the app.".into(),
            Self::Key(error) => error.message(token),
            Self::OtherAccount { .. } => "This backup is of another account.".into(),
            Self::OtherDeployment => "This backup is for another network or currency.".into(),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for SignInError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Site => "This site does not say who it is. Do not sign in there.".into(),
            Self::Key(error) => error.message(token),
        }
    }
}

impl Message for KeyError {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::PhraseLength(_) => "Recovery words are 12 or 24 words.".into(),
            Self::UnknownWord { position } => format!("Word {position} is not a recovery word."),
            Self::PhraseChecksum => {
                "These words do not fit together. One is wrong, or two are swapped.".into()
            }
            Self::WrongPassword => "Wrong PIN or password.".into(),
            Self::WrongPasskey => "This passkey does not open the wallet. Use the PIN.".into(),
            Self::TooManyPasskeys { most } => {
                format!("A wallet has at most {most} passkeys. Remove one first.")
            }
            Self::PasswordTooShort { least } => format!("Use at least {least} characters."),
            Self::NotAKeystore | Self::UnsupportedKeystore | Self::NotAKey | Self::Cost => {
                "This file cannot be read as a key.".into()
            }
            Self::Altered => "What is stored on this device was changed by somebody else.".into(),
        }
    }
}

impl Message for LockedError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Locked => "The wallet is locked. Type your PIN.".into(),
            Self::Idle { .. } => {
                "The wallet locked itself because nobody used it. Type your PIN.".into()
            }
            Self::Key(error) => error.message(token),
        }
    }
}

impl Message for StorageError {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::InUse | Self::OutOfSequence { .. } => {
                "This wallet is open in another window or program. Close it there first.".into()
            }
            Self::Inconsistent { .. } => {
                "What is stored on this device is damaged. Restore a backup.".into()
            }
            Self::TooNew { .. } => {
                "This wallet was used by a newer version. Update the app.".into()
            }
            Self::Full => "This device is full. Make room, then try again.".into(),
            Self::Medium(_) => "This device could not save anything. Try again.".into(),
        }
    }
}

impl Message for OpenError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::NoWallet => "There is no wallet here yet.".into(),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for CreateError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Exists => "There is a wallet here already.".into(),
            Self::Key(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for UnlockError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Key(error) => error.message(token),
            Self::Locked(error) => error.message(token),
            Self::NoOwnerKey => "The key of this account is kept elsewhere.".into(),
            Self::Storage(error) => error.message(token),
        }
    }
}

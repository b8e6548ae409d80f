//! Whom or what a fact is about.

use alloy_primitives::{Address, B256};
use offpay_protocol::{AccountId, ChannelId, Circle, PurseKey};
use thiserror::Error;

/// Something on the chain that has a state of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An account: its balance and collateral.
    Account(AccountId),
    /// A purse.
    Purse(PurseKey),
    /// What passed between a purse and a payee.
    Pair(PurseKey, AccountId),
    /// A payee's place in a circle.
    Member(Circle, AccountId),
    /// A circle: its size.
    Circle(Circle),
    /// A channel.
    Channel(ChannelId),
}

/// Bytes that name no subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("these bytes name nothing on the chain")]
pub struct UnknownSubject;

impl Subject {
    /// The byte that every name of its kind begins with.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Account(_) => 1,
            Self::Purse(_) => 2,
            Self::Pair(..) => 3,
            Self::Member(..) => 4,
            Self::Circle(_) => 5,
            Self::Channel(_) => 6,
        }
    }

    /// Its name in the database: the byte of its kind, then its addresses or its hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind()];
        match self {
            Self::Account(account) => bytes.extend(account.address()),
            Self::Purse(purse) => bytes.extend(purse.address()),
            Self::Pair(purse, payee) => {
                bytes.extend(purse.address());
                bytes.extend(payee.address());
            }
            Self::Member(circle, payee) => {
                bytes.extend(circle.address());
                bytes.extend(payee.address());
            }
            Self::Circle(circle) => bytes.extend(circle.address()),
            Self::Channel(channel) => bytes.extend(channel.bytes()),
        }
        bytes
    }

    /// The subject of a name.
    ///
    /// # Errors
    ///
    /// [`UnknownSubject`] if it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnknownSubject> {
        let (kind, name) = bytes.split_first().ok_or(UnknownSubject)?;
        let address = |part: &[u8]| Address::try_from(part).map_err(|_| UnknownSubject);
        let two = || {
            let (first, second) = name.split_at_checked(20).ok_or(UnknownSubject)?;
            Ok((address(first)?, address(second)?))
        };
        Ok(match kind {
            1 => Self::Account(address(name)?.into()),
            2 => Self::Purse(address(name)?.into()),
            3 => {
                let (purse, payee) = two()?;
                Self::Pair(purse.into(), payee.into())
            }
            4 => {
                let (circle, payee) = two()?;
                Self::Member(circle.into(), payee.into())
            }
            5 => Self::Circle(address(name)?.into()),
            6 => Self::Channel(B256::try_from(name).map_err(|_| UnknownSubject)?.into()),
            _ => return Err(UnknownSubject),
        })
    }
}

use thiserror::Error;

use crate::{AccountId, Amount, Circle, PurseKey, Seconds, Timestamp, messages::Certificate};

/// What an operator reads of a purse in one finalized block. Later or unfinalized state does not belong in here: a
/// certificate over it could be taken back by a reorganization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalizedPurse {
    /// The purse's key.
    pub purse: PurseKey,
    /// Who opened it.
    pub owner: AccountId,
    /// Whose members may claim on the pledge.
    pub circle: Circle,
    /// All money that was ever put in.
    pub funds: Amount,
    /// The collateral that stands behind it.
    pub pledge: Amount,
    /// How many covers the pledge is divided into.
    pub cover_count: u16,
    /// What the circle counted in the same block.
    pub circle_size: u16,
    /// When it can be closed, if it has begun to close.
    pub closes_at: Option<Timestamp>,
    /// Only the tombstone is left.
    pub closed: bool,
    /// The timestamp of the block.
    pub block_time: Timestamp,
}

/// Why an operator does not certify a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotCertifiable {
    /// It has begun to close: on request, after a default, or after a double spend was reported.
    #[error("the purse is closing: it can be closed from {closes_at} on")]
    Closing {
        /// From when on it can be closed.
        closes_at: Timestamp,
    },
    /// It is closed.
    #[error("the purse is closed")]
    Closed,
    /// The finalized block is old: the node lags, and the certificate would be short-lived from the start.
    #[error("the newest finalized block is {age} seconds old; at most {limit} are allowed")]
    OldState {
        /// The block's age.
        age: Seconds,
        /// What the operator allows.
        limit: Seconds,
    },
}

impl NotCertifiable {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Closing { .. } => "purse_closing",
            Self::Closed => "purse_closed",
            Self::OldState { .. } => "finalized_state_old",
        }
    }

    /// Whether the same can succeed later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::OldState { .. })
    }
}

impl FinalizedPurse {
    /// The certificate of these terms. It counts for a day at most, see [`check_certificate`](super::check_certificate),
    /// and for `oldest` less than that at worst.
    ///
    /// # Errors
    ///
    /// See [`NotCertifiable`].
    pub fn certificate(
        &self,
        oldest: Seconds,
        now: Timestamp,
    ) -> Result<Certificate, NotCertifiable> {
        if self.closed {
            return Err(NotCertifiable::Closed);
        }
        if let Some(closes_at) = self.closes_at {
            return Err(NotCertifiable::Closing { closes_at });
        }
        let age = now.since(self.block_time);
        if age > oldest {
            return Err(NotCertifiable::OldState { age, limit: oldest });
        }
        Ok(Certificate {
            purse: self.purse,
            owner: self.owner,
            circle: self.circle,
            funds: self.funds,
            pledge: self.pledge,
            cover_count: self.cover_count,
            circle_size: self.circle_size,
            as_of: self.block_time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn purse() -> FinalizedPurse {
        FinalizedPurse {
            purse: PurseKey::new([1; 20].into()),
            owner: AccountId::new([2; 20].into()),
            circle: Circle::new([3; 20].into()),
            funds: Amount::from_u64(100),
            pledge: Amount::from_u64(50),
            cover_count: 10,
            circle_size: 8,
            closes_at: None,
            closed: false,
            block_time: at(1_000_000),
        }
    }

    #[test]
    fn it_says_what_the_block_says() {
        let purse = purse();
        let certificate = purse.certificate(Seconds::HOUR, at(1_003_600)).unwrap();
        assert_eq!(certificate.purse, purse.purse);
        assert_eq!(certificate.owner, purse.owner);
        assert_eq!(certificate.circle, purse.circle);
        assert_eq!(certificate.funds, purse.funds);
        assert_eq!(certificate.pledge, purse.pledge);
        assert_eq!((certificate.cover_count, certificate.circle_size), (10, 8));
        assert_eq!(certificate.as_of, purse.block_time);
    }

    #[test]
    fn a_purse_that_ends_is_not_certified() {
        let closes_at = at(2_000_000);
        let closing = FinalizedPurse {
            closes_at: Some(closes_at),
            ..purse()
        };
        let refused = closing
            .certificate(Seconds::HOUR, at(1_000_000))
            .unwrap_err();
        assert_eq!(refused, NotCertifiable::Closing { closes_at });
        let closed = FinalizedPurse {
            closed: true,
            ..closing
        };
        let refused = closed
            .certificate(Seconds::HOUR, at(1_000_000))
            .unwrap_err();
        assert_eq!(refused, NotCertifiable::Closed);
        assert!(!refused.is_retryable());
    }

    #[test]
    fn a_node_that_lags_is_noticed() {
        let refused = purse()
            .certificate(Seconds::HOUR, at(1_003_601))
            .unwrap_err();
        assert!(matches!(refused, NotCertifiable::OldState { .. }));
        assert!(refused.is_retryable());
    }
}

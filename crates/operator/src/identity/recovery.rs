//! Getting back into an account without its password and passkeys.
//!
//! A recovery begins with one of the codes that the user was given, never by an operator alone; it then waits, every
//! session is told of it, and any of them can cancel it. So neither a clerk nor who finds the paper takes the money
//! while the owner looks.

use offpay_protocol::Timestamp;

use super::RecoveryId;
use crate::UserId;

/// A recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Its name.
    pub id: RecoveryId,
    /// Whose account.
    pub user: UserId,
    /// When it began.
    pub began_at: Timestamp,
    /// Not before then can it be completed.
    pub ready_at: Timestamp,
    /// Not after then.
    pub expires_at: Timestamp,
}

/// Where a recovery that is neither completed nor cancelled stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits, and can be cancelled.
    Waiting,
    /// It can be completed, and still be cancelled.
    Ready,
    /// Nobody completed it in time.
    Expired,
}

impl Recovery {
    /// Where it stands.
    pub fn progress(&self, now: Timestamp) -> Progress {
        if now < self.ready_at {
            Progress::Waiting
        } else if now < self.expires_at {
            Progress::Ready
        } else {
            Progress::Expired
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn not_a_second_early() {
        let at = |seconds| Timestamp::new(seconds).unwrap();
        let recovery = Recovery {
            id: RecoveryId(Uuid::nil()),
            user: UserId(Uuid::nil()),
            began_at: at(0),
            ready_at: at(100),
            expires_at: at(200),
        };
        assert_eq!(recovery.progress(at(99)), Progress::Waiting);
        assert_eq!(recovery.progress(at(100)), Progress::Ready);
        assert_eq!(recovery.progress(at(199)), Progress::Ready);
        assert_eq!(recovery.progress(at(200)), Progress::Expired);
    }
}

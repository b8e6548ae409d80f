//! Sessions: how long one lasts.

use offpay_protocol::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

use super::SessionId;
use crate::UserId;

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethod {
    /// Handle and password, and the second factor if it is on.
    Password,
    /// A passkey.
    Passkey,
    /// A message signed by the account's own key (EIP-4361).
    Wallet,
    /// A recovery that was waited for.
    Recovery,
}

impl SignInMethod {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Password, Self::Passkey, Self::Wallet, Self::Recovery];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Wallet => "wallet",
            Self::Recovery => "recovery",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// A session of a user who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// How they signed in.
    pub method: SignInMethod,
    /// On what: the program's own name for itself, cut short.
    pub label: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// It ends then, used or not.
    pub expires_at: Timestamp,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// From signing in, used or not.
    pub total: Seconds,
    /// From when it was last used.
    pub idle: Seconds,
}

/// What becomes of a session that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on; when `touch`, that it was used should be written down.
    Good {
        /// The last use on record is a minute old.
        touch: bool,
    },
    /// It is over.
    Over,
}

/// How often the last use is written down: not with each request.
const TOUCH: u64 = 60;

impl Session {
    /// What becomes of it now.
    pub fn standing(&self, lifetimes: Lifetimes, now: Timestamp) -> Standing {
        let idle = now.since(self.last_seen_at);
        if now >= self.expires_at || idle >= lifetimes.idle {
            Standing::Over
        } else {
            Standing::Good {
                touch: idle.get() >= TOUCH,
            }
        }
    }

    /// Whether it still opens anything.
    pub fn is_open(&self, lifetimes: Lifetimes, now: Timestamp) -> bool {
        self.standing(lifetimes, now) != Standing::Over
    }

    /// Whether they signed in so lately, by something that proves who they are, that they need not do it again before
    /// they change how to sign in. A recovery counts: it ends with a new password.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        const FRESH: u64 = 10 * 60;
        now.since(self.created_at).get() < FRESH
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn session() -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            user: UserId(Uuid::nil()),
            method: SignInMethod::Password,
            label: String::new(),
            created_at: at(1_000),
            last_seen_at: at(2_000),
            expires_at: at(10_000),
        }
    }

    #[test]
    fn ends_by_age_and_by_disuse() {
        let lifetimes = Lifetimes {
            total: Seconds::new(9_000).unwrap(),
            idle: Seconds::new(500).unwrap(),
        };
        let standing = |now| session().standing(lifetimes, at(now));
        assert_eq!(standing(2_059), Standing::Good { touch: false });
        assert_eq!(standing(2_060), Standing::Good { touch: true });
        assert_eq!(standing(2_499), Standing::Good { touch: true });
        assert_eq!(standing(2_500), Standing::Over);
        let used = Session {
            last_seen_at: at(9_999),
            ..session()
        };
        assert_eq!(
            used.standing(lifetimes, at(9_999)),
            Standing::Good { touch: false }
        );
        assert_eq!(used.standing(lifetimes, at(10_000)), Standing::Over);
    }

    #[test]
    fn fresh_for_ten_minutes() {
        assert!(session().is_fresh(at(1_599)));
        assert!(!session().is_fresh(at(1_600)));
    }
}

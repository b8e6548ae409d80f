//! Names of sessions, tokens and recoveries. Names are not secret; what opens them is.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A session of a user who signed in.
    SessionId
}
id! {
    /// An access token that a user gave to an app.
    AccessTokenId
}
id! {
    /// A passkey of a user.
    PasskeyId
}
id! {
    /// An attempt to get back into an account.
    RecoveryId
}

/// The SHA-256 of a secret of full entropy (a session token, an access token, a recovery code): all that is stored.
///
/// Never printed: it is of no use to a thief, but of none to a log either.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

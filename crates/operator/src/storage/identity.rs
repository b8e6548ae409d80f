//! What a storage has to do for hosted users.

mod guesses;
mod passkeys;
mod recovery;
mod secrets;
mod sessions;
mod tokens;
mod users;

pub use guesses::GuessStorage;
pub use passkeys::{NewPasskey, Passkey, PasskeyStorage};
pub use recovery::{Begun, NewRecovery, RecoveryStorage};
pub use secrets::{SealedDataKey, SealedSecret, SecretStorage, Vaulted};
pub use sessions::{NewSession, SessionStorage};
pub use tokens::{NewAccessToken, Spent, TokenStorage};
pub use users::{NewUser, Registered, UserStorage};

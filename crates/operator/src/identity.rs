//! Hosted users: what they are called, how they prove who they are, and what each proof allows.
//!
//! Decisions only. Hashing, entropy, the clock and the vault are the server's.

pub mod guessing;
pub mod handle;
pub mod ids;
pub mod recovery;
pub mod scope;
pub mod session;
pub mod token;
pub mod user;

pub use handle::{Handle, HandleError};
pub use ids::{AccessTokenId, PasskeyId, RecoveryId, SessionId, TokenHash};
pub use scope::{Scope, Scopes};
pub use session::{Session, SignInMethod};
pub use user::{Custody, User};

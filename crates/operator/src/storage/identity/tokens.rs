use core::future::Future;

use offpay_protocol::{Amount, Timestamp};

use crate::{
    UserId,
    event::NewEvent,
    identity::{AccessTokenId, TokenHash, User, token::AccessToken},
    storage::StorageError,
};

/// An access token to be given.
#[derive(Clone, Debug)]
pub struct NewAccessToken {
    /// The token; nothing is spent.
    pub token: AccessToken,
    /// What opens it.
    pub hash: TokenHash,
}

/// What became of spending from a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It is taken from the budget, now or earlier for the same work.
    Yes {
        /// What is left.
        remaining: Amount,
    },
    /// There is not that much left: nothing was taken.
    Exceeded {
        /// What is left.
        remaining: Amount,
    },
    /// The token was revoked or is over.
    Over,
    /// The same work was to cost another amount before.
    Mismatch,
}

/// Access tokens.
pub trait TokenStorage {
    /// Gives an access token.
    fn give_token(
        &self,
        token: &NewAccessToken,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The token that this opens, and its user, who is not deleted.
    fn access_token(
        &self,
        hash: &TokenHash,
    ) -> impl Future<Output = Result<Option<(AccessToken, User)>, StorageError>> + Send;

    /// A user's tokens, newest first.
    fn access_tokens(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Vec<AccessToken>, StorageError>> + Send;

    /// Revokes one of a user's tokens; whether it was there.
    fn revoke_token(
        &self,
        user: UserId,
        id: AccessTokenId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Takes `amount` from a token's budget for `work`, once for the same work however often it is asked.
    ///
    /// Before the money moves: so a crash in between leaves the budget smaller, never the token able to move more.
    fn spend_budget(
        &self,
        id: AccessTokenId,
        work: &str,
        amount: Amount,
        now: Timestamp,
    ) -> impl Future<Output = Result<Spent, StorageError>> + Send;

    /// Gives back what `work` took, if it did: the money did certainly not move.
    fn release_budget(
        &self,
        id: AccessTokenId,
        work: &str,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

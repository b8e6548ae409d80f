use offpay_operator::{
    UserId,
    event::NewEvent,
    identity::{
        AccessTokenId, TokenHash, User,
        token::{AccessToken, BudgetExceeded, spend},
    },
    storage::{
        StorageError,
        identity::{NewAccessToken, Spent, TokenStorage, UserStorage as _},
    },
};
use offpay_protocol::{Amount, Timestamp};

use super::rows::{self, TokenRow};
use crate::operator::{
    Database,
    columns::{amount, read_amount, time},
    connect::Connection as _,
    error::storage,
    read, write,
};

impl TokenStorage for Database {
    async fn give_token(
        &self,
        new: &NewAccessToken,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let token = &new.token;
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO access_tokens \
                 (id, user_id, token_hash, name, scopes, budget, spent, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(token.id.to_string())
            .bind(token.user.to_string())
            .bind(&new.hash.0[..])
            .bind(&token.name)
            .bind(token.scopes.to_text())
            .bind(amount(token.budget))
            .bind(amount(token.spent))
            .bind(time(token.created_at))
            .bind(time(token.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            tx.append_events(events, now).await?;
        })
    }

    async fn access_token(
        &self,
        hash: &TokenHash,
    ) -> Result<Option<(AccessToken, User)>, StorageError> {
        let row: Option<TokenRow> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, name, scopes, budget, spent, created_at, expires_at FROM access_tokens \
             WHERE token_hash = $1"
        )
        .bind(&hash.0[..])
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let Some(token) = row.map(rows::token).transpose()? else {
            return Ok(None);
        };
        let user = self.user(token.user).await?;
        Ok(user
            .filter(|user| user.deleted_at.is_none())
            .map(|user| (token, user)))
    }

    async fn access_tokens(&self, user: UserId) -> Result<Vec<AccessToken>, StorageError> {
        let rows: Vec<TokenRow> = read!(self, |pool| sqlx::query_as(
            "SELECT id, user_id, name, scopes, budget, spent, created_at, expires_at FROM access_tokens \
             WHERE user_id = $1 ORDER BY created_at DESC, id DESC"
        )
        .bind(user.to_string())
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(rows::token).collect()
    }

    async fn revoke_token(
        &self,
        user: UserId,
        id: AccessTokenId,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let revoked = sqlx::query("DELETE FROM access_tokens WHERE user_id = $1 AND id = $2")
                .bind(user.to_string())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .map_err(storage)?
                .rows_affected()
                > 0;
            if revoked {
                tx.append_events(events, now).await?;
            }
            revoked
        })
    }

    async fn spend_budget(
        &self,
        id: AccessTokenId,
        work: &str,
        cost: Amount,
        now: Timestamp,
    ) -> Result<Spent, StorageError> {
        write!(self, |tx| {
            let row: Option<(String, String)> = sqlx::query_as(
                "SELECT budget, spent FROM access_tokens WHERE id = $1 AND expires_at > $2",
            )
            .bind(id.to_string())
            .bind(time(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            let earlier: Option<String> = sqlx::query_scalar(
                "SELECT amount FROM access_token_spendings WHERE token_id = $1 AND work = $2",
            )
            .bind(id.to_string())
            .bind(work)
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            match (row, earlier) {
                (None, _) => Spent::Over,
                (Some((budget, spent)), Some(earlier)) => {
                    if read_amount(&earlier)? == cost {
                        Spent::Yes {
                            remaining: read_amount(&budget)?.saturating_sub(read_amount(&spent)?),
                        }
                    } else {
                        Spent::Mismatch
                    }
                }
                (Some((budget, spent)), None) => {
                    let budget = read_amount(&budget)?;
                    match spend(budget, read_amount(&spent)?, cost) {
                        Err(BudgetExceeded { remaining }) => Spent::Exceeded { remaining },
                        Ok(total) => {
                            sqlx::query(
                                "INSERT INTO access_token_spendings (token_id, work, amount) \
                                 VALUES ($1, $2, $3)",
                            )
                            .bind(id.to_string())
                            .bind(work)
                            .bind(amount(cost))
                            .execute(&mut *tx)
                            .await
                            .map_err(storage)?;
                            sqlx::query("UPDATE access_tokens SET spent = $2 WHERE id = $1")
                                .bind(id.to_string())
                                .bind(amount(total))
                                .execute(&mut *tx)
                                .await
                                .map_err(storage)?;
                            Spent::Yes {
                                remaining: budget.saturating_sub(total),
                            }
                        }
                    }
                }
            }
        })
    }

    async fn release_budget(&self, id: AccessTokenId, work: &str) -> Result<(), StorageError> {
        write!(self, |tx| {
            let taken: Option<String> = sqlx::query_scalar(
                "DELETE FROM access_token_spendings WHERE token_id = $1 AND work = $2 RETURNING amount",
            )
            .bind(id.to_string())
            .bind(work)
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            if let Some(taken) = taken {
                let spent: String =
                    sqlx::query_scalar("SELECT spent FROM access_tokens WHERE id = $1")
                        .bind(id.to_string())
                        .fetch_one(&mut *tx)
                        .await
                        .map_err(storage)?;
                let left = read_amount(&spent)?.saturating_sub(read_amount(&taken)?);
                sqlx::query("UPDATE access_tokens SET spent = $2 WHERE id = $1")
                    .bind(id.to_string())
                    .bind(amount(left))
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
            }
        })
    }
}

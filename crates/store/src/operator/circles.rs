//! Who asked to belong to a circle.

use offpay_operator::{
    event::{Audience, NewEvent},
    storage::{Application, CircleStorage, StorageError},
};
use offpay_protocol::{AccountId, Circle, Timestamp};

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

type Row = (Vec<u8>, Vec<u8>, String, String, String, i64);

const APPLICATIONS: &str = "SELECT circle, account, user_id, message, state, created_at FROM circle_applications \
    WHERE circle = $1 ORDER BY created_at, account LIMIT 1000";

fn application(
    (circle, account, user, message, state, created_at): Row,
) -> Result<Application, StorageError> {
    Ok(Application {
        circle: Circle::new(columns::read_bytes::<20>(&circle)?.into()),
        account: AccountId::new(columns::read_bytes::<20>(&account)?.into()),
        user: user.parse().map_err(unreadable)?,
        message,
        state,
        created_at: columns::read_time(created_at)?,
    })
}

impl CircleStorage for Database {
    async fn apply(
        &self,
        application: &Application,
        events: &[NewEvent],
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "INSERT INTO circle_applications (circle, account, user_id, message, state, created_at) \
                 VALUES ($1, $2, $3, $4, 'open', $5) \
                 ON CONFLICT (circle, account) DO UPDATE SET message = excluded.message, state = 'open', \
                 created_at = excluded.created_at, decided_at = NULL WHERE circle_applications.state <> 'open'",
            )
            .bind(application.circle.address().to_vec())
            .bind(application.account.address().to_vec())
            .bind(application.user.to_string())
            .bind(&application.message)
            .bind(columns::time(application.created_at))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if changed == 1 {
                tx.append_events(events, application.created_at).await?;
            }
        })
    }

    async fn applications(&self, circle: Circle) -> Result<Vec<Application>, StorageError> {
        let rows: Vec<Row> = read!(self, |pool| sqlx::query_as(APPLICATIONS)
            .bind(circle.address().to_vec())
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(application).collect()
    }

    async fn decide(
        &self,
        circle: Circle,
        account: AccountId,
        admitted: bool,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let state = if admitted { "admitted" } else { "declined" };
        write!(self, |tx| {
            let decided: Option<(String,)> = sqlx::query_as(
                "UPDATE circle_applications SET state = $1, decided_at = $2 \
                 WHERE circle = $3 AND account = $4 AND state = 'open' RETURNING user_id",
            )
            .bind(state)
            .bind(columns::time(now))
            .bind(circle.address().to_vec())
            .bind(account.address().to_vec())
            .fetch_optional(&mut *tx)
            .await
            .map_err(storage)?;
            if let Some((user,)) = &decided {
                let told = NewEvent {
                    audience: Audience::User(user.parse().map_err(unreadable)?),
                    kind: "application.decided",
                    body: serde_json::json!({ "circle": circle, "account": account, "state": state }),
                };
                tx.append_events(&[told], now).await?;
            }
            decided.is_some()
        })
    }
}

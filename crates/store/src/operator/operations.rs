//! What hosted users asked the chain to do.

use offpay_operator::{
    UserId,
    event::NewEvent,
    hosted::{
        NewOperation, NewPurse, Operation, OperationId, OperationKind, OperationState, Reached,
    },
    outbox::{NewTransaction, TransactionState},
    storage::{OperationStorage, StorageError},
};
use offpay_protocol::{AccountId, Amount, Timestamp};
use sqlx::Row as _;

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    read, write,
};

/// All columns of an operation, under the name `o`.
macro_rules! columns_of_operation {
    () => {
        "o.id, o.user_id, o.kind, o.account, o.amount, o.fee, o.spends_balance, o.spends_collateral, o.details, \
         o.transaction_number, o.void_after, o.state, o.created_at, o.updated_at, o.once"
    };
}

macro_rules! operation {
    ($row:expr) => {{
        let row = $row;
        let text = |name: &str| row.try_get::<String, _>(name).map_err(storage);
        let number = |name: &str| row.try_get::<i64, _>(name).map_err(storage);
        let amount = |name: &str| columns::read_amount(&text(name)?);
        let account: Vec<u8> = row.try_get("account").map_err(storage)?;
        let once: Option<Vec<u8>> = row.try_get("once").map_err(storage)?;
        Ok::<_, StorageError>(Operation {
            asked: NewOperation {
                id: text("id")?.parse().map_err(unreadable)?,
                user: text("user_id")?.parse().map_err(unreadable)?,
                kind: OperationKind::named(&text("kind")?)
                    .ok_or_else(|| unreadable("an unknown kind of operation"))?,
                account: AccountId::new(columns::read_bytes::<20>(&account)?.into()),
                amount: amount("amount")?,
                fee: amount("fee")?,
                spends_balance: amount("spends_balance")?,
                spends_collateral: amount("spends_collateral")?,
                details: serde_json::from_str(&text("details")?).map_err(unreadable)?,
                void_after: columns::read_time(number("void_after")?)?,
                once: once.map(|once| columns::read_bytes(&once)).transpose()?,
            },
            transaction: number("transaction_number")?,
            state: OperationState::named(&text("state")?)
                .ok_or_else(|| unreadable("an unknown state of an operation"))?,
            created_at: columns::read_time(number("created_at")?)?,
            updated_at: columns::read_time(number("updated_at")?)?,
        })
    }};
}

/// Fetches operations by a statement's tail and its parameters.
macro_rules! fetch {
    ($database:expr, $tail:literal $(, $parameter:expr)*) => {
        read!($database, |pool| {
            let rows = sqlx::query(concat!("SELECT ", columns_of_operation!(), " FROM operations o ", $tail))
                $(.bind($parameter))*
                .fetch_all(pool)
                .await
                .map_err(storage)?;
            rows.iter().map(|row| operation!(row)).collect::<Result<Vec<Operation>, StorageError>>()
        })
    };
}

/// Appends an operation's transaction to the outbox and stores the operation; the transaction's number.
macro_rules! insert_operation {
    ($tx:expr, $operation:expr, $transaction:expr, $now:expr) => {{
        use offpay_operator::hosted::NewOperation;
        use $crate::operator::{
            columns,
            connect::Connection as _,
            error::{storage, unreadable},
        };
        let operation: &NewOperation = $operation;
        let numbers = $tx
            .append_transactions(std::slice::from_ref($transaction), $now)
            .await?;
        let number = *numbers
            .first()
            .ok_or_else(|| unreadable("a transaction without a number"))?;
        sqlx::query(
            "INSERT INTO operations (id, user_id, kind, account, amount, fee, spends_balance, spends_collateral, \
             details, transaction_number, void_after, state, created_at, updated_at, once) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'pending', $12, $12, $13)",
        )
        .bind(operation.id.to_string())
        .bind(operation.user.to_string())
        .bind(operation.kind.name())
        .bind(operation.account.address().to_vec())
        .bind(columns::amount(operation.amount))
        .bind(columns::amount(operation.fee))
        .bind(columns::amount(operation.spends_balance))
        .bind(columns::amount(operation.spends_collateral))
        .bind(operation.details.to_string())
        .bind(number)
        .bind(columns::time(operation.void_after))
        .bind(columns::time($now))
        .bind(operation.once.map(|once| once.to_vec()))
        .execute(&mut *$tx)
        .await
        .map_err(storage)?;
        number
    }};
}
pub(crate) use insert_operation;

/// An operation that was stored a moment ago.
pub(crate) fn started(asked: &NewOperation, transaction: i64, now: Timestamp) -> Operation {
    Operation {
        asked: asked.clone(),
        transaction,
        state: OperationState::Pending,
        created_at: now,
        updated_at: now,
    }
}

/// Operations by their transactions' numbers.
pub(super) async fn by_transaction(
    database: &Database,
    after: i64,
    upto: i64,
    limit: u32,
) -> Result<Vec<Operation>, StorageError> {
    fetch!(
        database,
        "WHERE o.transaction_number > $1 AND o.transaction_number <= $2 ORDER BY o.transaction_number LIMIT $3",
        after,
        upto,
        i64::from(limit)
    )
}

impl OperationStorage for Database {
    async fn start_operation(
        &self,
        operation: &NewOperation,
        transaction: &NewTransaction,
        purse: Option<&NewPurse>,
        now: Timestamp,
    ) -> Result<Operation, StorageError> {
        let number = write!(self, |tx| {
            let number = insert_operation!(tx, operation, transaction, now);
            if let Some(purse) = purse {
                sqlx::query(
                    "INSERT INTO hosted_purses (purse, user_id, account, keeper, next_serial, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(purse.purse.address().to_vec())
                .bind(purse.user.to_string())
                .bind(purse.account.address().to_vec())
                .bind(purse.keeper.name())
                .bind(columns::amount(Amount::ZERO))
                .bind(columns::time(now))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            }
            number
        })?;
        Ok(started(operation, number, now))
    }

    async fn operation(
        &self,
        user: UserId,
        id: OperationId,
    ) -> Result<Option<Operation>, StorageError> {
        let found = fetch!(
            self,
            "WHERE o.user_id = $1 AND o.id = $2",
            user.to_string(),
            id.to_string()
        )?;
        Ok(found.into_iter().next())
    }

    async fn operation_once(&self, once: [u8; 32]) -> Result<Option<Operation>, StorageError> {
        let found = fetch!(self, "WHERE o.once = $1", once.to_vec())?;
        Ok(found.into_iter().next())
    }

    async fn operations(
        &self,
        user: UserId,
        before: Option<OperationId>,
        limit: u32,
    ) -> Result<Vec<Operation>, StorageError> {
        // Ids are of version 7: their order is the order in time. Every id is below "g".
        fetch!(
            self,
            "WHERE o.user_id = $1 AND o.id < $2 ORDER BY o.id DESC LIMIT $3",
            user.to_string(),
            before.map_or_else(|| "g".to_owned(), |id| id.to_string()),
            i64::from(limit)
        )
    }

    async fn open_operations(&self, user: UserId) -> Result<Vec<Operation>, StorageError> {
        fetch!(
            self,
            "WHERE o.user_id = $1 AND o.state NOT IN ('final', 'failed') ORDER BY o.id",
            user.to_string()
        )
    }

    async fn operations_to_follow(
        &self,
        after: Option<OperationId>,
        limit: u32,
    ) -> Result<Vec<(Operation, Reached)>, StorageError> {
        read!(self, |pool| {
            let rows = sqlx::query(concat!(
                "SELECT ",
                columns_of_operation!(),
                ", t.state AS reached, (SELECT MAX(a.block_number) FROM nonces n \
                 JOIN attempts a ON a.sender = n.sender AND a.nonce = n.nonce \
                 WHERE n.transaction_number = t.number AND n.state <> 'lost') AS block \
                 FROM operations o JOIN transactions t ON t.number = o.transaction_number \
                 WHERE o.state NOT IN ('final', 'failed') AND o.id > $1 ORDER BY o.id LIMIT $2"
            ))
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await
            .map_err(storage)?;
            rows.iter()
                .map(|row| {
                    let reached: String = row.try_get("reached").map_err(storage)?;
                    let block: Option<i64> = row.try_get("block").map_err(storage)?;
                    let reached = Reached {
                        state: transaction_state(&reached)?,
                        block: block.map(u64::try_from).transpose().map_err(unreadable)?,
                    };
                    Ok((operation!(row)?, reached))
                })
                .collect()
        })
    }

    async fn record_operation_state(
        &self,
        id: OperationId,
        state: OperationState,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE operations SET state = $1, updated_at = $2 WHERE id = $3 AND state <> $1 \
                 AND state NOT IN ('final', 'failed')",
            )
            .bind(state.name())
            .bind(columns::time(now))
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if changed == 1 {
                tx.append_events(events, now).await?;
            }
        })
    }
}

fn transaction_state(name: &str) -> Result<TransactionState, StorageError> {
    [
        TransactionState::Queued,
        TransactionState::Sent,
        TransactionState::Mined,
        TransactionState::Final,
        TransactionState::Failed,
    ]
    .into_iter()
    .find(|state| state.name() == name)
    .ok_or_else(|| unreadable("an unknown state of a transaction"))
}

//! The outbox of transactions.

macro_rules! append {
    ($connection:expr, $transactions:expr, $now:expr) => {{
        let mut numbers = Vec::with_capacity($transactions.len());
        for transaction in $transactions {
            sqlx::query(
                "INSERT INTO transactions (work, purpose, recipient, calldata, deadline, state, created_at) \
                 VALUES ($1, $2, $3, $4, $5, 'queued', $6) ON CONFLICT (work) DO NOTHING",
            )
            .bind(&transaction.work)
            .bind(transaction.purpose.name())
            .bind(&transaction.to[..])
            .bind(&transaction.calldata)
            .bind(transaction.deadline.map($crate::operator::columns::time))
            .bind($crate::operator::columns::time($now))
            .execute(&mut *$connection)
            .await
            .map_err($crate::operator::error::storage)?;
            let number: i64 = sqlx::query_scalar("SELECT number FROM transactions WHERE work = $1")
                .bind(&transaction.work)
                .fetch_one(&mut *$connection)
                .await
                .map_err($crate::operator::error::storage)?;
            numbers.push(number);
        }
        Ok(numbers)
    }};
}
pub(crate) use append;

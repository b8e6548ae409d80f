//! Purses of hosted users, and what they have signed.

use offpay_operator::{
    UserId,
    event::NewEvent,
    hosted::{HostedPayment, HostedPurse, Keeper, NewPayment, NewPurse, PaymentState},
    ledger::Fact,
    storage::{HostedPurseStorage, StorageError},
};
use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Reference, Signature, Timestamp, messages::Payment,
};
use sqlx::Row as _;

use super::{
    Database, columns,
    connect::Connection as _,
    error::{storage, unreadable},
    ledger::enter,
    read, write,
};

type PurseRow = (Vec<u8>, String, Vec<u8>, String, String, i64);

const PURSE: &str = "SELECT purse, user_id, account, keeper, next_serial, created_at FROM hosted_purses \
    WHERE purse = $1";
const PURSES: &str = "SELECT purse, user_id, account, keeper, next_serial, created_at FROM hosted_purses \
    WHERE user_id = $1 ORDER BY created_at DESC, purse LIMIT 1000";

fn purse(
    (key, user, account, keeper, next_serial, created_at): PurseRow,
) -> Result<HostedPurse, StorageError> {
    Ok(HostedPurse {
        made: NewPurse {
            purse: PurseKey::new(columns::read_bytes::<20>(&key)?.into()),
            user: user.parse().map_err(unreadable)?,
            account: AccountId::new(columns::read_bytes::<20>(&account)?.into()),
            keeper: Keeper::named(&keeper).ok_or_else(|| unreadable("an unknown keeper"))?,
        },
        next_serial: columns::read_amount(&next_serial)?,
        created_at: columns::read_time(created_at)?,
    })
}

macro_rules! payment {
    ($row:expr) => {{
        let row = $row;
        let text = |name: &str| row.try_get::<String, _>(name).map_err(storage);
        let optional = |name: &str| row.try_get::<Option<String>, _>(name).map_err(storage);
        let number = |name: &str| row.try_get::<i64, _>(name).map_err(storage);
        let bytes = |name: &str| row.try_get::<Vec<u8>, _>(name).map_err(storage);
        let amount = |name: &str| columns::read_amount(&text(name)?);
        let refund_of: Option<Vec<u8>> = row.try_get("refund_of").map_err(storage)?;
        let once: Option<Vec<u8>> = row.try_get("once").map_err(storage)?;
        let signature: [u8; 64] = columns::read_bytes(&bytes("signature")?)?;
        Ok::<_, StorageError>(HostedPayment {
            number: number("number")?,
            signed: NewPayment {
                id: PaymentId::new(columns::read_bytes::<32>(&bytes("id")?)?.into()),
                user: text("user_id")?.parse().map_err(unreadable)?,
                payee_user: optional("payee_user")?
                    .map(|user| user.parse().map_err(unreadable))
                    .transpose()?,
                purse: PurseKey::new(columns::read_bytes::<20>(&bytes("purse")?)?.into()),
                payment: Payment {
                    payee: AccountId::new(columns::read_bytes::<20>(&bytes("payee")?)?.into()),
                    start: amount("start")?,
                    amount: amount("amount")?,
                    cumulative: amount("cumulative")?,
                    reference: Reference::new(
                        columns::read_bytes::<32>(&bytes("reference")?)?.into(),
                    ),
                },
                signature: Signature::from_compact(signature).map_err(unreadable)?,
                memo: text("memo")?,
                refund_of: refund_of
                    .map(|id| columns::read_bytes::<32>(&id).map(|id| PaymentId::new(id.into())))
                    .transpose()?,
                once: once.map(|once| columns::read_bytes(&once)).transpose()?,
            },
            state: PaymentState::named(&text("state")?)
                .ok_or_else(|| unreadable("an unknown state of a payment"))?,
            refusal: optional("refusal")?,
            created_at: columns::read_time(number("created_at")?)?,
        })
    }};
}

/// Fetches payments by a statement's tail and its parameters.
macro_rules! fetch {
    ($database:expr, $tail:literal $(, $parameter:expr)*) => {
        read!($database, |pool| {
            let rows = sqlx::query(concat!("SELECT * FROM hosted_payments ", $tail))
                $(.bind($parameter))*
                .fetch_all(pool)
                .await
                .map_err(storage)?;
            rows.iter().map(|row| payment!(row)).collect::<Result<Vec<HostedPayment>, StorageError>>()
        })
    };
}

impl HostedPurseStorage for Database {
    async fn hosted_purse(&self, key: PurseKey) -> Result<Option<HostedPurse>, StorageError> {
        let row: Option<PurseRow> = read!(self, |pool| sqlx::query_as(PURSE)
            .bind(key.address().to_vec())
            .fetch_optional(pool)
            .await)
        .map_err(storage)?;
        row.map(purse).transpose()
    }

    async fn hosted_purses(&self, user: UserId) -> Result<Vec<HostedPurse>, StorageError> {
        let rows: Vec<PurseRow> = read!(self, |pool| sqlx::query_as(PURSES)
            .bind(user.to_string())
            .fetch_all(pool)
            .await)
        .map_err(storage)?;
        rows.into_iter().map(purse).collect()
    }

    async fn signed_for(&self, purses: &[PurseKey]) -> Result<Vec<PurseKey>, StorageError> {
        let mut found = Vec::new();
        for key in purses {
            let known: Option<i64> = read!(self, |pool| sqlx::query_scalar(
                "SELECT created_at FROM hosted_purses WHERE purse = $1 AND keeper = 'server'"
            )
            .bind(key.address().to_vec())
            .fetch_optional(pool)
            .await)
            .map_err(storage)?;
            found.extend(known.map(|_| *key));
        }
        Ok(found)
    }

    async fn promised(&self, key: PurseKey, payee: AccountId) -> Result<Amount, StorageError> {
        let cumulative: Option<String> = read!(self, |pool| sqlx::query_scalar(
            "SELECT cumulative FROM hosted_pairs WHERE purse = $1 AND payee = $2"
        )
        .bind(key.address().to_vec())
        .bind(payee.address().to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        cumulative.map_or(Ok(Amount::ZERO), |text| columns::read_amount(&text))
    }

    async fn record_signed(
        &self,
        signed: &NewPayment,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let payment = &signed.payment;
        let next = payment
            .start
            .checked_add(payment.amount)
            .ok_or_else(|| unreadable("serials beyond uint96"))?;
        let key = signed.purse.address().to_vec();
        let promises = Fact::Promised {
            purse: signed.purse,
            payee: payment.payee,
            amount: payment.amount,
        }
        .movements();
        write!(self, |tx| {
            // Whoever moves the serial on has it; nobody else can have it after that.
            let handed_out = sqlx::query(
                "UPDATE hosted_purses SET next_serial = $1 WHERE purse = $2 AND next_serial = $3",
            )
            .bind(columns::amount(next))
            .bind(&key)
            .bind(columns::amount(payment.start))
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if handed_out == 1 {
                sqlx::query(
                    "INSERT INTO hosted_pairs (purse, payee, cumulative) VALUES ($1, $2, $3) \
                     ON CONFLICT (purse, payee) DO UPDATE SET cumulative = excluded.cumulative",
                )
                .bind(&key)
                .bind(payment.payee.address().to_vec())
                .bind(columns::amount(payment.cumulative))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                sqlx::query(
                    "INSERT INTO hosted_payments (id, user_id, payee_user, purse, payee, start, amount, cumulative, \
                     reference, signature, memo, refund_of, state, created_at, once) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'signed', $13, $14)",
                )
                .bind(signed.id.bytes().to_vec())
                .bind(signed.user.to_string())
                .bind(signed.payee_user.map(|user| user.to_string()))
                .bind(&key)
                .bind(payment.payee.address().to_vec())
                .bind(columns::amount(payment.start))
                .bind(columns::amount(payment.amount))
                .bind(columns::amount(payment.cumulative))
                .bind(payment.reference.bytes().to_vec())
                .bind(signed.signature.to_compact().to_vec())
                .bind(&signed.memo)
                .bind(signed.refund_of.map(|id| id.bytes().to_vec()))
                .bind(columns::time(now))
                .bind(signed.once.map(|once| once.to_vec()))
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
                for movement in &promises {
                    enter!(tx, format!("payment/{}", signed.id), movement, now);
                }
            }
            handed_out == 1
        })
    }

    async fn record_payment_state(
        &self,
        id: PaymentId,
        state: PaymentState,
        refusal: Option<&str>,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        write!(self, |tx| {
            let changed = sqlx::query(
                "UPDATE hosted_payments SET state = $1, refusal = $2 WHERE id = $3 AND state = 'signed'",
            )
            .bind(state.name())
            .bind(refusal)
            .bind(id.bytes().to_vec())
            .execute(&mut *tx)
            .await
            .map_err(storage)?
            .rows_affected();
            if changed == 1 {
                tx.append_events(events, now).await?;
            }
        })
    }

    async fn payments_to_clear(&self, limit: u32) -> Result<Vec<HostedPayment>, StorageError> {
        fetch!(
            self,
            "WHERE state = 'signed' ORDER BY number LIMIT $1",
            i64::from(limit)
        )
    }

    async fn hosted_payment(&self, id: PaymentId) -> Result<Option<HostedPayment>, StorageError> {
        let found = fetch!(self, "WHERE id = $1", id.bytes().to_vec())?;
        Ok(found.into_iter().next())
    }

    async fn hosted_payment_once(
        &self,
        once: [u8; 32],
    ) -> Result<Option<HostedPayment>, StorageError> {
        let found = fetch!(self, "WHERE once = $1", once.to_vec())?;
        Ok(found.into_iter().next())
    }

    async fn hosted_history(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<HostedPayment>, StorageError> {
        fetch!(
            self,
            "WHERE (user_id = $1 OR (payee_user = $1 AND state <> 'refused')) AND number < $2 \
             ORDER BY number DESC LIMIT $3",
            user.to_string(),
            before.unwrap_or(i64::MAX),
            i64::from(limit)
        )
    }

    async fn refunded(&self, id: PaymentId) -> Result<Amount, StorageError> {
        let refunds = fetch!(self, "WHERE refund_of = $1", id.bytes().to_vec())?;
        Amount::checked_sum(refunds.iter().map(HostedPayment::amount))
            .ok_or_else(|| unreadable("refunds beyond uint96"))
    }

    async fn payments_of_reference(
        &self,
        payee: AccountId,
        reference: Reference,
    ) -> Result<Vec<HostedPayment>, StorageError> {
        fetch!(
            self,
            "WHERE payee = $1 AND reference = $2 AND state <> 'refused' ORDER BY number LIMIT 1000",
            payee.address().to_vec(),
            reference.bytes().to_vec()
        )
    }
}

//! What is written in a transaction, on either engine.

/// Whether an end is as it was when something was decided.
macro_rules! unchanged {
    ($tx:expr, $channel:expr, $before:expr) => {{
        let before: &offpay_operator::hosted::EndBefore = $before;
        let row: Option<(String, String, Option<i64>)> = sqlx::query_as(
            "SELECT sent, received, close_until FROM hosted_channels WHERE channel = $1 AND side = $2",
        )
        .bind($channel.bytes().to_vec())
        .bind(before.side.name())
        .fetch_optional(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
        row == Some((
            $crate::operator::columns::amount(before.sent),
            $crate::operator::columns::amount(before.received),
            before.close_until.map($crate::operator::columns::time),
        ))
    }};
}

/// Whether an end can be stored: it is not there yet, and no other channel took its offer.
macro_rules! fits {
    ($tx:expr, $end:expr) => {{
        let end: &offpay_operator::hosted::NewChannel = $end;
        // Only side B has a key that was offered, and none in a one-way channel.
        let needs_offer = end.side == offpay_protocol::channel::Side::B && !end.terms.is_one_way();
        let offers: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM channel_offers WHERE key = $1 AND user_id = $2 AND channel IS NULL",
        )
        .bind(end.terms.key(end.side).address().to_vec())
        .bind(end.user.to_string())
        .fetch_one(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
        let stored: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM hosted_channels WHERE channel = $1 AND side = $2")
                .bind(end.channel.bytes().to_vec())
                .bind(end.side.name())
                .fetch_one(&mut *$tx)
                .await
                .map_err($crate::operator::error::storage)?;
        stored == 0 && (offers == 1 || !needs_offer)
    }};
}

/// Stores an end, takes its offer if it has one, and hands the channel to the watchtower.
macro_rules! insert_end {
    ($tx:expr, $end:expr, $now:expr) => {{
        let end: &offpay_operator::hosted::NewChannel = $end;
        sqlx::query(
            "UPDATE channel_offers SET channel = $1 WHERE key = $2 AND user_id = $3 AND channel IS NULL",
        )
        .bind(end.channel.bytes().to_vec())
        .bind(end.terms.key(end.side).address().to_vec())
        .bind(end.user.to_string())
        .execute(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
        sqlx::query(
            "INSERT INTO hosted_channels (channel, side, user_id, terms, operation, sent, received, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        )
        .bind(end.channel.bytes().to_vec())
        .bind(end.side.name())
        .bind(end.user.to_string())
        .bind($crate::operator::channels::text(&end.terms)?)
        .bind(end.operation.map(|id| id.to_string()))
        .bind($crate::operator::columns::amount(offpay_protocol::Amount::ZERO))
        .bind($crate::operator::columns::time($now))
        .execute(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
        let watched = offpay_operator::watch::Watched {
            channel: end.channel,
            terms: end.terms,
            by_a: None,
            by_b: None,
        };
        $crate::operator::watch::put_watched!($tx, &watched, $now);
    }};
}

/// The newest voucher at an end: what it sent, or what it was sent.
macro_rules! put_voucher {
    ($tx:expr, $new:expr, $end:expr) => {{
        let new: &offpay_operator::hosted::NewVoucher = $new;
        let statement = if $end.side == new.payer {
            "UPDATE hosted_channels SET sent = $1, sent_voucher = $2 WHERE channel = $3 AND side = $4 AND sent < $1"
        } else {
            "UPDATE hosted_channels SET received = $1, received_voucher = $2 WHERE channel = $3 AND side = $4 \
             AND received < $1"
        };
        let raised = sqlx::query(statement)
            .bind($crate::operator::columns::amount(new.voucher.message.cumulative))
            .bind($crate::operator::channels::text(&new.voucher)?)
            .bind(new.voucher.message.channel.bytes().to_vec())
            .bind($end.side.name())
            .execute(&mut *$tx)
            .await
            .map_err($crate::operator::error::storage)?
            .rows_affected();
        if raised != 1 {
            // Nothing is committed: a cumulative only grows.
            return Err($crate::operator::error::unreadable(
                "a voucher that adds nothing",
            ));
        }
    }};
}

/// A payment, for the history.
macro_rules! insert_payment {
    ($tx:expr, $new:expr, $now:expr) => {{
        let new: &offpay_operator::hosted::NewVoucher = $new;
        sqlx::query(
            "INSERT INTO channel_payments (id, channel, payer, amount, cumulative, voucher, memo, once, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.id.bytes().to_vec())
        .bind(new.voucher.message.channel.bytes().to_vec())
        .bind(new.payer.name())
        .bind($crate::operator::columns::amount(new.amount))
        .bind($crate::operator::columns::amount(new.voucher.message.cumulative))
        .bind($crate::operator::channels::text(&new.voucher)?)
        .bind(&new.memo)
        .bind(new.once.map(|once| once.to_vec()))
        .bind($crate::operator::columns::time($now))
        .execute(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
    }};
}

/// The newest close that an end signed, and until when any that it signed can count.
macro_rules! put_close {
    ($tx:expr, $close:expr, $side:expr, $before:expr) => {{
        let close: &offpay_operator::hosted::SignedClose = $close;
        let before: &offpay_operator::hosted::EndBefore = $before;
        let until = before.close_until.map_or(close.close.deadline, |until| {
            until.max(close.close.deadline)
        });
        sqlx::query(
            "UPDATE hosted_channels SET close = $1, close_until = $2 WHERE channel = $3 AND side = $4",
        )
        .bind($crate::operator::channels::text(close)?)
        .bind($crate::operator::columns::time(until))
        .bind(close.close.channel.bytes().to_vec())
        .bind($side.name())
        .execute(&mut *$tx)
        .await
        .map_err($crate::operator::error::storage)?;
    }};
}

pub(super) use {fits, insert_end, insert_payment, put_close, put_voucher, unchanged};

//! Going forward, becoming final and going back: each one transaction, which begins by moving the cursor, so that two
//! followers can never write on top of each other.

use offpay_operator::{
    event::NewEvent,
    follower::{BlockRef, ChainEntry, Cursor, Deployed, Followed, RollBack, State, Subject},
    storage::{FollowerStorage, Forward, StorageError},
};
use offpay_protocol::{ChannelId, Timestamp};
use sqlx::QueryBuilder;

use super::columns::{self, ENTRY, number, read_block, read_number};
use crate::operator::{
    Database,
    columns::{read_bytes, time},
    connect::Connection as _,
    error::storage,
    read, write,
};

/// How many subjects one statement asks for.
const SUBJECTS_AT_ONCE: usize = 256;

type CursorRow = (i64, Vec<u8>, i64, i64, Vec<u8>, i64);
type DeployedRow = (i64, Vec<u8>, Vec<u8>);
type BlockRow = (i64, Vec<u8>, i64);

/// Writes head states; of final blocks, final states with them.
macro_rules! put_heads {
    ($tx:expr, $states:expr, $is_final:expr) => {
        for (subject, state) in $states {
            let columns = columns::state(state.as_ref())?;
            sqlx::query(
                "INSERT INTO chain_subjects (subject, owner, other, due, head, finalized) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (subject) DO UPDATE SET owner = excluded.owner, other = excluded.other, \
                 due = excluded.due, head = excluded.head, \
                 finalized = CASE WHEN $7 = 1 THEN excluded.finalized ELSE chain_subjects.finalized END",
            )
            .bind(subject.to_bytes())
            .bind(columns.owner)
            .bind(columns.other)
            .bind(columns.due)
            .bind(columns.text.clone())
            .bind(columns.text.filter(|_| $is_final))
            .bind(i64::from($is_final))
            .execute(&mut *$tx)
            .await
            .map_err(storage)?;
        }
    };
}

/// Moves the head, if it still is where it should be.
macro_rules! move_head {
    ($tx:expr, $from:expr, $to:expr) => {
        sqlx::query(
            "UPDATE chain_cursor SET head_number = $1, head_hash = $2, head_time = $3 \
             WHERE head_number = $4 AND head_hash = $5",
        )
        .bind(number($to.number))
        .bind($to.hash.to_vec())
        .bind(time($to.time))
        .bind(number($from.number))
        .bind($from.hash.to_vec())
        .execute(&mut *$tx)
        .await
        .map_err(storage)?
        .rows_affected()
            == 1
    };
}

/// Moves the newest final block, if it still is where it should be, and forgets the blocks below it.
macro_rules! move_final {
    ($tx:expr, $from:expr, $to:expr) => {{
        let moved = sqlx::query(
            "UPDATE chain_cursor SET finalized_number = $1, finalized_hash = $2, finalized_time = $3 \
             WHERE finalized_number = $4 AND finalized_hash = $5",
        )
        .bind(number($to.number))
        .bind($to.hash.to_vec())
        .bind(time($to.time))
        .bind(number($from.number))
        .bind($from.hash.to_vec())
        .execute(&mut *$tx)
        .await
        .map_err(storage)?
        .rows_affected()
            == 1;
        if moved {
            sqlx::query("DELETE FROM chain_blocks WHERE number < $1")
                .bind(number($to.number))
                .execute(&mut *$tx)
                .await
                .map_err(storage)?;
        }
        moved
    }};
}

macro_rules! put_block {
    ($tx:expr, $block:expr) => {
        sqlx::query("INSERT INTO chain_blocks (number, hash, time) VALUES ($1, $2, $3)")
            .bind(number($block.number))
            .bind($block.hash.to_vec())
            .bind(time($block.time))
            .execute(&mut *$tx)
            .await
            .map_err(storage)?
    };
}

impl FollowerStorage for Database {
    async fn chain_cursor(&self) -> Result<Option<Cursor>, StorageError> {
        let row: Option<CursorRow> = read!(self, |pool| sqlx::query_as(
            "SELECT head_number, head_hash, head_time, finalized_number, finalized_hash, finalized_time \
             FROM chain_cursor"
        )
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(
            |(head, hash, at, finalized, finalized_hash, finalized_at)| {
                Ok(Cursor {
                    head: read_block(head, &hash, at)?,
                    finalized: read_block(finalized, &finalized_hash, finalized_at)?,
                })
            },
        )
        .transpose()
    }

    async fn chain_deployed(&self) -> Result<Option<Deployed>, StorageError> {
        let row: Option<DeployedRow> = read!(self, |pool| sqlx::query_as(
            "SELECT chain_id, contract, treasury FROM chain_cursor"
        )
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        row.map(|(chain_id, contract, treasury)| {
            let treasury: [u8; 20] = read_bytes(&treasury)?;
            Ok(Deployed {
                chain_id: read_number(chain_id)?,
                contract: read_bytes::<20>(&contract)?.into(),
                treasury: offpay_protocol::AccountId::new(treasury.into()),
            })
        })
        .transpose()
    }

    async fn start_chain(&self, deployed: &Deployed, from: BlockRef) -> Result<(), StorageError> {
        write!(self, |tx| {
            sqlx::query(
                "INSERT INTO chain_cursor (one, chain_id, contract, treasury, head_number, head_hash, head_time, \
                 finalized_number, finalized_hash, finalized_time) VALUES (1, $1, $2, $3, $4, $5, $6, $4, $5, $6)",
            )
            .bind(number(deployed.chain_id))
            .bind(deployed.contract.to_vec())
            .bind(deployed.treasury.address().to_vec())
            .bind(number(from.number))
            .bind(from.hash.to_vec())
            .bind(time(from.time))
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            put_block!(tx, from);
        })
    }

    async fn chain_blocks(&self) -> Result<Vec<BlockRef>, StorageError> {
        let rows: Vec<BlockRow> = read!(self, |pool| sqlx::query_as(
            "SELECT number, hash, time FROM chain_blocks ORDER BY number DESC"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.iter()
            .map(|(number, hash, at)| read_block(*number, hash, *at))
            .collect()
    }

    async fn followed(
        &self,
        subjects: &[Subject],
    ) -> Result<Vec<(Subject, Followed)>, StorageError> {
        let mut found = Vec::with_capacity(subjects.len());
        for some in subjects.chunks(SUBJECTS_AT_ONCE) {
            let rows: Vec<columns::SubjectRow> = read!(self, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT subject, head, finalized FROM chain_subjects WHERE subject IN (",
                );
                let mut list = query.separated(", ");
                // Filled up to a power of two: few different statements, each prepared once.
                let fill = some.last().into_iter().cycle();
                let count = some.len().next_power_of_two();
                for subject in some.iter().chain(fill).take(count) {
                    list.push_bind(subject.to_bytes());
                }
                list.push_unseparated(")");
                query.build_query_as().fetch_all(pool).await
            })
            .map_err(storage)?;
            for row in rows {
                found.push(columns::followed(&row)?);
            }
        }
        Ok(found)
    }

    async fn channel_with_prefix(
        &self,
        prefix: [u8; 20],
    ) -> Result<Option<ChannelId>, StorageError> {
        let name = |rest: u8| {
            let mut id = [rest; 32];
            id[..20].copy_from_slice(&prefix);
            Subject::Channel(ChannelId::new(id.into())).to_bytes()
        };
        let row: Option<Vec<u8>> = read!(self, |pool| sqlx::query_scalar(
            "SELECT subject FROM chain_subjects WHERE subject >= $1 AND subject <= $2 AND head IS NOT NULL"
        )
        .bind(name(0))
        .bind(name(0xff))
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let subject = row
            .map(|name| Subject::from_bytes(&name))
            .transpose()
            .map_err(crate::operator::error::unreadable)?;
        Ok(match subject {
            Some(Subject::Channel(channel)) => Some(channel),
            _ => None,
        })
    }

    async fn live_entries(&self, above: u64, to: u64) -> Result<Vec<ChainEntry>, StorageError> {
        let rows: Vec<columns::Entry> =
            read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "SELECT {ENTRY} FROM chain_events WHERE removes IS NULL AND removed_at IS NULL \
                 AND block > $1 AND block <= $2 ORDER BY block, log_index, row_number"
            )))
            .bind(number(above))
            .bind(number(to))
            .fetch_all(pool)
            .await)
            .map_err(storage)?;
        rows.into_iter().map(columns::entry).collect()
    }

    async fn go_forward(
        &self,
        forward: &Forward,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let Some(to) = forward.blocks.last() else {
            return Ok(false);
        };
        write!(self, |tx| {
            let mut moved = move_head!(tx, forward.from, to);
            if moved && forward.is_final {
                moved = move_final!(tx, forward.from, to);
            }
            if moved {
                if forward.is_final {
                    put_block!(tx, to);
                } else {
                    for block in &forward.blocks {
                        put_block!(tx, block);
                    }
                }
                for entry in &forward.advance.entries {
                    let fact = serde_json::to_string(&entry.fact)
                        .map_err(crate::operator::error::unreadable)?;
                    let place = &entry.place;
                    let sequence: i64 = sqlx::query_scalar(
                        "INSERT INTO chain_events (block, block_hash, block_time, tx, log_index, row_number, fact) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING sequence",
                    )
                    .bind(number(place.block.number))
                    .bind(place.block.hash.to_vec())
                    .bind(time(place.block.time))
                    .bind(place.tx.to_vec())
                    .bind(number(place.index))
                    .bind(i64::from(place.row))
                    .bind(fact)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(storage)?;
                    for subject in entry.fact.subjects() {
                        sqlx::query(
                            "INSERT INTO chain_touches (subject, sequence) VALUES ($1, $2)",
                        )
                        .bind(subject.to_bytes())
                        .bind(sequence)
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                    }
                }
                put_heads!(tx, &forward.advance.states, forward.is_final);
                tx.append_events(events, now).await?;
            }
            moved
        })
    }

    async fn make_final(
        &self,
        from: BlockRef,
        to: BlockRef,
        states: &[(Subject, Option<State>)],
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let moved = move_final!(tx, from, to);
            if moved {
                for (subject, state) in states {
                    sqlx::query("UPDATE chain_subjects SET finalized = $2 WHERE subject = $1")
                        .bind(subject.to_bytes())
                        .bind(columns::state(state.as_ref())?.text)
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                }
            }
            moved
        })
    }

    async fn go_back(
        &self,
        from: BlockRef,
        to: BlockRef,
        back: &RollBack,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        write!(self, |tx| {
            let moved = move_head!(tx, from, to);
            if moved {
                sqlx::query("DELETE FROM chain_blocks WHERE number > $1")
                    .bind(number(to.number))
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                for removed in &back.removed {
                    sqlx::query("UPDATE chain_events SET removed_at = $2 WHERE sequence = $1")
                        .bind(*removed)
                        .bind(time(now))
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                    sqlx::query(
                        "INSERT INTO chain_events (removes, block, block_hash, block_time, tx, log_index, row_number, \
                         fact) SELECT sequence, block, block_hash, block_time, tx, log_index, row_number, fact \
                         FROM chain_events WHERE sequence = $1",
                    )
                    .bind(*removed)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                }
                put_heads!(tx, &back.states, false);
                tx.append_events(events, now).await?;
            }
            moved
        })
    }
}

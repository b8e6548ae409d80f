//! Which slots this database holds.

mod copy;
mod moving;
mod put;
mod read;

use offpay_operator::{
    slots::{Place, ShardNames, Slot, SlotMap},
    storage::{SlotStorage, StorageError, clearing::StoredClearance, slots::MovedClearance},
};
use offpay_protocol::{OperatorId, messages::Clearance};

pub use moving::{MoveError, MovedRows, Moving};

use super::{
    Database,
    columns::{read_bytes, read_time},
    connect::BEGIN_LOCKED,
    error::{storage, unreadable},
    read, write,
};

/// Who knows less of the tables than this cannot work on those of a shard: it would not know which purses are there.
const NEEDED: i64 = 19;

/// A database is not the shard that it is taken for.
#[derive(Debug, thiserror::Error)]
enum NotTheShard {
    #[error("the database is the shard {0}")]
    Another(String),
    #[error("the database's home shard is {0}")]
    OtherHome(String),
    #[error("only the home shard may have cleared payments before it is one")]
    NotEmpty,
}

fn refused(why: NotTheShard) -> StorageError {
    StorageError::Refused(why.into())
}

fn place(state: &str, shard: String) -> Result<Place, StorageError> {
    match state {
        "owned" => Ok(Place::Here),
        "leaving" => Ok(Place::Leaving(shard)),
        "gone" => Ok(Place::At(shard)),
        _ => Err(unreadable("a slot's state")),
    }
}

impl Database {
    /// The shard that the database is; `None` while it is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn shard(&self) -> Result<Option<String>, StorageError> {
        read!(self, |pool| sqlx::query_scalar(
            "SELECT shard FROM slot_map WHERE one = 1"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)
    }
}

impl SlotStorage for Database {
    async fn slot_map(&self) -> Result<SlotMap, StorageError> {
        // The version first: rows that are newer than it make commits that are refused, and read again.
        let (version, own, home): (i64, Option<String>, Option<String>) = read!(self, |pool| {
            sqlx::query_as("SELECT version, shard, home FROM slot_map WHERE one = 1")
                .fetch_one(pool)
                .await
        })
        .map_err(storage)?;
        let (Some(own), Some(home)) = (own, home) else {
            return Ok(SlotMap::whole());
        };
        let rows: Vec<(i64, String, String)> = read!(self, |pool| sqlx::query_as(
            "SELECT slot, state, shard FROM slots ORDER BY slot"
        )
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        let places: Result<Vec<_>, _> = rows
            .into_iter()
            .map(|(_, state, shard)| place(&state, shard))
            .collect();
        SlotMap::of_shard(version, ShardNames { own, home }, places?)
            .ok_or_else(|| unreadable("some slots are missing"))
    }

    async fn slot_map_version(&self) -> Result<i64, StorageError> {
        read!(self, |pool| sqlx::query_scalar(
            "SELECT version FROM slot_map WHERE one = 1"
        )
        .fetch_one(pool)
        .await)
        .map_err(storage)
    }

    async fn become_shard(&self, names: &ShardNames) -> Result<SlotMap, StorageError> {
        write!(self, BEGIN_LOCKED, |tx| {
            // Locked before it is read: two servers that start at once do it once.
            sqlx::query("UPDATE slot_map SET version = version WHERE one = 1")
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            let (own, home): (Option<String>, Option<String>) =
                sqlx::query_as("SELECT shard, home FROM slot_map WHERE one = 1")
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(storage)?;
            match (own, home) {
                (Some(own), _) if own != names.own => {
                    return Err(refused(NotTheShard::Another(own)));
                }
                (Some(_), Some(home)) if home != names.home => {
                    return Err(refused(NotTheShard::OtherHome(home)));
                }
                (Some(_), _) => {}
                (None, _) => {
                    let is_home = names.own == names.home;
                    let cleared: Option<Vec<u8>> =
                        sqlx::query_scalar("SELECT purse FROM purse_heads LIMIT 1")
                            .fetch_optional(&mut *tx)
                            .await
                            .map_err(storage)?;
                    if cleared.is_some() && !is_home {
                        return Err(refused(NotTheShard::NotEmpty));
                    }
                    for slot in Slot::all() {
                        sqlx::query("INSERT INTO slots (slot, state, shard) VALUES ($1, $2, $3)")
                            .bind(i64::from(slot.number()))
                            .bind(if is_home { "owned" } else { "gone" })
                            .bind(&names.home)
                            .execute(&mut *tx)
                            .await
                            .map_err(storage)?;
                    }
                    // From here on the commits of a server are refused that does not know of shards.
                    sqlx::query(
                        "UPDATE slot_map SET version = 1, shard = $1, home = $2 WHERE one = 1",
                    )
                    .bind(&names.own)
                    .bind(&names.home)
                    .execute(&mut *tx)
                    .await
                    .map_err(storage)?;
                    sqlx::query("UPDATE tables_for SET oldest = $1 WHERE oldest < $1")
                        .bind(NEEDED)
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                }
            }
        })?;
        self.slot_map().await
    }

    async fn has_hosted_purses(&self, slot: Slot) -> Result<bool, StorageError> {
        let (first, last) = slot.keys();
        let found: Option<i64> = read!(self, |pool| sqlx::query_scalar(
            "SELECT CAST(1 AS BIGINT) FROM hosted_purses \
             WHERE keeper = 'server' AND purse >= $1 AND purse <= $2 LIMIT 1"
        )
        .bind(first.to_vec())
        .bind(last.to_vec())
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        Ok(found.is_some())
    }

    async fn moved_clearance(&self, number: i64) -> Result<Option<MovedClearance>, StorageError> {
        type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, Vec<u8>);
        let row: Option<Row> = read!(self, |pool| sqlx::query_as(
            "SELECT root, cleared_at, operator, signature, path FROM moved_clearances WHERE number = $1"
        )
        .bind(number)
        .fetch_optional(pool)
        .await)
        .map_err(storage)?;
        let Some((root, cleared_at, operator, signature, path)) = row else {
            return Ok(None);
        };
        let clearance = Clearance {
            root: read_bytes::<32>(&root)?.into(),
            cleared_at: read_time(cleared_at)?,
        };
        let path: Result<Vec<[u8; 32]>, _> = path.chunks(32).map(read_bytes::<32>).collect();
        Ok(Some(MovedClearance {
            clearance: StoredClearance {
                first: number,
                payments: 1,
                clearance,
                operator: OperatorId::new(read_bytes::<20>(&operator)?.into()),
                signature: super::clearing::read::signature(&signature)?,
            },
            path: path?,
        }))
    }
}

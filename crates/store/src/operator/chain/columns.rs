//! How the followed chain stands in columns.

use offpay_operator::{
    follower::{BlockRef, ChainEntry, Change, Followed, Place, State, Subject},
    storage::StorageError,
};

use crate::operator::{
    columns::{read_bytes, read_time, time},
    error::unreadable,
};

/// A number that a column holds. Block numbers stay far below.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn read_number(number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(unreadable)
}

pub(super) fn read_block(number: i64, hash: &[u8], seconds: i64) -> Result<BlockRef, StorageError> {
    Ok(BlockRef {
        number: read_number(number)?,
        hash: read_bytes::<32>(hash)?.into(),
        time: read_time(seconds)?,
    })
}

/// The columns of an entry, in the order of [`Entry`].
pub(super) const ENTRY: &str =
    "sequence, removes, block, block_hash, block_time, tx, log_index, row_number, fact";

pub(super) type Entry = (
    i64,
    Option<i64>,
    i64,
    Vec<u8>,
    i64,
    Vec<u8>,
    i64,
    i64,
    String,
);

pub(super) fn entry(row: Entry) -> Result<ChainEntry, StorageError> {
    let (sequence, removes, number, hash, seconds, tx, index, row, fact) = row;
    Ok(ChainEntry {
        sequence,
        change: removes.map_or(Change::Applied, Change::Removed),
        place: Place {
            block: read_block(number, &hash, seconds)?,
            tx: read_bytes::<32>(&tx)?.into(),
            index: read_number(index)?,
            row: u32::try_from(row).map_err(unreadable)?,
        },
        fact: serde_json::from_str(&fact).map_err(unreadable)?,
    })
}

pub(super) type SubjectRow = (Vec<u8>, Option<String>, Option<String>);

pub(super) fn followed(row: &SubjectRow) -> Result<(Subject, Followed), StorageError> {
    let (subject, head, finalized) = row;
    let state = |text: &Option<String>| -> Result<Option<State>, StorageError> {
        text.as_deref()
            .map(|text| serde_json::from_str(text).map_err(unreadable))
            .transpose()
    };
    Ok((
        Subject::from_bytes(subject).map_err(unreadable)?,
        Followed {
            head: state(head)?,
            finalized: state(finalized)?,
        },
    ))
}

/// A state as a column has it, with the columns by which it is found.
pub(super) struct StateColumns {
    pub(super) text: Option<String>,
    pub(super) owner: Option<Vec<u8>>,
    pub(super) other: Option<Vec<u8>>,
    pub(super) due: Option<i64>,
}

pub(super) fn state(state: Option<&State>) -> Result<StateColumns, StorageError> {
    let mut columns = StateColumns {
        text: None,
        owner: None,
        other: None,
        due: None,
    };
    let Some(state) = state else {
        return Ok(columns);
    };
    columns.text = Some(serde_json::to_string(state).map_err(unreadable)?);
    match state {
        State::Purse(purse) => {
            columns.owner = Some(purse.owner.address().to_vec());
            columns.due = purse.closes_at.filter(|_| !purse.closed).map(time);
        }
        State::Pair(pair) => columns.due = pair.in_default_since.map(time),
        State::Channel(channel) => {
            columns.owner = Some(channel.terms.a.address().to_vec());
            columns.other = Some(channel.terms.b.address().to_vec());
            columns.due = channel.closes_at.filter(|_| !channel.closed).map(time);
        }
        State::Account(_) | State::Member(_) | State::Circle(_) => {}
    }
    Ok(columns)
}

//! What the rest of the operator asks of the followed chain.

use offpay_operator::{
    follower::{ChainEntry, ChannelState, Followed, MemberState, PairState, State, Subject},
    purse::KnownPurse,
    storage::{ChainStorage, StorageError, chain::known_purse},
};
use offpay_protocol::{AccountId, ChannelId, Circle, PurseKey};

use super::columns::{self, ENTRY, Entry, SubjectRow};
use crate::operator::{Database, error::storage, read};

const SUBJECT: &str = "subject, head, finalized";

fn purses(
    found: impl IntoIterator<Item = (Subject, Followed)>,
) -> Result<Vec<KnownPurse>, StorageError> {
    Ok(found
        .into_iter()
        .filter_map(|(subject, followed)| match subject {
            Subject::Purse(key) => known_purse(key, &followed),
            _ => None,
        })
        .collect())
}

fn all(rows: &[SubjectRow]) -> Result<Vec<(Subject, Followed)>, StorageError> {
    rows.iter().map(columns::followed).collect()
}

impl Database {
    /// Subjects whose names begin with `prefix`: of a kind, or a kind's with a first part.
    async fn subjects_under(
        &self,
        prefix: &[u8],
    ) -> Result<Vec<(Subject, Followed)>, StorageError> {
        // No name is longer than 41 bytes.
        let mut last = prefix.to_vec();
        last.resize(42, 0xff);
        let rows: Vec<SubjectRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!(
                "SELECT {SUBJECT} FROM chain_subjects WHERE subject >= $1 AND subject <= $2 ORDER BY subject"
            )
        ))
        .bind(prefix.to_vec())
        .bind(last)
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        all(&rows)
    }

    /// Subjects of a kind that have a date, those whose date is first at first.
    async fn subjects_due(&self, kind: u8) -> Result<Vec<(Subject, Followed)>, StorageError> {
        let rows: Vec<SubjectRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!(
                "SELECT {SUBJECT} FROM chain_subjects WHERE due IS NOT NULL AND subject >= $1 AND subject < $2 \
                 ORDER BY due, subject"
            )
        ))
        .bind(vec![kind])
        .bind(vec![kind + 1])
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        all(&rows)
    }
}

impl ChainStorage for Database {
    async fn chain_entries_after(
        &self,
        cursor: i64,
        limit: u32,
    ) -> Result<Vec<ChainEntry>, StorageError> {
        let rows: Vec<Entry> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY} FROM chain_events WHERE sequence > $1 ORDER BY sequence LIMIT $2"
        )))
        .bind(cursor)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(columns::entry).collect()
    }

    async fn facts_of(
        &self,
        subject: Subject,
        before: i64,
        limit: u32,
    ) -> Result<Vec<ChainEntry>, StorageError> {
        let rows: Vec<Entry> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {ENTRY} FROM chain_events WHERE sequence IN (SELECT sequence FROM chain_touches \
             WHERE subject = $1 AND sequence < $2) AND removed_at IS NULL ORDER BY sequence DESC LIMIT $3"
        )))
        .bind(subject.to_bytes())
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        rows.into_iter().map(columns::entry).collect()
    }

    async fn purses_of(&self, owner: AccountId) -> Result<Vec<KnownPurse>, StorageError> {
        let rows: Vec<SubjectRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!("SELECT {SUBJECT} FROM chain_subjects WHERE owner = $1 ORDER BY subject")
        ))
        .bind(owner.address().to_vec())
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        purses(all(&rows)?)
    }

    async fn closing_purses(&self) -> Result<Vec<KnownPurse>, StorageError> {
        let kind = Subject::Purse(PurseKey::ZERO).kind();
        purses(self.subjects_due(kind).await?)
    }

    async fn pairs_of(&self, purse: PurseKey) -> Result<Vec<(AccountId, PairState)>, StorageError> {
        let mut prefix = Subject::Pair(purse, AccountId::ZERO).to_bytes();
        prefix.truncate(21);
        let found = self.subjects_under(&prefix).await?;
        Ok(found
            .into_iter()
            .filter_map(|(subject, followed)| match (subject, followed.head) {
                (Subject::Pair(_, payee), Some(State::Pair(state))) => Some((payee, state)),
                _ => None,
            })
            .collect())
    }

    async fn defaults(&self) -> Result<Vec<(PurseKey, AccountId, PairState)>, StorageError> {
        let kind = Subject::Pair(PurseKey::ZERO, AccountId::ZERO).kind();
        let found = self.subjects_due(kind).await?;
        Ok(found
            .into_iter()
            .filter_map(|(subject, followed)| match (subject, followed.head) {
                (Subject::Pair(purse, payee), Some(State::Pair(state))) => {
                    Some((purse, payee, state))
                }
                _ => None,
            })
            .collect())
    }

    async fn channels_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<(ChannelId, ChannelState)>, StorageError> {
        let rows: Vec<SubjectRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(
            format!(
                "SELECT {SUBJECT} FROM chain_subjects WHERE owner = $1 OR other = $1 ORDER BY subject"
            )
        ))
        .bind(account.address().to_vec())
        .fetch_all(pool)
        .await)
        .map_err(storage)?;
        Ok(all(&rows)?
            .into_iter()
            .filter_map(|(subject, followed)| match (subject, followed.head) {
                (Subject::Channel(channel), Some(State::Channel(state))) => Some((channel, state)),
                _ => None,
            })
            .collect())
    }

    async fn members_of(
        &self,
        circle: Circle,
    ) -> Result<Vec<(AccountId, MemberState)>, StorageError> {
        let mut prefix = Subject::Member(circle, AccountId::ZERO).to_bytes();
        prefix.truncate(21);
        let found = self.subjects_under(&prefix).await?;
        Ok(found
            .into_iter()
            .filter_map(|(subject, followed)| match (subject, followed.head) {
                (Subject::Member(_, payee), Some(State::Member(state))) => Some((payee, state)),
                _ => None,
            })
            .collect())
    }
}

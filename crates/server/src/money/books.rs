//! Works what the chain tells into the books.

use offpay_operator::{
    follower::{ChainEntry, Change},
    ledger::{Fact, channel},
    storage::{
        ChainStorage as _, HostedChannelStorage as _, HostedPurseStorage as _, LedgerStorage as _,
        Posting, PostingChange, StorageError,
    },
};
use offpay_protocol::PurseKey;

use crate::App;

/// How many entries are worked in at once.
const AT_ONCE: u32 = 500;

/// Works in everything that came since the last time.
pub(super) async fn enter_new(app: &App) -> Result<(), StorageError> {
    loop {
        let cursor = app.database.ledger_cursor().await?;
        let entries = app.database.chain_entries_after(cursor, AT_ONCE).await?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        let postings = postings(app, &entries).await?;
        app.database
            .enter_postings(&postings, last.sequence, app.now())
            .await?;
    }
}

async fn postings(app: &App, entries: &[ChainEntry]) -> Result<Vec<Posting>, StorageError> {
    let mut paying: Vec<PurseKey> = entries
        .iter()
        .filter_map(|entry| Fact::paying_purse(&entry.fact))
        .collect();
    paying.sort_unstable();
    paying.dedup();
    let signed_for = app.database.signed_for(&paying).await?;
    let mut applied: Vec<_> = entries
        .iter()
        .filter_map(|entry| channel::applied_in(&entry.fact))
        .collect();
    applied.sort_unstable();
    applied.dedup();
    let noted = app.database.channels_noted(&applied).await?;
    let mut postings = Vec::with_capacity(entries.len());
    for entry in entries {
        let change = match entry.change {
            Change::Removed(applied) => PostingChange::TakeBack(applied),
            Change::Applied => {
                let purse = Fact::paying_purse(&entry.fact);
                let ours = purse.is_some_and(|purse| signed_for.contains(&purse));
                let fact = Fact::of(&entry.fact, ours);
                let mut movements = fact.map_or_else(Vec::new, |fact| fact.movements());
                let id = channel::applied_in(&entry.fact);
                if let Some((_, noted)) = noted.iter().find(|(known, _)| Some(*known) == id) {
                    movements.extend(channel::applied(&entry.fact, noted));
                }
                PostingChange::Enter(movements)
            }
        };
        postings.push(Posting {
            sequence: entry.sequence,
            change,
            events: super::channel::told(app, entry).await?,
        });
    }
    Ok(postings)
}

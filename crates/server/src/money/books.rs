//! Works what the chain tells into the books.

use offpay_operator::{
    follower::{ChainEntry, Change},
    ledger::Fact,
    storage::{
        ChainStorage as _, HostedPurseStorage as _, LedgerStorage as _, Posting, PostingChange,
        StorageError,
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
    Ok(entries
        .iter()
        .filter_map(|entry| {
            let change = match entry.change {
                Change::Removed(applied) => PostingChange::TakeBack(applied),
                Change::Applied => {
                    let purse = Fact::paying_purse(&entry.fact);
                    let ours = purse.is_some_and(|purse| signed_for.contains(&purse));
                    PostingChange::Enter(Fact::of(&entry.fact, ours)?.movements())
                }
            };
            Some(Posting {
                sequence: entry.sequence,
                change,
            })
        })
        .collect())
}

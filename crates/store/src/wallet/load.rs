use offpay_protocol::{
    AccountId, ChannelId, ChannelKey, Circle, OperatorId, PaymentId, PurseKey, Reference, Timestamp,
};
use offpay_wallet::{
    records::{
        Channel, Contact, IssuedRequest, JoinedCircle, MadePayment, OperatorCard, OwnChannelKey,
        OwnPurse, Pair, PayerPurse, PaymentClearance, ReceivedPayment, Records, RevocationList,
    },
    storage::StorageError,
};
use rusqlite::{OptionalExtension, Transaction};
use serde::de::DeserializeOwned;

use super::{
    error::{failed, inconsistent},
    json::from_json,
};

/// All that is stored.
pub(super) fn records(transaction: &Transaction<'_>) -> Result<Records, StorageError> {
    let mut records = wallet(transaction)?;
    let t = transaction;
    let by = |card: &OperatorCard| -> OperatorId { card.operator };
    records.operators = map(t, "SELECT record FROM operators", by)?;
    let by = |list: &RevocationList| -> OperatorId { list.operator };
    records.revocations = map(t, "SELECT record FROM revocations", by)?;
    let by = |joined: &JoinedCircle| -> Circle { joined.circle };
    records.circles = map(t, "SELECT record FROM circles", by)?;
    let by = |contact: &Contact| -> AccountId { contact.account };
    records.contacts = map(t, "SELECT record FROM contacts", by)?;
    let by = |purse: &OwnPurse| -> PurseKey { purse.key };
    records.purses = map(t, "SELECT record FROM purses", by)?;
    let by = |made: &MadePayment| -> PaymentId { made.id };
    records.made = map(t, "SELECT record FROM payments_made", by)?;
    let by = |request: &IssuedRequest| -> Reference { request.reference };
    records.requests = map(t, "SELECT record FROM requests", by)?;
    let by = |received: &ReceivedPayment| -> PaymentId { received.id };
    records.received = map(t, "SELECT record FROM payments_received", by)?;
    let by = |payer: &PayerPurse| -> PurseKey { payer.purse };
    records.payers = map(t, "SELECT record FROM payers", by)?;
    let by = |pair: &Pair| -> (PurseKey, AccountId) { (pair.purse, pair.payee) };
    records.pairs = map(t, "SELECT record FROM pairs", by)?;
    let by = |cleared: &PaymentClearance| -> PaymentId { cleared.payment };
    records.clearances = map(t, "SELECT record FROM clearances", by)?;
    records.evidence = all(t, "SELECT record FROM evidence ORDER BY place")?;
    let by = |key: &OwnChannelKey| -> ChannelKey { key.address };
    records.channel_keys = map(t, "SELECT record FROM channel_keys", by)?;
    let by = |channel: &Channel| -> ChannelId { channel.id };
    records.channels = map(t, "SELECT record FROM channels", by)?;
    records.vouchers = all(t, "SELECT record FROM vouchers ORDER BY place")?;
    Ok(records)
}

fn wallet(transaction: &Transaction<'_>) -> Result<Records, StorageError> {
    let sql = "SELECT number, time, profile, settings, synced, trusted FROM wallet";
    type Row = (
        u64,
        u64,
        Option<String>,
        Option<String>,
        Option<String>,
        String,
    );
    let row: Row = transaction
        .query_row(sql, [], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })
        .map_err(failed)?;
    let (number, time, profile, settings, synced, trusted) = row;
    Ok(Records {
        number,
        time: Timestamp::new(time).ok_or(inconsistent("time is a timestamp"))?,
        profile: profile.as_deref().map(from_json).transpose()?,
        settings: settings.as_deref().map(from_json).transpose()?,
        synced: synced.as_deref().map(from_json).transpose()?,
        trusted: from_json(&trusted)?,
        ..Records::default()
    })
}

/// Every record that a query finds.
fn all<T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    sql: &str,
) -> Result<Vec<T>, StorageError> {
    let mut statement = transaction.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let text = row.get_ref(0).map_err(failed)?.as_str();
        records.push(from_json(
            text.map_err(|_| inconsistent("a record is text"))?,
        )?);
    }
    Ok(records)
}

/// Every record that a query finds, by its key.
fn map<K: Ord, T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    sql: &str,
    key: impl Fn(&T) -> K,
) -> Result<std::collections::BTreeMap<K, T>, StorageError> {
    let records = all(transaction, sql)?;
    Ok(records
        .into_iter()
        .map(|record| (key(&record), record))
        .collect())
}

/// The one record that a query finds by its key.
pub(super) fn one<T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    sql: &str,
    key: &str,
) -> Result<Option<T>, StorageError> {
    let text: Option<String> = transaction
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
        .map_err(failed)?;
    text.as_deref().map(from_json).transpose()
}

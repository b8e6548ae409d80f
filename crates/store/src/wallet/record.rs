use offpay_wallet::{
    profile::Profile,
    records::VoucherDirection,
    storage::{Entry, StorageError},
    use_case::{NewWallet, UseCase},
};
use rusqlite::{Params, Transaction, params};

use super::{
    error::{failed, inconsistent},
    json::{from_json, to_json},
    restore::restore_backup,
};

mod channels;
mod paying;
mod taking;

pub(super) use channels::{add_channel, insert_note};
pub(super) use paying::insert_made;
pub(super) use taking::{record_accepted, record_evidence, record_request};

use channels::{record_voucher, update_channel};
use paying::{prepare_purse, record_payment, record_receipt, update_purse};
use taking::{give_receipt, withdraw_request};

/// Refuses an entry that is not the next one, or that somebody writes who lost the lease.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    lease: i64,
    entry: &Entry,
) -> Result<(), StorageError> {
    let (held, last, created): (i64, u64, bool) = transaction
        .query_row(
            "SELECT lease, number, profile IS NOT NULL FROM wallet",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(failed)?;
    if held != lease {
        return Err(StorageError::InUse);
    }
    if entry.number != last.saturating_add(1) {
        return Err(StorageError::OutOfSequence {
            number: entry.number,
            last,
        });
    }
    if created == matches!(entry.use_case, UseCase::Create(_)) {
        return Err(inconsistent("a wallet is created once, and first"));
    }
    run(
        transaction,
        "UPDATE wallet SET number = ?1, time = max(time, ?2)",
        params![entry.number, entry.time.get()],
    )
    .map(drop)
}

pub(super) fn carry_out(
    transaction: &Transaction<'_>,
    use_case: &UseCase,
) -> Result<(), StorageError> {
    let t = transaction;
    match use_case {
        UseCase::Create(new) => create(t, new),
        UseCase::ChangePassword(vault) => {
            change_profile(t, |profile| profile.vault.clone_from(vault))
        }
        UseCase::ChangeSettings(settings) => {
            run(t, "UPDATE wallet SET settings = ?1", [to_json(settings)?]).map(drop)
        }
        UseCase::RecordAttestation(key) => {
            change_profile(t, |profile| profile.identity.set_request_key(key))
        }
        UseCase::PreparePurse(purse) => prepare_purse(t, purse),
        UseCase::UpdatePurse(purse) => update_purse(t, purse),
        UseCase::RecordPayment(made) => record_payment(t, made),
        UseCase::RecordReceipt(id, receipt) => record_receipt(t, *id, receipt),
        UseCase::RecordRequest(request) => record_request(t, request),
        UseCase::WithdrawRequest(reference) => withdraw_request(t, &reference.to_string()),
        UseCase::RecordAccepted(received) => record_accepted(t, received),
        UseCase::GiveReceipt(id, receipt) => give_receipt(t, *id, receipt),
        UseCase::RecordEvidence(evidence) => record_evidence(t, evidence),
        UseCase::PrepareChannelKey(key) => put(
            t,
            "channel_keys (key, record)",
            &key.address.to_string(),
            key,
        ),
        UseCase::AddChannel(channel) => add_channel(t, channel),
        UseCase::UpdateChannel(channel) => update_channel(t, channel),
        UseCase::RecordVoucher(record) => record_voucher(t, record, VoucherDirection::Sent),
        UseCase::RecordVoucherAccepted(record) => {
            record_voucher(t, record, VoucherDirection::Received)
        }
        UseCase::RecordCircle(joined) => put(
            t,
            "circles (circle, record)",
            &joined.circle.to_string(),
            joined,
        ),
        UseCase::LeaveCircle(circle) => run(
            t,
            "DELETE FROM circles WHERE circle = ?1",
            [circle.to_string()],
        )
        .map(drop),
        UseCase::TrustOperator(card, trusted) => {
            put(
                t,
                "operators (operator, record)",
                &card.operator.to_string(),
                card,
            )?;
            run(t, "UPDATE wallet SET trusted = ?1", [to_json(trusted)?]).map(drop)
        }
        UseCase::ForgetOperator(operator, trusted) => {
            run(
                t,
                "DELETE FROM operators WHERE operator = ?1",
                [operator.to_string()],
            )?;
            run(t, "UPDATE wallet SET trusted = ?1", [to_json(trusted)?]).map(drop)
        }
        UseCase::FollowOperator(trusted) => {
            run(t, "UPDATE wallet SET trusted = ?1", [to_json(trusted)?]).map(drop)
        }
        UseCase::RecordRevocations(list) => put(
            t,
            "revocations (operator, record)",
            &list.operator.to_string(),
            list,
        ),
        UseCase::RecordClearance(cleared) => run(
            t,
            "INSERT OR IGNORE INTO clearances (payment, record) VALUES (?1, ?2)",
            params![cleared.payment.to_string(), to_json(cleared)?],
        )
        .map(drop),
        UseCase::RecordContact(contact) => put(
            t,
            "contacts (account, record)",
            &contact.account.to_string(),
            contact,
        ),
        UseCase::ForgetContact(account) => run(
            t,
            "DELETE FROM contacts WHERE account = ?1",
            [account.to_string()],
        )
        .map(drop),
        UseCase::RecordPayer(payer) => {
            put(t, "payers (purse, record)", &payer.purse.to_string(), payer)
        }
        UseCase::RecordPair(pair) => run(
            t,
            "INSERT OR REPLACE INTO pairs (purse, payee, record) VALUES (?1, ?2, ?3)",
            params![
                pair.purse.to_string(),
                pair.payee.to_string(),
                to_json(pair)?
            ],
        )
        .map(drop),
        UseCase::RecordSync(block) => {
            run(t, "UPDATE wallet SET synced = ?1", [to_json(block)?]).map(drop)
        }
        UseCase::RestoreBackup(restored) => restore_backup(t, restored),
    }
}

fn create(t: &Transaction<'_>, new: &NewWallet) -> Result<(), StorageError> {
    let (profile, settings) = (to_json(&new.profile)?, to_json(&new.settings)?);
    run(
        t,
        "UPDATE wallet SET profile = ?1, settings = ?2",
        [profile, settings],
    )
    .map(drop)
}

fn change_profile(
    t: &Transaction<'_>,
    change: impl FnOnce(&mut Profile),
) -> Result<(), StorageError> {
    let text: String = t
        .query_row("SELECT profile FROM wallet", [], |row| row.get(0))
        .map_err(failed)?;
    let mut profile: Profile = from_json(&text)?;
    change(&mut profile);
    run(t, "UPDATE wallet SET profile = ?1", [to_json(&profile)?]).map(drop)
}

/// Writes a record under its key, over the one before.
pub(super) fn put(
    t: &Transaction<'_>,
    table: &str,
    key: &str,
    record: &impl serde::Serialize,
) -> Result<(), StorageError> {
    let sql = format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2)");
    run(t, &sql, [key, &to_json(record)?]).map(drop)
}

/// Runs a statement, and says how many rows it changed.
pub(super) fn run(
    t: &Transaction<'_>,
    sql: &str,
    params: impl Params,
) -> Result<usize, StorageError> {
    t.prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(failed)
}

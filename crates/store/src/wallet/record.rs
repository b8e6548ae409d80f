use offpay_protocol::PaymentId;
use offpay_wallet::{
    profile::Profile,
    records::{
        Channel, Evidence, IssuedRequest, MadePayment, OwnPurse, ReceivedPayment, SignedReceipt,
        VoucherDirection, VoucherNote,
    },
    storage::{Entry, StorageError},
    use_case::{NewWallet, UseCase, VoucherRecord},
};
use rusqlite::{Params, Transaction, params};

use super::{
    error::{failed, inconsistent},
    json::{from_json, sortable, to_json},
    load::one,
    restore::restore_backup,
};

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

fn prepare_purse(t: &Transaction<'_>, purse: &OwnPurse) -> Result<(), StorageError> {
    if !purse.next_serial.is_zero() {
        return Err(inconsistent("a device key is used for one purse"));
    }
    let key = purse.key.to_string();
    run(
        t,
        "INSERT INTO purses (purse, next_serial, record) VALUES (?1, ?2, ?3)",
        params![key, sortable(purse.next_serial), to_json(purse)?],
    )
    .map(drop)
}

fn update_purse(t: &Transaction<'_>, purse: &OwnPurse) -> Result<(), StorageError> {
    let key = purse.key.to_string();
    let known: Option<OwnPurse> = one(t, "SELECT record FROM purses WHERE purse = ?1", &key)?;
    let known = known.ok_or(inconsistent("a purse is prepared before it is used"))?;
    if known.next_serial != purse.next_serial || known.sealed != purse.sealed {
        return Err(inconsistent("only a payment moves a purse's serials"));
    }
    run(
        t,
        "UPDATE purses SET record = ?2 WHERE purse = ?1",
        [key, to_json(purse)?],
    )
    .map(drop)
}

fn record_payment(t: &Transaction<'_>, made: &MadePayment) -> Result<(), StorageError> {
    let key = made.purse.to_string();
    let serials = made
        .payment
        .serials()
        .ok_or(inconsistent("a payment pays something"))?;
    let purse: Option<OwnPurse> = one(t, "SELECT record FROM purses WHERE purse = ?1", &key)?;
    let mut purse = purse.ok_or(inconsistent("a purse is prepared before it is used"))?;
    purse.next_serial = serials.end();
    let moved = run(
        t,
        "UPDATE purses SET next_serial = ?3, record = ?4 WHERE purse = ?1 AND next_serial = ?2",
        params![
            key,
            sortable(serials.start()),
            sortable(serials.end()),
            to_json(&purse)?
        ],
    )?;
    if moved != 1 {
        return Err(inconsistent("a serial is handed out once"));
    }
    insert_made(t, made)
}

pub(super) fn insert_made(t: &Transaction<'_>, made: &MadePayment) -> Result<(), StorageError> {
    let serials = made
        .payment
        .serials()
        .ok_or(inconsistent("a payment pays something"))?;
    run(
        t,
        "INSERT INTO payments_made (payment, number, purse, start, end_serial, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            made.id.to_string(),
            made.number,
            made.purse.to_string(),
            sortable(serials.start()),
            sortable(serials.end()),
            to_json(made)?
        ],
    )
    .map(drop)
}

fn record_receipt(
    t: &Transaction<'_>,
    id: PaymentId,
    receipt: &SignedReceipt,
) -> Result<(), StorageError> {
    let key = id.to_string();
    let sql = "SELECT record FROM payments_made WHERE payment = ?1";
    let made: Option<MadePayment> = one(t, sql, &key)?;
    let mut made = made.ok_or(inconsistent("a receipt is for a payment that is stored"))?;
    made.receipt = Some(*receipt);
    let sql = "UPDATE payments_made SET record = ?2 WHERE payment = ?1";
    run(t, sql, [key, to_json(&made)?]).map(drop)
}

pub(super) fn record_request(
    t: &Transaction<'_>,
    request: &IssuedRequest,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT OR REPLACE INTO requests (reference, number, record) VALUES (?1, ?2, ?3)",
        params![
            request.reference.to_string(),
            request.number,
            to_json(request)?
        ],
    )
    .map(drop)
}

fn withdraw_request(t: &Transaction<'_>, reference: &str) -> Result<(), StorageError> {
    let sql = "SELECT record FROM requests WHERE reference = ?1";
    match one::<IssuedRequest>(t, sql, reference)? {
        None => Ok(()),
        Some(request) => record_request(
            t,
            &IssuedRequest {
                withdrawn: true,
                ..request
            },
        ),
    }
}

pub(super) fn record_accepted(
    t: &Transaction<'_>,
    received: &ReceivedPayment,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO payments_received (payment, number, purse, record) VALUES (?1, ?2, ?3, ?4)",
        params![
            received.id.to_string(),
            received.number,
            received.purse.to_string(),
            to_json(received)?
        ],
    )
    .map(drop)
}

fn give_receipt(
    t: &Transaction<'_>,
    id: PaymentId,
    receipt: &SignedReceipt,
) -> Result<(), StorageError> {
    let key = id.to_string();
    let sql = "SELECT record FROM payments_received WHERE payment = ?1";
    let received: Option<ReceivedPayment> = one(t, sql, &key)?;
    let mut received = received.ok_or(inconsistent("a receipt is for a payment that is stored"))?;
    received.receipt = Some(*receipt);
    let sql = "UPDATE payments_received SET record = ?2 WHERE payment = ?1";
    run(t, sql, [key, to_json(&received)?]).map(drop)
}

pub(super) fn record_evidence(
    t: &Transaction<'_>,
    evidence: &Evidence,
) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO evidence (record) VALUES (?1)",
        [to_json(evidence)?],
    )
    .map(drop)
}

pub(super) fn add_channel(t: &Transaction<'_>, channel: &Channel) -> Result<(), StorageError> {
    run(
        t,
        "INSERT INTO channels (channel, sent, received, record) VALUES (?1, ?2, ?3, ?4)",
        params![
            channel.id.to_string(),
            sortable(channel.sent),
            sortable(channel.received),
            to_json(channel)?
        ],
    )
    .map(drop)
}

fn update_channel(t: &Transaction<'_>, channel: &Channel) -> Result<(), StorageError> {
    let changed = run(
        t,
        "UPDATE channels SET record = ?4 WHERE channel = ?1 AND sent = ?2 AND received = ?3",
        params![
            channel.id.to_string(),
            sortable(channel.sent),
            sortable(channel.received),
            to_json(channel)?
        ],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(inconsistent(
            "only vouchers move what was sent and received",
        ))
    }
}

fn record_voucher(
    t: &Transaction<'_>,
    record: &VoucherRecord,
    direction: VoucherDirection,
) -> Result<(), StorageError> {
    let key = record.channel.to_string();
    let sql = "SELECT record FROM channels WHERE channel = ?1";
    let channel: Option<Channel> = one(t, sql, &key)?;
    let mut channel = channel.ok_or(inconsistent("a channel is added before it is used"))?;
    let (reached, newest) = match direction {
        VoucherDirection::Sent => (&mut channel.sent, &mut channel.newest_sent),
        VoucherDirection::Received => (&mut channel.received, &mut channel.newest_received),
    };
    let cumulative = record.voucher.voucher.cumulative;
    if *reached != record.before || cumulative <= *reached {
        return Err(inconsistent("a voucher follows the newest one"));
    }
    *reached = cumulative;
    *newest = Some(record.voucher);
    run(
        t,
        "UPDATE channels SET sent = ?2, received = ?3, record = ?4 WHERE channel = ?1",
        params![
            key,
            sortable(channel.sent),
            sortable(channel.received),
            to_json(&channel)?
        ],
    )?;
    insert_note(t, &record.note)
}

pub(super) fn insert_note(t: &Transaction<'_>, note: &VoucherNote) -> Result<(), StorageError> {
    let key = note.channel.to_string();
    run(
        t,
        "INSERT INTO vouchers (channel, record) VALUES (?1, ?2)",
        [key, to_json(note)?],
    )
    .map(drop)
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

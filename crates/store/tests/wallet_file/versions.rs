//! Files of other versions and other programs.

use offpay_store::WalletFile;
use offpay_wallet::storage::{Storage, StorageError};
use rusqlite::Connection;

use crate::entries::{create, write};

#[test]
fn a_file_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    write(&mut WalletFile::open(&path).unwrap(), create()).unwrap();
    let change = |version: u32| {
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", version)
            .unwrap();
    };
    change(3);
    let refused = WalletFile::open(&path).unwrap_err();
    assert!(
        matches!(refused, StorageError::TooNew { found: 3, known: 2 }),
        "{refused}"
    );
    change(2);
    assert!(
        WalletFile::open(&path)
            .unwrap()
            .load()
            .unwrap()
            .profile
            .is_some()
    );
}

/// A file of the first version gets what came since, and keeps what it has.
#[test]
fn an_older_file_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    write(&mut WalletFile::open(&path).unwrap(), create()).unwrap();
    let before = WalletFile::open(&path).unwrap().load().unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE clearances; PRAGMA user_version = 1")
        .unwrap();
    let after = WalletFile::open(&path).unwrap().load().unwrap();
    assert_eq!(after, before);
}

#[test]
fn other_files_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "my shopping list, much longer than a header of SQLite would be".repeat(9),
    )
    .unwrap();
    let refused = WalletFile::open(&text).unwrap_err();
    assert!(
        matches!(refused, StorageError::Inconsistent { .. }),
        "{refused}"
    );
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE songs (title TEXT)")
        .unwrap();
    let refused = WalletFile::open(&foreign).unwrap_err();
    assert!(matches!(
        refused,
        StorageError::Inconsistent {
            what: "the file is a wallet"
        }
    ));
}

#[test]
fn the_schema_itself_guards_the_serials() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    {
        let mut file = WalletFile::open(&path).unwrap();
        for use_case in crate::entries::one_of_each() {
            write(&mut file, use_case).unwrap();
        }
    }
    let connection = Connection::open(&path).unwrap();
    for tampering in [
        "UPDATE purses SET next_serial = zeroblob(12)",
        "DELETE FROM purses",
        "UPDATE wallet SET number = 1",
        "UPDATE wallet SET time = 1",
        "UPDATE channels SET sent = zeroblob(12)",
        "INSERT INTO payments_made SELECT 'x', number, purse, start, end_serial, record FROM payments_made LIMIT 1",
        "INSERT INTO wallet (one, lease, number, time, trusted) VALUES (2, 0, 0, 0, '{}')",
        "INSERT INTO vouchers (channel, record) VALUES (0x1234, 1)",
    ] {
        connection
            .pragma_update(None, "foreign_keys", true)
            .unwrap();
        assert!(connection.execute_batch(tampering).is_err(), "{tampering}");
    }
}

#[test]
fn every_commit_is_synced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    let file = WalletFile::open(&path).unwrap();
    let connection = Connection::open(file.path()).unwrap();
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

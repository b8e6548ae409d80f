//! A second process on the same wallet is refused.

use std::process::{Command, Stdio};

use offpay_store::WalletFile;
use offpay_wallet::{
    storage::{Storage, StorageError},
    use_case::UseCase,
};

use crate::entries::{create, purse, write};

const PATH: &str = "OFFPAY_STORE_TEST_OPENS";

/// Not a test: what the other process does.
#[test]
fn other_process_opens_it() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    match WalletFile::open(path) {
        Err(StorageError::InUse) => std::process::exit(42),
        Ok(_) => std::process::exit(43),
        Err(_) => std::process::exit(44),
    }
}

fn opened_by_another_process(path: &std::path::Path) -> Option<i32> {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "one_process::other_process_opens_it",
            "--exact",
            "--nocapture",
        ])
        .env(PATH, path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .code()
}

#[test]
fn while_one_process_has_it_open_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    let mut first = WalletFile::open(&path).unwrap();
    write(&mut first, create()).unwrap();
    assert_eq!(
        opened_by_another_process(&path),
        Some(42),
        "refused while it is open"
    );
    // In the same process as well: two windows of one app.
    let refused = WalletFile::open(&path).unwrap_err();
    assert!(matches!(refused, StorageError::InUse));
    assert_eq!(refused.to_string(), "another program has this wallet open");
    assert!(refused.is_retryable());
    drop(first);
    assert_eq!(
        opened_by_another_process(&path),
        Some(43),
        "and let in afterwards"
    );
}

/// Where the lock does not hold, as on some network drives, the lease does: here the lock file is deleted under it.
#[test]
fn who_lost_the_lease_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.db");
    let mut first = WalletFile::open(&path).unwrap();
    write(&mut first, create()).unwrap();
    std::fs::remove_file(folder.path().join("wallet.db.lock")).unwrap();
    let mut second = WalletFile::open(&path).unwrap();
    let refused = write(&mut first, UseCase::PreparePurse(purse(1))).unwrap_err();
    assert!(matches!(refused, StorageError::InUse), "{refused}");
    write(&mut second, UseCase::PreparePurse(purse(2))).unwrap();
    let purses = second.load().unwrap().purses;
    assert_eq!(purses.len(), 1);
    assert!(purses.contains_key(&purse(2).key));
}

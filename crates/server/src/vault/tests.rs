use offpay_operator::{admin::NewAction, storage::AdminStorage as _};
use offpay_operator::{
    identity::Custody,
    storage::identity::{NewUser, UserStorage as _},
};
use offpay_protocol::AccountId;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

const NOW: u64 = 1_700_000_000;

fn now() -> Timestamp {
    Timestamp::new(NOW).unwrap()
}

fn masters(keys: &[(&str, u8)]) -> LocalMasterKeys {
    let keys = keys
        .iter()
        .map(|(id, byte)| ((*id).to_owned(), Zeroizing::new([*byte; 32])))
        .collect();
    LocalMasterKeys::new(keys).unwrap()
}

async fn database() -> (Database, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    (Database::open(&url).await.unwrap(), folder)
}

/// Registers a user with an account key; gives its address.
async fn register(vault: &Vault, user: UserId) -> AccountId {
    let (data_key, sealed) = vault.new_data_key(user).await.unwrap();
    let key = new_signing_key().unwrap();
    let account = AccountId::new(key.address());
    let secret = data_key
        .seal(&KeyName::Account.purpose(), key.expose_secret())
        .unwrap();
    let new = NewUser {
        id: user,
        handle: None,
        account,
        custody: Custody::Hosted,
        data_key: sealed,
        secrets: vec![secret],
        recovery_codes: vec![],
        session: None,
    };
    vault.database.register(&new, &[], now()).await.unwrap();
    account
}

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

async fn address(vault: &Vault, user: UserId, key: KeyName) -> Result<AccountId, VaultError> {
    vault
        .sign_with(user, key, |key| AccountId::new(key.address()))
        .await
}

#[tokio::test]
async fn o60_only_its_own_user_and_purpose_open_a_secret() {
    let (database, _folder) = database().await;
    let vault = Vault::new(masters(&[("one", 1)]), database);
    let (ana, bea) = (user(1), user(2));
    let account = register(&vault, ana).await;
    register(&vault, bea).await;
    assert_eq!(
        address(&vault, ana, KeyName::Account).await.unwrap(),
        account
    );

    // A clerk copies Ana's row into Bea's, or over another of her own.
    let sealed = vault
        .vaulted(ana, &KeyName::Account.purpose())
        .await
        .unwrap();
    let secret = sealed.secret.unwrap();
    vault
        .database
        .replace_secret(bea, &secret, &[], now())
        .await
        .unwrap();
    assert!(matches!(
        address(&vault, bea, KeyName::Account).await,
        Err(VaultError::Altered)
    ));
    let purse = vault.new_purse_key(ana, now()).await.unwrap();
    let moved = SealedSecret {
        purpose: KeyName::Purse(purse).purpose(),
        ..secret
    };
    vault
        .database
        .replace_secret(ana, &moved, &[], now())
        .await
        .unwrap();
    assert!(matches!(
        address(&vault, ana, KeyName::Purse(purse)).await,
        Err(VaultError::Altered)
    ));
    // The data key, too, is bound to its user.
    let ana_key = vault.vaulted(ana, "").await.unwrap().data_key;
    assert!(matches!(
        vault.data_key(bea, &ana_key).await,
        Err(VaultError::Master(MasterKeyError::Refused))
    ));
}

#[tokio::test]
async fn o60_a_flipped_bit_and_a_wrong_master_key_open_nothing() {
    let (database, _folder) = database().await;
    let vault = Vault::new(masters(&[("one", 1)]), database.clone());
    let ana = user(1);
    register(&vault, ana).await;
    let purpose = KeyName::Account.purpose();
    let secret = vault.vaulted(ana, &purpose).await.unwrap().secret.unwrap();
    for index in 0..secret.sealed.len() {
        let mut altered = secret.clone();
        altered.sealed[index] ^= 1;
        let key = vault.vaulted(ana, "").await.unwrap().data_key;
        let key = vault.data_key(ana, &key).await.unwrap();
        assert!(matches!(key.open(&altered), Err(VaultError::Altered)));
    }
    let wrong = Vault::new(masters(&[("one", 2)]), database.clone());
    assert!(matches!(
        address(&wrong, ana, KeyName::Account).await,
        Err(VaultError::Master(MasterKeyError::Refused))
    ));
    let missing = Vault::new(masters(&[("two", 1)]), database);
    assert!(matches!(
        address(&missing, ana, KeyName::Account).await,
        Err(VaultError::Master(MasterKeyError::NoSuchKey))
    ));
}

#[tokio::test]
async fn o61_after_a_rotation_the_old_master_key_opens_nothing() {
    let (database, _folder) = database().await;
    let before = Vault::new(masters(&[("old", 1)]), database.clone());
    let mut accounts = Vec::new();
    for number in 1..=205 {
        accounts.push((user(number), register(&before, user(number)).await));
    }
    let both = Vault::new(masters(&[("new", 2), ("old", 1)]), database.clone());
    assert_eq!(
        address(&both, user(1), KeyName::Account).await.unwrap(),
        accounts[0].1
    );
    assert_eq!(both.rotate_master_key(None).await.unwrap(), 205);
    assert_eq!(both.rotate_master_key(None).await.unwrap(), 0);

    let after = Vault::new(masters(&[("new", 2)]), database);
    for (user, account) in accounts {
        assert_eq!(
            address(&after, user, KeyName::Account).await.unwrap(),
            account
        );
        assert!(address(&before, user, KeyName::Account).await.is_err());
    }
}

#[tokio::test]
async fn o62_nothing_is_signed_for_who_is_frozen() {
    let (database, _folder) = database().await;
    let vault = Vault::new(masters(&[("one", 1)]), database);
    register(&vault, user(1)).await;
    let action = NewAction {
        actor: "anna".to_owned(),
        action: "user.freeze",
        subject: user(1).to_string(),
        reason: "a court order".to_owned(),
        details: serde_json::json!({}),
        request: "r1".to_owned(),
    };
    let freeze = |on| vault.database.set_frozen(user(1), on, &[], &action, now());
    assert!(freeze(true).await.unwrap());
    assert!(!freeze(true).await.unwrap(), "it is already");
    let log = vault.database.actions_before(i64::MAX, 10).await.unwrap();
    assert_eq!(
        log.len(),
        2,
        "what was asked stays, also where it changed nothing"
    );
    assert!(matches!(
        address(&vault, user(1), KeyName::Account).await,
        Err(VaultError::Frozen)
    ));
    assert!(freeze(false).await.unwrap());
    assert!(address(&vault, user(1), KeyName::Account).await.is_ok());
}

#[test]
fn master_keys_come_from_files_and_errors_do_not_tell_them() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good");
    let hex = "ab".repeat(32);
    std::fs::write(&good, format!("{hex}\n")).unwrap();
    let bad = folder.path().join("bad");
    std::fs::write(&bad, &hex[1..]).unwrap();
    let config = |file: &std::path::Path| crate::config::MasterKeySection {
        id: "one".to_owned(),
        key: crate::config::Secret::File(file.to_owned()),
    };
    let keys = LocalMasterKeys::load(&[config(&good)]).unwrap();
    assert_eq!(keys.key("one"), Some(&[0xab; 32]));
    for configured in [
        vec![],
        vec![config(&bad)],
        vec![config(&good), config(&good)],
        vec![config(&folder.path().join("none"))],
    ] {
        let Err(error) = LocalMasterKeys::load(&configured) else {
            panic!("loaded")
        };
        assert!(!format!("{error} {error:?}").contains("abab"), "{error}");
    }
}

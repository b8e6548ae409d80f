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
    let purse = vault.new_purse_key(ana, false, now()).await.unwrap();
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

/// **O137**: a server does not start with another key under the name of the one that sealed what is stored.
#[tokio::test]
async fn o137_another_key_of_the_same_name_is_told_at_the_start() {
    let (database, _folder) = database().await;
    let vault = |keys: &[(&str, u8)]| Vault::new(masters(keys), database.clone());
    vault(&[("one", 1)]).check_stored().await.unwrap();
    register(&vault(&[("one", 1)]), user(1)).await;
    register(&vault(&[("two", 2)]), user(2)).await;
    vault(&[("two", 2), ("one", 1)])
        .check_stored()
        .await
        .unwrap();
    for (keys, wrong) in [
        ([("one", 9), ("two", 2)], "one"),
        ([("one", 1), ("two", 9)], "two"),
    ] {
        let told = vault(&keys).check_stored().await.unwrap_err();
        assert!(matches!(&told, VaultError::WrongMasterKey(master) if master == wrong));
        assert!(!told.is_retryable());
        assert!(told.to_string().contains(&format!("{wrong:?}")), "{told}");
    }
    // A damaged row is one user's misfortune, as long as others open.
    let whole = database.data_keys_under("one", 1).await.unwrap();
    let (who, sealed) = whole.into_iter().next().unwrap();
    let mut damaged = sealed.clone();
    damaged.sealed[30] ^= 1;
    let done = database.rewrap_data_key(who, &sealed, &damaged).await;
    assert!(done.unwrap());
    vault(&[("one", 1), ("two", 2)])
        .check_stored()
        .await
        .unwrap_err();
    register(&vault(&[("one", 1)]), user(3)).await;
    vault(&[("one", 1), ("two", 2)])
        .check_stored()
        .await
        .unwrap();
    // A key that is not there at all locks out its users alone.
    vault(&[("one", 1)]).check_stored().await.unwrap();
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
        key: Some(crate::config::Secret::File(file.to_owned())),
        program: None,
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

mod programs {
    use std::path::Path;

    use super::*;
    use crate::config::{MasterKeySection, ProgramSection, Secret};

    fn openssl(folder: &Path, name: &str) -> MasterKeySection {
        let password = folder.join(name);
        std::fs::write(&password, format!("what {name} is")).unwrap();
        let command = |more: &str| {
            let words = format!(
                "/usr/bin/openssl enc -aes-256-cbc -pbkdf2 -iter 1000 {more} -pass file:{}",
                password.display()
            );
            words.split_whitespace().map(str::to_owned).collect()
        };
        program(name, command("-e"), command("-d"))
    }

    fn program(id: &str, seal: Vec<String>, open: Vec<String>) -> MasterKeySection {
        MasterKeySection {
            id: id.to_owned(),
            key: None,
            program: Some(ProgramSection {
                seal,
                open,
                timeout_s: 1,
                keep_s: 0,
            }),
        }
    }

    fn shell(script: &str) -> Vec<String> {
        ["/bin/sh", "-c", script].map(str::to_owned).to_vec()
    }

    fn load(keys: &[MasterKeySection]) -> MasterKeyRing {
        MasterKeyRing::load(keys).unwrap()
    }

    /// **O131**: with a real program, through a rotation from a key at hand to one that a program has, and back.
    #[tokio::test]
    async fn o131_a_programs_master_key_opens_what_it_sealed_for_whom_it_was_sealed() {
        let (database, folder) = database().await;
        let folder = folder.path();
        std::fs::write(folder.join("hand"), "ab".repeat(32)).unwrap();
        let hand = MasterKeySection {
            id: "hand".to_owned(),
            key: Some(Secret::File(folder.join("hand"))),
            program: None,
        };
        let vault = |keys: &[MasterKeySection]| Vault::new(load(keys), database.clone());
        let first = vault(std::slice::from_ref(&hand));
        let ana = register(&first, user(1)).await;
        let kms = openssl(folder, "kms");
        let both = [kms.clone(), hand.clone()];
        load(&both).check().await.unwrap();
        let second = vault(&both);
        let ben = register(&second, user(2)).await;
        for (who, account) in [(1, ana), (2, ben)] {
            let found = address(&second, user(who), KeyName::Account).await;
            assert_eq!(found.unwrap(), account);
        }
        assert_eq!(second.rotate_master_key(None).await.unwrap(), 1);
        let third = vault(std::slice::from_ref(&kms));
        assert_eq!(
            address(&third, user(1), KeyName::Account).await.unwrap(),
            ana
        );
        assert!(matches!(
            address(&first, user(1), KeyName::Account).await,
            Err(VaultError::Master(MasterKeyError::NoSuchKey))
        ));

        // One user's key in the place of another's, and one that was altered anywhere, do not open.
        let ring = load(std::slice::from_ref(&kms));
        let sealed = ring.seal(b"ana", &[7; 32]).await.unwrap();
        assert_eq!(*ring.open(b"ana", &sealed).await.unwrap(), [7; 32]);
        assert!(ring.open(b"ben", &sealed).await.is_err());
        for at in [0, 20, sealed.sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered.sealed[at] ^= 1;
            assert!(ring.open(b"ana", &altered).await.is_err(), "{at}");
        }
        let other = load(&[MasterKeySection {
            id: "kms".to_owned(),
            ..openssl(folder, "other")
        }]);
        assert!(other.open(b"ana", &sealed).await.is_err());
        // Back to the key at hand.
        let back = vault(&[hand.clone(), kms]);
        assert_eq!(back.rotate_master_key(None).await.unwrap(), 2);
        assert_eq!(
            address(&first, user(2), KeyName::Account).await.unwrap(),
            ben
        );
    }

    /// A program that hangs, fails, talks without end or gives nonsense is a clear refusal, in time.
    #[tokio::test]
    async fn a_program_that_does_not_do_it_is_told_and_holds_nobody_up() {
        let good = shell("rev");
        for (seal, retryable) in [
            (shell("sleep 60"), true),
            (shell("cat > /dev/null; exit 3"), true),
            (shell("exec yes"), true),
            (shell("cat"), false),
            (shell("true"), false),
        ] {
            let ring = load(&[program("p", seal.clone(), good.clone())]);
            let began = std::time::Instant::now();
            let error = ring.seal(b"x", &[7; 32]).await.unwrap_err();
            assert_eq!(error.is_retryable(), retryable, "{seal:?}");
            assert!(began.elapsed().as_secs() < 5, "{seal:?}");
            let told = ring.check().await.unwrap_err().to_string();
            assert!(told.contains("by hand"), "{told}");
        }
        for open in [shell("echo nonsense"), shell("cat"), shell("sleep 60")] {
            let ring = load(&[program("p", good.clone(), open.clone())]);
            let sealed = ring.seal(b"x", &[7; 32]).await.unwrap();
            assert!(ring.open(b"x", &sealed).await.is_err(), "{open:?}");
            assert!(ring.check().await.is_err(), "{open:?}");
        }
    }

    #[tokio::test]
    async fn what_was_opened_is_kept_for_its_time_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let open = shell(&format!("echo x >> {}; rev", count.display()));
        let mut section = program("p", shell("rev"), open);
        section.program.as_mut().unwrap().keep_s = 1;
        let ring = load(&[section]);
        let sealed = ring.seal(b"x", &[7; 32]).await.unwrap();
        let runs = || std::fs::read_to_string(&count).unwrap_or_default().len() / 2;
        for _ in 0..5 {
            ring.open(b"x", &sealed).await.unwrap();
        }
        assert_eq!(runs(), 0, "it was sealed just now");
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for _ in 0..5 {
            ring.open(b"x", &sealed).await.unwrap();
        }
        assert_eq!(runs(), 1);
    }

    #[test]
    fn a_program_that_cannot_be_is_refused_at_the_start() {
        let said = |keys: &[MasterKeySection]| match MasterKeyRing::load(keys) {
            Ok(_) => panic!("loaded"),
            Err(error) => error.to_string(),
        };
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let good = words(&["/bin/cat"]);
        let refused = |seal: &[&str]| said(&[program("p", words(seal), good.clone())]);
        assert!(refused(&[]).contains("names no program"));
        assert!(refused(&["cat"]).contains("whole path"));
        assert!(refused(&["/no/such/program"]).contains("/no/such/program"));
        assert!(refused(&["/etc/passwd"]).contains("/etc/passwd"));
        let mut both = program("p", good.clone(), good.clone());
        both.key = Some("ab".into());
        assert!(said(&[both]).contains("either"));
        let twice = program("p", good.clone(), good);
        assert!(said(&[twice.clone(), twice]).contains("an id of its own"));
    }
}

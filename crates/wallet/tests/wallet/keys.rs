//! The lock, and the keys behind it.

use alloy_primitives::{B256, Bytes, eip191_hash_message};
use offpay_protocol::Seconds;
use offpay_store::testing::MemoryStorage;
use offpay_wallet::{
    Wallet,
    keys::{KdfCost, KeyError, LockedError, PasskeySecret, Password},
    messages::Message,
    records::PurseTerms,
    sign_in::Site,
    wallet::{NewIdentity, UnlockError},
};

use crate::{refusals_to_accept::assert_plain, world::*};

#[test]
fn it_locks_itself_when_nobody_uses_it() {
    let mut wallet = payer();
    let mut settings = *wallet.state().settings();
    settings.idle_limit = Seconds::new(300).unwrap();
    wallet.change_settings(settings, at(NOW)).unwrap();
    wallet.lock();
    wallet.unlock(&Password::new(PIN), at(NOW)).unwrap();
    assert!(wallet.is_unlocked(at(NOW + 299)));
    // Using it counts anew.
    wallet.owner_key(at(NOW + 299)).unwrap();
    assert!(wallet.is_unlocked(at(NOW + 598)));
    let refusal = wallet
        .prepare_purse(terms(1), &entropy(), at(NOW + 599))
        .unwrap_err();
    assert_eq!(refusal.code(), "wallet_locked_idle");
    assert_plain(&refusal.message(&deployment().token));
    // And it stays locked, even if the clock is put back.
    assert!(!wallet.is_unlocked(at(NOW)));
    let refusal = wallet
        .prepare_purse(terms(1), &entropy(), at(NOW))
        .unwrap_err();
    assert_eq!(refusal.code(), "wallet_locked");
}

#[test]
fn a_wrong_pin_opens_nothing() {
    let mut wallet = payer();
    wallet.lock();
    assert_eq!(
        wallet.unlock(&Password::new("1111"), at(NOW)),
        Err(KeyError::WrongPassword)
    );
    assert!(!wallet.is_unlocked(at(NOW)));
}

#[test]
fn another_pin() {
    let storage = MemoryStorage::new();
    let mut wallet = wallet_on(storage.clone(), 1);
    let cost = KdfCost::FOR_TESTS;
    let (old, new) = (Password::new(PIN), Password::new("correct horse"));
    let wrong = Password::new("9999");
    assert!(
        wallet
            .change_password(&wrong, &new, cost, &entropy(), at(NOW))
            .is_err()
    );
    let short = Password::new("1");
    let refusal = wallet
        .change_password(&old, &short, cost, &entropy(), at(NOW))
        .unwrap_err();
    assert_eq!(refusal.code(), "password_too_short");
    wallet
        .change_password(&old, &new, cost, &entropy(), at(NOW))
        .unwrap();
    let mut again = Wallet::open(storage).unwrap();
    assert!(again.unlock(&old, at(NOW)).is_err());
    again.unlock(&new, at(NOW)).unwrap();
    assert_eq!(
        again.owner_key(at(NOW)).unwrap().address(),
        key(1).address()
    );
}

#[test]
fn nothing_secret_is_stored_in_the_clear() {
    let storage = MemoryStorage::new();
    let mut wallet = wallet_on(storage.clone(), 1);
    open_purse(&mut wallet, 100, NOW);
    let stored = serde_json::to_string(&storage.records()).unwrap();
    let secret = alloy_primitives::hex::encode(key(1).expose_secret());
    assert!(!stored.contains(&secret));
    assert!(!stored.contains(PIN));
    assert!(!format!("{wallet:?}").contains(&secret));
}

#[test]
fn device_keys_are_made_from_entropy_one_per_purse() {
    let mut wallet = wallet(1);
    let terms = PurseTerms {
        circle: market(),
        ..terms(10)
    };
    let one = wallet.prepare_purse(terms, &entropy(), at(NOW)).unwrap();
    let other = wallet.prepare_purse(terms, &entropy(), at(NOW)).unwrap();
    assert_ne!(one.key, other.key);
    assert_ne!(one.key.address(), key(1).address());
    // The same account on another device, with other entropy, has other keys.
    let mut elsewhere = crate::world::wallet(1);
    let third = elsewhere.prepare_purse(terms, &entropy(), at(NOW)).unwrap();
    assert!(third.key != one.key && third.key != other.key);
    // And the very same entropy again is refused: a key is used for one purse.
    let repeated = || offpay_wallet::Entropy::new([0x77; 32]);
    wallet.prepare_purse(terms, &repeated(), at(NOW)).unwrap();
    assert!(wallet.prepare_purse(terms, &repeated(), at(NOW)).is_err());
}

#[test]
fn a_stolen_record_opens_no_other_purse() {
    // Two sealed keys that changed places are noticed: each is sealed for its own address.
    let storage = MemoryStorage::new();
    let mut wallet = wallet_on(storage.clone(), 1);
    let one = open_purse(&mut wallet, 100, NOW);
    let other = open_purse(&mut wallet, 100, NOW);
    let mut records = storage.records();
    let sealed = records.purses[&other].sealed.clone();
    records.purses.get_mut(&one).unwrap().sealed = sealed;
    let mut altered = Wallet::open(MemoryStorage::image(records)).unwrap();
    altered.unlock(&Password::new(PIN), at(NOW)).unwrap();
    let refusal = altered.purse_opening(one, at(NOW)).unwrap_err();
    assert_eq!(refusal.code(), "secret_altered");
    altered.purse_opening(other, at(NOW)).unwrap();
}

#[test]
fn the_owner_key_can_be_elsewhere() {
    let mut wallet = wallet_of(NewIdentity::OwnerElsewhere(key(1).address().into()));
    assert!(matches!(
        wallet.owner_key(at(NOW)),
        Err(UnlockError::NoOwnerKey)
    ));
    // Purses have keys of their own.
    open_purse(&mut wallet, 100, NOW);
    let refusal = wallet.ask(&ask_for(5), &entropy(), at(NOW)).unwrap_err();
    assert_eq!(refusal.code(), "no_request_key");
    assert_plain(&refusal.message(&deployment().token));
}

#[test]
fn locked_wallets_are_told_apart() {
    let token = deployment().token;
    assert_plain(&LockedError::Locked.message(&token));
    for error in [
        KeyError::PhraseLength(3),
        KeyError::UnknownWord { position: 2 },
        KeyError::PhraseChecksum,
        KeyError::WrongPassword,
        KeyError::PasswordTooShort { least: 4 },
        KeyError::NotAKeystore,
        KeyError::Altered,
    ] {
        assert_plain(&error.message(&token));
    }
}

fn passkey(output: u8) -> PasskeySecret {
    PasskeySecret::new([output; 32].into())
}

#[test]
fn a_passkey_opens_what_the_pin_opens() {
    let storage = MemoryStorage::new();
    let mut wallet = wallet_on(storage.clone(), 1);
    let owner = wallet.owner_key(at(NOW)).unwrap().address();
    let (pin, credential) = (Password::new(PIN), Bytes::from_static(b"phone"));
    let salt = B256::repeat_byte(7);
    // Whoever finds the wallet open does not stay in it.
    let refusal = wallet
        .add_passkey(
            &Password::new("9999"),
            credential.clone(),
            salt,
            &passkey(3),
            &entropy(),
            at(NOW),
        )
        .unwrap_err();
    assert_eq!(refusal.code(), "wrong_password");
    wallet
        .add_passkey(
            &pin,
            credential.clone(),
            salt,
            &passkey(3),
            &entropy(),
            at(NOW),
        )
        .unwrap();

    let mut again = Wallet::open(storage.clone()).unwrap();
    let known = again.state().profile().vault.passkeys().to_vec();
    assert_eq!(known.len(), 1);
    assert_eq!((&known[0].credential, known[0].salt), (&credential, salt));
    assert_eq!(
        again.unlock_with_passkey(&credential, &passkey(4), at(NOW)),
        Err(KeyError::WrongPasskey)
    );
    assert_eq!(
        again.unlock_with_passkey(b"other", &passkey(3), at(NOW)),
        Err(KeyError::WrongPasskey)
    );
    again
        .unlock_with_passkey(&credential, &passkey(3), at(NOW))
        .unwrap();
    assert_eq!(again.owner_key(at(NOW)).unwrap().address(), owner);

    // Another PIN leaves it; forgetting it leaves the PIN.
    let new = Password::new("correct horse");
    again
        .change_password(&pin, &new, KdfCost::FOR_TESTS, &entropy(), at(NOW))
        .unwrap();
    again.lock();
    again
        .unlock_with_passkey(&credential, &passkey(3), at(NOW))
        .unwrap();
    again.forget_passkey(&credential, at(NOW)).unwrap();
    again.lock();
    assert_eq!(
        again.unlock_with_passkey(&credential, &passkey(3), at(NOW)),
        Err(KeyError::WrongPasskey)
    );
    again.unlock(&new, at(NOW)).unwrap();
}

#[test]
fn a_passkey_is_replaced_and_there_are_not_too_many() {
    let mut wallet = payer();
    let pin = Password::new(PIN);
    let mut add = |credential: u8, output: u8| {
        let id = Bytes::copy_from_slice(&[credential]);
        wallet
            .add_passkey(&pin, id, B256::ZERO, &passkey(output), &entropy(), at(NOW))
            .map_err(|error| error.code())
    };
    for credential in 0..8 {
        add(credential, 1).unwrap();
    }
    add(0, 2).unwrap();
    assert_eq!(add(8, 1), Err("too_many_passkeys"));
    wallet.lock();
    assert!(
        wallet
            .unlock_with_passkey(&[0], &passkey(1), at(NOW))
            .is_err()
    );
    wallet
        .unlock_with_passkey(&[0], &passkey(2), at(NOW))
        .unwrap();
}

#[test]
fn it_signs_in_to_its_operator_and_to_no_other_site() {
    let mut wallet = payer();
    let site = Site {
        domain: "pay.example".into(),
        uri: "https://pay.example".into(),
        nonce: "abcdefgh12345678".into(),
    };
    let signed = wallet.sign_in(&site, at(NOW)).unwrap();
    let account = wallet.state().account();
    let expected = format!(
        "pay.example wants you to sign in with your Ethereum account:\n{account}\n\nSign in to OffPay.\n\n\
         URI: https://pay.example\nVersion: 1\nChain ID: {}\nNonce: abcdefgh12345678\nIssued At: ",
        deployment().domain.chain_id(),
    );
    assert!(signed.message.starts_with(&expected), "{}", signed.message);
    let digest = eip191_hash_message(&signed.message);
    assert_eq!(signed.signature.recover(digest).unwrap(), account.address());
    // A site that could write lines of its own into the message.
    for broken in ["pay.example\nURI: https://evil.example", "", "pay example"] {
        let site = Site {
            domain: broken.into(),
            ..site.clone()
        };
        assert_eq!(
            wallet.sign_in(&site, at(NOW)).unwrap_err().code(),
            "site_malformed"
        );
    }
    let elsewhere = Site {
        uri: "https://evil.example".into(),
        ..site.clone()
    };
    assert_eq!(
        wallet.sign_in(&elsewhere, at(NOW)).unwrap_err().code(),
        "site_malformed"
    );
    wallet.lock();
    assert_eq!(
        wallet.sign_in(&site, at(NOW)).unwrap_err().code(),
        "wallet_locked"
    );
}

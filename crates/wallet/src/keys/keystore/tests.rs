use alloy_primitives::b256;

use super::*;

const SECRET: alloy_primitives::B256 =
    b256!("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");

fn key() -> SigningKey {
    SigningKey::from_bytes(&SECRET.0).unwrap()
}

/// The first vector of the "Web3 Secret Storage Definition".
#[test]
fn the_published_pbkdf2_vector() {
    let json = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
        "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
    let read = import_keystore(json, &Password::new("testpassword")).unwrap();
    assert_eq!(read.expose_secret(), &SECRET.0);
}

/// Files go both ways between this crate and `eth-keystore`, which Foundry and alloy use.
#[test]
fn keystores_of_other_wallets() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = rand08::thread_rng();
    let password = "correct horse";
    eth_keystore::encrypt_key(folder.path(), &mut rng, SECRET, password, Some("theirs")).unwrap();
    let theirs = std::fs::read_to_string(folder.path().join("theirs")).unwrap();
    let read = import_keystore(&theirs, &Password::new(password)).unwrap();
    assert_eq!(read.expose_secret(), &SECRET.0);

    let ours =
        export_with_work(&key(), &Password::new(password), &Entropy::new([4; 32]), 10).unwrap();
    let path = folder.path().join("ours");
    std::fs::write(&path, ours).unwrap();
    assert_eq!(
        eth_keystore::decrypt_key(&path, password).unwrap(),
        SECRET.0
    );
}

/// The second vector of that page has `N` = 2^18 with `r` = 1, which RFC 7914 rules out: `N` is below 2^(16 r). No
/// wallet writes such files.
#[test]
fn scrypt_parameters_that_the_rfc_rules_out() {
    let kdf = Kdf::Scrypt {
        dklen: 32,
        n: 1 << 18,
        r: 1,
        p: 8,
        salt: vec![1; 32],
    };
    assert_eq!(
        kdf.derive(&Password::new("testpassword")).unwrap_err(),
        KeyError::Cost
    );
}

#[test]
fn what_goes_out_comes_in_again() {
    let password = Password::new("correct horse");
    let json = export_with_work(&key(), &password, &Entropy::new([4; 32]), 4).unwrap();
    assert_eq!(
        import_keystore(&json, &password).unwrap().expose_secret(),
        key().expose_secret()
    );
    assert_eq!(
        import_keystore(&json, &Password::new("wrong horse")).unwrap_err(),
        KeyError::WrongPassword
    );
    let elsewhere = json.replace(&hex::encode(key().address()), &"00".repeat(20));
    assert_eq!(
        import_keystore(&elsewhere, &password).unwrap_err(),
        KeyError::Altered
    );
}

#[test]
fn a_hostile_file_is_refused() {
    let password = Password::new("correct horse");
    let json = export_with_work(&key(), &password, &Entropy::new([4; 32]), 4).unwrap();
    let refused =
        |from: &str, to: &str| import_keystore(&json.replace(from, to), &password).unwrap_err();
    assert_eq!(refused("\"n\":16", "\"n\":1073741824"), KeyError::Cost);
    assert_eq!(refused("\"n\":16", "\"n\":0"), KeyError::Cost);
    assert_eq!(refused("\"r\":8", "\"r\":4294967295"), KeyError::Cost);
    assert_eq!(
        refused("\"dklen\":32", "\"dklen\":16"),
        KeyError::UnsupportedKeystore
    );
    assert_eq!(
        refused("aes-128-ctr", "aes-256-ctr"),
        KeyError::UnsupportedKeystore
    );
    assert_eq!(
        refused("\"version\":3", "\"version\":1"),
        KeyError::NotAKeystore
    );
    assert!(import_keystore("{}", &password).is_err());
}

//! Configuration: errors name the place, the environment goes first, secrets are never shown.

use std::{fs, path::PathBuf};

use offpay_server::{Config, config::Secret};
use tempfile::TempDir;

const KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offpay.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_environment_goes_before_the_file() {
    let (_folder, path) = file("[http]\nlisten = \"127.0.0.1:1\"\nbody_limit = 5000\n");
    let environment = variables(&[
        ("OFFPAY_HTTP__LISTEN", "0.0.0.0:9"),
        ("OFFPAY_HTTP__CORS_ORIGINS", "[\"https://shop.example\"]"),
        ("OFFPAY_KEYS__GAS__FILE", "/run/secrets/gas"),
        ("OFFPAY_KEYS__OPERATOR", KEY),
        ("OFFPAY_RPC_URL", "is the command line's own"),
        ("HOME", "/"),
    ]);
    let config = Config::load_with(Some(&path), environment).unwrap();
    assert_eq!(config.http.listen.to_string(), "0.0.0.0:9");
    assert_eq!(config.http.body_limit, 5000);
    assert_eq!(config.http.cors_origins, ["https://shop.example"]);
    assert!(matches!(config.keys.gas, Some(Secret::File(_))));
    assert_eq!(*config.keys.operator.unwrap().read().unwrap(), KEY);
}

#[test]
fn errors_name_the_place() {
    for (text, line, says) in [
        ("[http]\nlisten = 5\n", 2, "socket address"),
        ("[http]\n\nport = 5\n", 3, "unknown field `port`"),
        ("[nothing]\n", 1, "unknown field `nothing`"),
        ("[http\n", 1, ""),
    ] {
        let (_folder, path) = file(text);
        let error = Config::load_with(Some(&path), []).unwrap_err().to_string();
        assert!(error.contains(&format!("line {line}: ")), "{error}");
        assert!(error.contains(says), "{error}");
    }
    let missing = Config::load_with(Some("/no/such/file".as_ref()), []).unwrap_err();
    assert!(missing.to_string().contains("/no/such/file"));
    for (variable, value, says) in [
        ("OFFPAY_HTTP__BODY_LIMIT", "many", "usize"),
        ("OFFPAY_HTTP__NOTHING", "1", "unknown field `nothing`"),
        ("OFFPAY_NOTHING__LISTEN", "1", "unknown field `nothing`"),
    ] {
        let error = Config::load_with(None, variables(&[(variable, value)]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(variable), "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let (_folder, path) = file(
        "[http]\nrequest_timeout = 0\npublic_url = \"pay.example\"\ncors_origins = [\"shop\"]\n\
         [database]\nurl = \"mysql://x\"\n[chain]\nnodes = []\ndeployment = \"/no/such/file\"\n\
         [keys]\ncircle = \"no key\"\n[log]\nfilter = \"a=b=c\"\n",
    );
    let config = Config::load_with(Some(&path), []).unwrap();
    let wrong: Vec<_> = config.invalid().iter().map(|wrong| wrong.setting).collect();
    for setting in [
        "http.request_timeout",
        "http.public_url",
        "http.cors_origins",
        "database.url",
        "chain.nodes",
        "chain.deployment",
        "keys.operator",
        "keys.gas",
        "keys.circle",
        "log.filter",
    ] {
        assert!(wrong.contains(&setting), "{setting} is not among {wrong:?}");
    }
}

#[test]
fn secrets_are_in_no_error_and_in_no_debug_text() {
    let secret = "hunter2hunter2";
    for text in [
        format!("[keys]\noperator = \"{secret}\"\n"),
        format!("[keys]\noperator = {{ text = \"{secret}\" }}\n"),
        format!("[keys]\noperator = [\"{secret}\"]\n"),
        format!("[keys]\noperator = \"{secret}\n"),
        format!("[database]\nurl = \"postgres://me:{secret}@host/db\"\nnothing = 1\n"),
        format!("[database]\nurl = \"oracle://me:{secret}@host/db\"\n"),
        format!("[chain]\nnodes = [\"ws://node/{secret}\"]\n"),
        "[keys]\noperator = 48151623421234567\n".to_owned(),
    ] {
        let (_folder, path) = file(&text);
        let told = match Config::load_with(Some(&path), []) {
            Err(error) => format!("{error} {error:?}"),
            Ok(config) => format!("{config:?} {:?}", config.invalid()),
        };
        assert!(!told.contains(secret), "{told}");
        assert!(!told.contains("48151623421234567"), "{told}");
    }
    let environment = variables(&[("OFFPAY_DATABASE__URL__TEXT", secret)]);
    let error = Config::load_with(None, environment).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret));
}

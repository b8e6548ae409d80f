//! Every secret that a test used, and everything that was logged while it did: for who looks for the one in the other
//! (`scripts/secrets-in-logs`).

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use offpay_operator::UserId;
use serde_json::Value;

use crate::{App, vault::KeyName};

/// Names the folder to write to. Without it nothing is noted, and nothing logged.
const VARIABLE: &str = "OFFPAY_TEST_LOG";
/// What the API calls its secrets.
const FIELDS: [&str; 6] = [
    "password",
    "new_password",
    "token",
    "secret",
    "recovery_codes",
    "phrase",
];
/// Shorter ones (a second factor's six digits) are in every log by chance.
const SHORTEST: usize = 8;

struct Notes {
    file: File,
    log: PathBuf,
    known: BTreeSet<String>,
}

/// Where secrets are noted, if they are to be; begins to log everything.
fn notes() -> Option<&'static Mutex<Notes>> {
    static NOTES: OnceLock<Option<Mutex<Notes>>> = OnceLock::new();
    NOTES.get_or_init(begin).as_ref()
}

fn begin() -> Option<Mutex<Notes>> {
    let folder = PathBuf::from(std::env::var_os(VARIABLE)?);
    let name = std::process::id().to_string();
    let path = |ending: &str| folder.join(format!("{name}.{ending}"));
    let open = |ending: &str| {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path(ending))
    };
    let log = open("log").ok()?;
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .try_init();
    Some(Mutex::new(Notes {
        file: open("secrets").ok()?,
        log: path("log"),
        known: BTreeSet::new(),
    }))
}

/// All that was logged up to now; `None` where nothing is collected.
pub fn logged() -> Option<String> {
    let path = notes()?
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .log
        .clone();
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Notes a secret.
pub fn note(secret: &str) {
    let secret = secret.trim();
    // The token that is money has an address for a name, which is none.
    let is_secret = secret.len() >= SHORTEST && !secret.starts_with("0x");
    let Some(notes) = notes().filter(|_| is_secret) else {
        return;
    };
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if notes.known.insert(secret.to_owned()) {
        // One that is not noted is not looked for: the count would show it.
        let _ = writeln!(notes.file, "{secret}");
    }
}

/// Notes what the files in a folder hold that are named as keys.
pub(super) fn note_keys(folder: &Path) {
    let Some(files) = notes().and_then(|_| folder.read_dir().ok()) else {
        return;
    };
    for path in files.flatten().map(|file| file.path()) {
        if path.extension().is_some_and(|ending| ending == "key")
            && let Ok(text) = std::fs::read_to_string(path)
        {
            note(&text);
        }
    }
}

/// Notes what stands in fields that are named as secrets, at whatever depth.
pub(super) fn note_fields(json: &Value) {
    if notes().is_none() {
        return;
    }
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                if FIELDS.contains(&name.as_str()) {
                    note_texts(value);
                }
                note_fields(value);
            }
        }
        Value::Array(values) => values.iter().for_each(note_fields),
        _ => {}
    }
}

fn note_texts(value: &Value) {
    match value {
        Value::String(text) => note(text),
        Value::Array(values) => values.iter().for_each(note_texts),
        _ => {}
    }
}

/// Notes the key of an account that was just made.
pub(super) async fn note_account(app: &App, user: &Value) {
    let user: Option<UserId> = user.as_str().and_then(|user| user.parse().ok());
    if let (Some(user), Some(_)) = (user, notes()) {
        let hex =
            |key: &offpay_protocol::SigningKey| alloy_primitives::hex::encode(key.expose_secret());
        if let Ok(key) = app.vault.sign_with(user, KeyName::Account, hex).await {
            note(&key);
        }
    }
}

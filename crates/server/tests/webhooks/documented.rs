//! The programs of docs/webhooks.md are run, with a delivery of this server.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    receiver::{Call, Receiver},
    support::{happen, hook, register, start},
};

/// The program of a language in the page.
fn program(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md");
    let text = std::fs::read_to_string(page).unwrap();
    let begin = format!("```{language}\n");
    let (_, rest) = text.split_once(&begin).expect("the page has the program");
    rest.split_once("```").unwrap().0.to_owned()
}

/// Runs it with the delivery as its input; whether it takes it.
fn takes(command: &str, file: &Path, secret: &str, call: &Call) -> bool {
    let mut child = Command::new(command)
        .arg(file)
        .env("WEBHOOK_SECRET", secret)
        .env("WEBHOOK_ID", &call.id)
        .env("WEBHOOK_TIMESTAMP", &call.timestamp)
        .env("WEBHOOK_SIGNATURE", &call.signature)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command} is needed: {error}"));
    child.stdin.take().unwrap().write_all(&call.body).unwrap();
    child.wait().unwrap().success()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_take_what_is_ours_and_nothing_else() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..1).await;
    let call = receiver.called(1).await.pop().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (language, command, name) in [
        ("js", "node", "verify.mjs"),
        ("python", "python3", "verify.py"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, program(language)).unwrap();
        assert!(takes(command, &file, &hook.secret, &call), "{language}");
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert!(!takes(command, &file, other, &call), "{language}");
        let mut altered = call.clone();
        altered.body[10] ^= 1;
        assert!(!takes(command, &file, &hook.secret, &altered), "{language}");
        let mut renamed = call.clone();
        renamed.id.push('0');
        assert!(!takes(command, &file, &hook.secret, &renamed), "{language}");
        let mut old = call.clone();
        old.timestamp = "1700000000".to_owned();
        assert!(!takes(command, &file, &hook.secret, &old), "{language}");
    }
}

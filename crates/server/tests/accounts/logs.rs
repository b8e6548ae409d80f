use std::{
    io,
    sync::{Arc, Mutex},
};

use offpay_operator::UserId;
use offpay_server::{
    testing::{TestServer, secrets},
    vault::KeyName,
};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{PASSWORD, pass, register, sign_in, text};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything is logged, at the lowest level, of this program and of all that it uses; and no secret is in it.
#[tokio::test(flavor = "multi_thread")]
async fn o72_no_secret_is_in_a_log_an_error_or_a_debug_text() {
    let log = Log::default();
    // Where all tests' log is collected, it is looked for in that.
    if secrets::logged().is_none() {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(log.clone())
            .with_ansi(false)
            .init();
    }
    let server = TestServer::start().await.unwrap();
    let ana = register(&server, "ana").await;
    let mut used = vec![PASSWORD.to_owned(), ana.token.clone()];
    for code in ana.answer["recovery_codes"].as_array().unwrap() {
        used.push(text(code).to_owned());
    }
    let wrong = "a wrong password in the log";
    used.push(wrong.to_owned());
    let mut answers = vec![sign_in(&server, "ana", wrong).await];
    used.push(text(&sign_in(&server, "ana", PASSWORD).await.body["token"]).to_owned());
    let soon = server.app().now().get() + 60;
    let token = Some(ana.token.as_str());
    let given = server
        .post(
            "/v1/access-tokens",
            token,
            &json!({ "name": "x", "scopes": ["read"], "expires_at": soon }),
        )
        .await
        .unwrap();
    used.push(text(&given.body["token"]).to_owned());
    let factor = server
        .post("/v1/me/second-factor", token, &json!({}))
        .await
        .unwrap();
    used.push(text(&factor.body["secret"]).to_owned());
    let begun = server
        .post(
            "/v1/recoveries",
            None,
            &json!({ "handle": "ana", "code": ana.answer["recovery_codes"][0] }),
        )
        .await
        .unwrap();
    let recovery = text(&begun.body["token"]).to_owned();
    pass(&server, 49 * 3_600);
    let new = "another staple tonight";
    let done = server
        .post(
            "/v1/recoveries/completion",
            None,
            &json!({ "token": recovery, "password": new }),
        )
        .await
        .unwrap();
    used.extend([
        recovery,
        new.to_owned(),
        text(&done.body["token"]).to_owned(),
    ]);
    // A body that is wrong, with a password in it.
    let odd = json!({ "handle": "ana", "password": [wrong], "more": wrong });
    let odd = server.post("/v1/sessions", None, &odd).await.unwrap();
    assert_eq!(odd.code(), "invalid_request");
    answers.push(odd);

    let user: UserId = text(&ana.answer["user"]).parse().unwrap();
    let (key, debug) = server
        .app()
        .vault
        .sign_with(user, KeyName::Account, |key| {
            (
                data_encoding::HEXLOWER.encode(key.expose_secret()),
                format!("{key:?}"),
            )
        })
        .await
        .unwrap();
    assert!(!debug.contains(&key));
    used.push(key);
    let master = server.folder.path().join("vault.key");
    used.push(std::fs::read_to_string(master).unwrap());

    let config = format!("{:?}", server.app().config);
    let own = || String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let log = secrets::logged().unwrap_or_else(own);
    assert!(
        log.contains("/v1/recoveries/completion"),
        "requests are logged"
    );
    for secret in used {
        assert!(!log.contains(&secret), "in the log: {secret}");
        assert!(!config.contains(&secret), "in the configuration: {secret}");
        for answer in &answers {
            assert!(!answer.text.contains(&secret), "in an error: {secret}");
        }
    }
}

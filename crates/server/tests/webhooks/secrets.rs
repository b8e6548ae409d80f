//! What deliveries are signed with.

use serde_json::json;

use crate::{
    receiver::Receiver,
    support::{happen, hook, pass, register, start},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_old_secret_counts_for_the_overlap() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &["payment.*"]).await;
    let rotate = async |body: serde_json::Value| {
        let answer = server
            .post(&hook.path("/secret"), Some(&ana.token), &body)
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        answer.body
    };
    let first = hook.secret.clone();
    let answer = rotate(json!({ "overlap_s": 3_600 })).await;
    let second = answer["secret"].as_str().unwrap().to_owned();
    let until = answer["webhook"]["old_secrets_until"].as_u64().unwrap();
    assert!(until.abs_diff(server.app().now().get() + 3_600) < 60);
    happen(&server, &ana, 0..1).await;
    let call = receiver.called(1).await[0].clone();
    assert!(call.is_signed_with(&first) && call.is_signed_with(&second));

    pass(&server, 3_600);
    happen(&server, &ana, 1..2).await;
    let call = receiver.called(2).await[1].clone();
    assert!(!call.is_signed_with(&first) && call.is_signed_with(&second));

    let answer = rotate(json!({ "overlap_s": 0 })).await;
    assert!(answer["webhook"]["old_secrets_until"].is_null());
    let third = answer["secret"].as_str().unwrap();
    happen(&server, &ana, 2..3).await;
    let call = receiver.called(3).await[2].clone();
    assert!(!call.is_signed_with(&second) && call.is_signed_with(third));

    let refused = server
        .post(
            &hook.path("/secret"),
            Some(&ana.token),
            &json!({ "overlap_s": 604_801 }),
        )
        .await
        .unwrap();
    assert_eq!(refused.code(), "invalid_request");
}

/// Neither the database nor any answer but the first has the secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_sealed() {
    let mut server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    let secret = data_encoding::BASE64
        .decode(hook.secret.strip_prefix("whsec_").unwrap().as_bytes())
        .unwrap();
    assert_eq!(secret.len(), 32);
    for path in [
        "/v1/webhooks".to_owned(),
        hook.path(""),
        "/v1/me/export".to_owned(),
    ] {
        let answer = server.get(&path, Some(&ana.token)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains(&hook.id));
        assert!(!answer.text.contains("whsec_"));
    }
    server.stop().await;
    let mut seen = 0;
    for file in std::fs::read_dir(server.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("offpay.db") {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(32).any(|window| window == secret), "{name}");
            let text = hook.secret.as_bytes();
            assert!(
                !bytes.windows(text.len()).any(|window| window == text),
                "{name}"
            );
            let id = hook.id.as_bytes();
            seen += usize::from(bytes.windows(id.len()).any(|window| window == id));
        }
    }
    assert!(seen > 0, "the right file was looked at");
}

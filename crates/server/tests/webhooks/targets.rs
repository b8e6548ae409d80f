//! Where webhooks may be: not where this server can reach what its users cannot.

use serde_json::json;

use crate::{
    receiver::Receiver,
    support::{happen, hook, register, start, start_with},
};

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_url_that_is_refused() {
    let server = start_with(|config| config.webhooks.trusted_hosts = Vec::new()).await;
    let ana = register(&server, "ana").await;
    for url in [
        "",
        "nonsense",
        "ftp://shop.example/",
        "http://shop.example/",
        "https://user:password@shop.example/",
        "https://shop.example/#fragment",
        "https://shop.example:22/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://169.254.169.254/latest/meta-data/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fc00::1]/",
        "https://[fe80::1]/",
        "https://[ff02::1]/",
    ] {
        let answer = server
            .post("/v1/webhooks", Some(&ana.token), &json!({ "url": url }))
            .await
            .unwrap();
        assert_eq!(answer.code(), "webhook_url_refused", "{url}");
    }
    let public = hook(&server, &ana, "https://shop.example/hook", &[]).await;
    let change = json!({ "url": "https://10.0.0.1/" });
    let refused = public.change(&server, &ana, change).await;
    assert_eq!(refused.code(), "webhook_url_refused");
}

/// The URL says nothing of the address: what the name resolves to does.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_an_address_inside_is_not_called() {
    let mut server = start_with(|config| {
        config.webhooks.trusted_hosts = Vec::new();
        config.webhooks.allow_http = true;
    })
    .await;
    let receiver = Receiver::start().await;
    server.local.config.webhooks.trusted_hosts = Vec::new();
    server.local.config.webhooks.allow_http = true;
    server.local.config.webhooks.ports = vec![receiver.port()];
    server.start_again().await.unwrap();
    let ana = register(&server, "ana").await;
    let url = format!("http://localhost:{}/", receiver.port());
    let inside = hook(&server, &ana, &url, &[]).await;
    happen(&server, &ana, 0..1).await;
    inside.is(&server, &ana, "failing").await;
    let noted = inside.deliveries(&server, &ana).await[0].clone();
    assert_eq!(noted["failure"], "forbidden_address");
    assert!(receiver.calls().is_empty());

    let nowhere = format!("http://nowhere.invalid:{}/", receiver.port());
    let nowhere = hook(&server, &ana, &nowhere, &["payment.*"]).await;
    happen(&server, &ana, 1..2).await;
    nowhere.is(&server, &ana, "failing").await;
    let noted = nowhere.deliveries(&server, &ana).await[0].clone();
    assert_eq!(noted["failure"], "unresolved");
}

/// What was trusted when the webhook was made may not be any more.
#[tokio::test(flavor = "multi_thread")]
async fn each_call_is_checked_anew() {
    let mut server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    server.local.config.webhooks.trusted_hosts = Vec::new();
    server.start_again().await.unwrap();
    happen(&server, &ana, 0..1).await;
    hook.is(&server, &ana, "failing").await;
    let noted = hook.deliveries(&server, &ana).await[0].clone();
    assert_eq!(noted["failure"], "forbidden_url");
    assert!(receiver.calls().is_empty());
}

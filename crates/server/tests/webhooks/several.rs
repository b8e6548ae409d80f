//! Restarts, and several servers on one database.

use offpay_operator::{
    storage::webhooks::DeliveryStorage as _,
    webhook::{Claim, WebhookId},
};
use offpay_protocol::Seconds;
use offpay_server::{start as start_server, testing::eventually};
use offpay_store::testing::Engine;
use uuid::Uuid;

use crate::{
    receiver::{Call, Manner, Receiver},
    support::{happen, hook, pass, register, start, start_on},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_loses_nothing() {
    let mut server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    receiver.is(Manner::Slow(std::time::Duration::from_millis(100)));
    happen(&server, &ana, 0..30).await;
    receiver.called(5).await;
    server.start_again().await.unwrap();
    receiver.called(12).await;
    receiver.is(Manner::Answers(500));
    hook.is(&server, &ana, "failing").await;
    server.start_again().await.unwrap();
    receiver.is(Manner::Answers(200));
    pass(&server, 3_600);
    eventually("all are delivered", || async {
        let deliveries = hook.deliveries(&server, &ana).await;
        let done = deliveries.iter().all(|one| one["state"] == "delivered");
        (deliveries.len() == 30 && done).then_some(())
    })
    .await;
    // At least once, and what comes twice can be told by its name.
    let mut seen = Vec::new();
    for call in receiver.calls() {
        if !seen.contains(&(call.id.clone(), call.number())) {
            seen.push((call.id.clone(), call.number()));
        }
    }
    let numbers: Vec<_> = seen.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, (0..30).collect::<Vec<_>>());
}

/// Two servers share the work: in order, and nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_do_not_deliver_the_same() {
    let server = start_on(Engine::Postgres, |_| {}).await;
    let second = start_server(server.local.config.clone()).await.unwrap();
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let mut hooks = Vec::new();
    for _ in 0..4 {
        hooks.push(hook(&server, &ana, &receiver.url(), &["payment.*"]).await);
    }
    for number in 0..15 {
        happen(&server, &ana, number..number + 1).await;
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    receiver.called(60).await;
    eventually("all are noted", || async {
        for hook in &hooks {
            let deliveries = hook.deliveries(&server, &ana).await;
            if deliveries.len() != 15 || deliveries.iter().any(|one| one["state"] != "delivered") {
                return None;
            }
        }
        Some(())
    })
    .await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 60, "nothing twice");
    for hook in &hooks {
        let numbers: Vec<_> = calls
            .iter()
            .filter(|call| call.is_signed_with(&hook.secret))
            .map(Call::number)
            .collect();
        assert_eq!(numbers, (0..15).collect::<Vec<_>>());
    }
    second.stop().await;
}

/// What a server had claimed when it was killed is taken over.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_nobody_ends_runs_out() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &["payment.*"]).await;
    let app = server.app();
    let claim = Claim {
        token: Uuid::new_v4(),
        until: app.now().saturating_add(Seconds::new(60).unwrap()),
    };
    let id: WebhookId = hook.id.parse().unwrap();
    let claimed = eventually("nobody else is at it", || async {
        app.database
            .claim_webhook(id, claim, app.now())
            .await
            .unwrap()
    })
    .await;
    assert_eq!(claimed.id, id);
    happen(&server, &ana, 0..1).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert!(receiver.calls().is_empty(), "another server is at it");
    pass(&server, 60);
    receiver.called(1).await;
}

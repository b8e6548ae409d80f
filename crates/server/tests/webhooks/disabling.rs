//! When a webhook is not called any more, and again.

use offpay_server::testing::eventually;
use serde_json::json;

use crate::{
    receiver::{Call, Manner, Receiver},
    support::{happen, hook, pass, register, start},
};

const DAY: u64 = 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn after_days_of_failure_it_is_disabled_and_its_owner_is_told() {
    let server = start().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    receiver.is(Manner::Answers(500));
    let ana = register(&server, "ana").await;
    let failing = hook(&server, &ana, &receiver.url(), &["payment.*"]).await;
    hook(&server, &ana, &other.url(), &["webhook.disabled"]).await;
    happen(&server, &ana, 0..2).await;
    for day in 1..=5 {
        let times = receiver.calls().len();
        failing.is(&server, &ana, "failing").await;
        pass(&server, DAY);
        if day < 5 {
            receiver.called(times + 1).await;
        }
    }
    let view = failing.is(&server, &ana, "disabled").await;
    assert_eq!(view["disabled_because"], "failing");
    let told = other.called(1).await;
    assert_eq!(told[0].event()["body"]["webhook"], failing.id.as_str());
    assert_eq!(told[0].event()["body"]["because"], "failing");

    let calls = receiver.calls().len();
    receiver.is(Manner::Answers(200));
    pass(&server, DAY);
    happen(&server, &ana, 2..4).await;
    for path in [
        "/test",
        "/deliveries/00000000-0000-0000-0000-000000000000/redelivery",
    ] {
        let refused = server
            .post(&failing.path(path), Some(&ana.token), &json!({}))
            .await
            .unwrap();
        assert_eq!(refused.code(), "webhook_disabled");
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(receiver.calls().len(), calls, "it is left alone");

    let enabled = failing
        .change(&server, &ana, json!({ "enabled": true }))
        .await;
    assert_eq!(enabled.body["state"], "active", "{}", enabled.text);
    let numbers: Vec<_> = receiver.called(calls + 4).await[calls..]
        .iter()
        .map(Call::number)
        .collect();
    assert_eq!(numbers, [0, 1, 2, 3], "nothing is left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_not_called_again() {
    let server = start().await;
    let receiver = Receiver::start().await;
    receiver.is(Manner::Answers(410));
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..1).await;
    let view = hook.is(&server, &ana, "disabled").await;
    assert_eq!(view["disabled_because"], "gone");
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_disables_it_and_has_what_it_missed_skipped() {
    let server = start().await;
    let receiver = Receiver::start().await;
    receiver.is(Manner::Answers(500));
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &["payment.*"]).await;
    happen(&server, &ana, 0..2).await;
    hook.is(&server, &ana, "failing").await;
    let off = hook
        .change(&server, &ana, json!({ "enabled": false }))
        .await;
    assert_eq!(off.body["disabled_because"], "owner", "{}", off.text);
    happen(&server, &ana, 2..4).await;
    receiver.is(Manner::Answers(200));
    let calls = receiver.calls().len();
    let change = json!({ "enabled": true, "skip_missed": true });
    let on = hook.change(&server, &ana, change).await;
    assert_eq!(on.body["state"], "active", "{}", on.text);
    happen(&server, &ana, 9..10).await;
    let after = &receiver.called(calls + 1).await[calls..];
    assert_eq!(after[0].number(), 9);
    let states = eventually("it is noted", || async {
        let deliveries = hook.deliveries(&server, &ana).await;
        let states: Vec<_> = deliveries
            .iter()
            .map(|one| one["state"].as_str().unwrap().to_owned())
            .collect();
        (!states.contains(&"pending".to_owned())).then_some(states)
    })
    .await;
    assert_eq!(states, ["delivered", "skipped", "skipped"]);
}

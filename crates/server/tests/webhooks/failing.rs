//! Receivers that do not take it.

use std::time::Duration;

use offpay_server::testing::eventually;

use crate::{
    receiver::{Call, Manner, Receiver},
    support::{happen, hook, pass, register, start, start_with},
};

#[tokio::test(flavor = "multi_thread")]
async fn who_was_down_for_an_hour_gets_everything_once_it_is_back() {
    let server = start().await;
    let mut receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..3).await;
    receiver.called(3).await;
    receiver.goes_down().await;
    // More than a queue holds at once.
    happen(&server, &ana, 3..130).await;
    let mut failures = 0;
    for _ in 0..6 {
        let view = eventually("one more failure", || async {
            let view = hook.view(&server, &ana).await;
            (view["failures"].as_u64().unwrap() > failures).then_some(view)
        })
        .await;
        failures = view["failures"].as_u64().unwrap();
        assert_eq!(view["state"], "failing");
        let next = view["next_attempt_at"].as_u64().unwrap();
        assert!(next > server.app().now().get(), "not at once");
        pass(&server, 600);
    }
    let waiting = hook.deliveries(&server, &ana).await;
    let first = waiting
        .iter()
        .rfind(|one| one["state"] == "pending")
        .unwrap()
        .clone();
    assert!(first["attempts"].as_u64().unwrap() >= 6);
    assert_eq!(first["failure"], "unreachable");
    assert!(first["status"].is_null());
    assert_eq!(receiver.calls().len(), 3);

    receiver.comes_back().await;
    pass(&server, 3_600);
    let calls = receiver.called(130).await;
    let numbers: Vec<_> = calls.iter().map(Call::number).collect();
    assert_eq!(numbers, (0..130).collect::<Vec<_>>(), "all, once, in order");
    assert_eq!(calls[3].id, first["message"].as_str().unwrap());
    hook.is(&server, &ana, "active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_is_left_alone_for_as_long_as_it_asks() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    for status in [429, 503] {
        receiver.is(Manner::Later(status, 900));
        let before = receiver.calls().len();
        let at = server.app().now().get();
        happen(&server, &ana, 0..1).await;
        receiver.called(before + 1).await;
        let view = eventually("it is noted", || async {
            let view = hook.view(&server, &ana).await;
            (view["failures"] == 1).then_some(view)
        })
        .await;
        let next = view["next_attempt_at"].as_u64().unwrap();
        assert!(next >= at + 900, "{status}: {view}");
        // Longer than without it; nobody is called.
        pass(&server, 600);
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(receiver.calls().len(), before + 1, "{status}");
        receiver.is(Manner::Answers(200));
        pass(&server, 310);
        receiver.called(before + 2).await;
        hook.is(&server, &ana, "active").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_sent_again_under_its_name() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    for status in [500, 404, 302, 199 + 101] {
        receiver.is(Manner::Answers(status));
        let before = receiver.calls().len();
        happen(&server, &ana, 0..1).await;
        let first = receiver.called(before + 1).await.pop().unwrap();
        let noted = eventually("it is noted", || async {
            let one = hook.deliveries(&server, &ana).await[0].clone();
            (one["status"] == status).then_some(one)
        })
        .await;
        assert_eq!(noted["state"], "pending");
        receiver.is(Manner::Answers(204));
        pass(&server, 10);
        let second = receiver.called(before + 2).await.pop().unwrap();
        assert_eq!((&second.id, &second.body), (&first.id, &first.body));
        assert!(second.timestamp > first.timestamp, "signed anew");
        assert!(second.is_signed_with(&hook.secret));
        hook.is(&server, &ana, "active").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let server = start().await;
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    receiver.is(Manner::Redirects(elsewhere.url()));
    happen(&server, &ana, 0..1).await;
    hook.is(&server, &ana, "failing").await;
    assert_eq!(hook.deliveries(&server, &ana).await[0]["status"], 307);
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_is_not_read() {
    let server = start().await;
    let receiver = Receiver::start().await;
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    receiver.is(Manner::Endless);
    happen(&server, &ana, 0..3).await;
    receiver.called(3).await;
    eventually("all are noted", || async {
        let deliveries = hook.deliveries(&server, &ana).await;
        let done = deliveries.iter().all(|one| one["state"] == "delivered");
        (deliveries.len() == 3 && done).then_some(())
    })
    .await;
}

/// With one place for the quick, who is slow must not hold it.
#[tokio::test(flavor = "multi_thread")]
async fn the_slow_take_no_time_of_others() {
    let server = start_with(|config| {
        config.webhooks.timeout_s = 30;
        config.webhooks.at_once = 1;
    })
    .await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.is(Manner::Slow(Duration::from_secs(3)));
    let (ana, bob) = (
        register(&server, "ana").await,
        register(&server, "bob").await,
    );
    let slow_hook = hook(&server, &ana, &slow.url(), &[]).await;
    hook(&server, &bob, &quick.url(), &[]).await;
    // It shows once that it is slow.
    happen(&server, &ana, 0..1).await;
    eventually("it was slow", || async {
        let deliveries = slow_hook.deliveries(&server, &ana).await;
        (deliveries.len() == 1 && deliveries[0]["state"] == "delivered").then_some(())
    })
    .await;
    slow.is(Manner::Slow(Duration::from_secs(28)));
    happen(&server, &ana, 1..2).await;
    slow.called(2).await;
    happen(&server, &bob, 0..20).await;
    quick.called(20).await;
    let second = slow_hook.deliveries(&server, &ana).await[0].clone();
    assert_eq!(second["attempts"], 0, "it is still being called");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_in_time_failed() {
    let server = start_with(|config| config.webhooks.timeout_s = 1).await;
    let receiver = Receiver::start().await;
    receiver.is(Manner::Slow(Duration::from_secs(20)));
    let ana = register(&server, "ana").await;
    let hook = hook(&server, &ana, &receiver.url(), &[]).await;
    happen(&server, &ana, 0..1).await;
    hook.is(&server, &ana, "failing").await;
    assert_eq!(
        hook.deliveries(&server, &ana).await[0]["failure"],
        "timeout"
    );
}

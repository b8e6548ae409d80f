use std::time::{Duration, Instant};

use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{PASSWORD, pass, register, sign_in};

/// The sixth guess waits, whether the handle exists or not, and many at once are no way around.
#[tokio::test(flavor = "multi_thread")]
async fn o65_guessing_is_slowed_down() {
    let server = TestServer::start().await.unwrap();
    register(&server, "ana").await;
    for handle in ["ana", "nobody"] {
        let guesses = (0..20).map(|_| sign_in(&server, handle, "wrong horse battery"));
        let answers = futures_util::future::join_all(guesses).await;
        let checked = answers
            .iter()
            .filter(|answer| answer.code() == "sign_in_refused")
            .count();
        assert_eq!(checked, 5, "{handle}");
        let waits = answers
            .iter()
            .find(|answer| answer.code() == "too_many_guesses")
            .unwrap();
        assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
        let seconds = waits.body["data"]["retry_after"].as_u64().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
        assert_eq!(waits.headers["retry-after"], seconds.to_string().as_str());
    }
    // Not even the right one is checked before the pause is over; then it is, and the count is forgotten.
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.code(),
        "too_many_guesses"
    );
    pass(&server, 31);
    assert_eq!(
        sign_in(&server, "ana", PASSWORD).await.status,
        StatusCode::CREATED
    );
    let wrong = sign_in(&server, "ana", "wrong horse battery").await;
    assert_eq!(wrong.code(), "sign_in_refused");
}

/// What takes the time is the password's hash: it is made for nobody, too.
#[tokio::test(flavor = "multi_thread")]
async fn o63_a_handle_that_nobody_has_takes_as_long() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.accounts.password.memory_kib = 64 * 1_024;
    })
    .await
    .unwrap();
    register(&server, "ana").await;
    let mut shortest = [Duration::MAX; 2];
    // As many as are checked; the shortest is the least disturbed.
    for _ in 0..5 {
        for (handle, shortest) in ["ana", "nobody"].into_iter().zip(&mut shortest) {
            let began = Instant::now();
            let answer = sign_in(&server, handle, "wrong horse battery").await;
            *shortest = began.elapsed().min(*shortest);
            assert_eq!(answer.code(), "sign_in_refused");
        }
    }
    let [somebody, nobody] = shortest;
    assert!(
        nobody * 2 > somebody,
        "{nobody:?} for nobody, {somebody:?} for somebody"
    );
    assert!(
        somebody * 2 > nobody,
        "{nobody:?} for nobody, {somebody:?} for somebody"
    );
}

/// A recovery code is not to be guessed, and asking for one tells nothing.
#[tokio::test(flavor = "multi_thread")]
async fn o65_recovery_codes_are_guessed_as_slowly_and_tell_nothing() {
    let server = TestServer::start().await.unwrap();
    register(&server, "ana").await;
    let mut told = Vec::new();
    for handle in ["ana", "nobody"] {
        let body = json!({ "handle": handle, "code": "AAAA-AAAA-AAAA-AAAA" });
        let guesses = (0..20).map(|_| server.post("/v1/recoveries", None, &body));
        let answers: Vec<_> = futures_util::future::join_all(guesses).await;
        let mut answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        let waiting = answers.len();
        answers.retain(|answer| answer.code() != "too_many_guesses");
        assert_eq!(answers.len(), 5, "{handle}");
        assert_eq!(waiting, 20);
        assert_eq!(
            answers[0].status,
            StatusCode::UNAUTHORIZED,
            "{}",
            answers[0].text
        );
        told.push((answers[0].status, answers[0].body.clone()));
    }
    assert_eq!(told[0], told[1]);
}

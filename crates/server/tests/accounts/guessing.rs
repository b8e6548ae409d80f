use offpay_server::testing::TestServer;
use reqwest::StatusCode;

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

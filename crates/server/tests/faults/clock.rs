//! The system's clock is set, by hours, while the server runs.

use offpay_protocol::Seconds;
use offpay_server::testing::eventually;
use offpay_store::testing::Engine;
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use super::money::{User, audit, server_on, units};

const HOUR: i64 = 3_600;

/// **O115**: forward, and back again by more. What ran out stays so, nobody else is signed out, no limit is lifted, and
/// money goes on.
#[tokio::test(flavor = "multi_thread")]
async fn o115_a_clock_that_is_set_ends_nothing_and_begins_nothing() {
    let server = server_on(Engine::Sqlite, |config| {
        config.settlement.poll_ms = 200;
        config.settlement.gather_s = 0;
        config.settlement.cheap_gas_gwei = 1_000;
    })
    .await;
    let (ana, _) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let soon = server.app().now().get() + 3_600;
    let order = json!({ "name": "x", "scopes": ["read"], "expires_at": soon });
    let given = ana.post(&server, "/v1/access-tokens", &order).await;
    let token = given.body["token"].as_str().unwrap().to_owned();
    let pay = json!({ "to": "@ben", "amount": "1000" });
    let mut paid = 0;
    // Forward by six hours, back by twelve, forward by two days.
    for hours in [0, 6, -12, 48] {
        let before = server.app().now();
        server.app().clock.set_by(hours * HOUR);
        let now = server.app().now();
        assert!(now >= before, "it never goes back");
        let me = server.get("/v1/me", Some(&ana.token)).await.unwrap();
        assert_eq!(me.status, 200, "{hours}: {}", me.text);
        let with_token = server.get("/v1/me", Some(&token)).await.unwrap();
        let expected = if hours == 0 { 200 } else { 401 };
        assert_eq!(with_token.status, expected, "{hours}: {}", with_token.text);
        let answer = ana.post(&server, "/v1/pay", &pay).await;
        assert_eq!(answer.status, 201, "{hours}: {}", answer.text);
        paid += 1_000;
        // An operation of the chain: its deadline is counted so that the contract takes it.
        ana.done(&server, "/v1/faucet", &json!({})).await;
        ben.account_when(&server, "what was paid is settled", |account| {
            units(&account["balance"]["final"]) == paid
        })
        .await;
        let ready = server.get("/readyz", None).await.unwrap();
        assert_eq!(ready.status, 200, "{hours}: {}", ready.text);
    }
    audit(&server).await;
}

/// A deadline of the contract is decided by the chain's time, wherever the server's clock is.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_decides_goes_by_the_chains_time() {
    let server = server_on(Engine::Sqlite, |config| {
        config.settlement.poll_ms = 200;
        // Nothing is settled for being cheap: its deadline has to come.
        config.settlement.cheap_gas_gwei = 0;
        config.settlement.gather_s = 0;
        config.settlement.longest_wait_s = 40 * 3_600;
        config.settlement.lead_s = 3_600;
    })
    .await;
    let (ana, _) = User::ready(&server, "ana").await;
    let ben = User::register(&server, "ben").await;
    let pay = json!({ "to": "@ben", "amount": "1000" });
    let answer = ana.post(&server, "/v1/pay", &pay).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    // The server's clock stands still, as after it was set back; the chain's goes on. Hosted payers' debts are settled
    // within the settlement period of a day.
    server.app().clock.set_by(-48 * HOUR);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let account = ben.account(&server).await;
    assert_eq!(
        account["balance"]["available"], "0",
        "nothing presses yet: {account}"
    );
    server
        .pass(Seconds::new(23 * 3_600 + 1_800).unwrap())
        .await
        .unwrap();
    eventually("it is settled in time", || async {
        server.finalize().await.unwrap();
        let account = ben.account(&server).await;
        (account["balance"]["final"] == "1000").then_some(())
    })
    .await;
}

/// Limits on requests and codes of a second factor are not lifted, nor locked, by a clock that was set.
#[tokio::test(flavor = "multi_thread")]
async fn limits_and_codes_outlive_it() {
    let server = server_on(Engine::Sqlite, |config| {
        config.http.requests_per_minute = 30;
    })
    .await;
    let ana = User::register(&server, "ana").await;
    let asked = ana.post(&server, "/v1/me/second-factor", &json!({})).await;
    let secret = asked.body["secret"].as_str().unwrap().to_owned();
    let code = |at: u64| {
        let secret = Secret::try_from_base32(&secret).unwrap();
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(secret)
            .build()
            .unwrap();
        totp.generate(at).to_string()
    };
    let truth = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_secs()
    };
    let on = json!({ "code": code(truth()) });
    let confirmed = ana
        .post(&server, "/v1/me/second-factor/confirmation", &on)
        .await;
    assert!(confirmed.status.is_success(), "{}", confirmed.text);
    // An hour ahead by mistake, and right again: the user's own clock was right all the time.
    server.app().clock.set_by(HOUR);
    server.get("/v1/me", Some(&ana.token)).await.unwrap();
    server.app().clock.set_by(-HOUR);
    let sign_in = json!({
        "handle": "ana", "password": "correct horse battery", "code": code(truth() + 30),
    });
    let signed_in = server.post("/v1/sessions", None, &sign_in).await.unwrap();
    assert_eq!(signed_in.status, 201, "{}", signed_in.text);
    let mut last = 200;
    for _ in 0..40 {
        last = server
            .get("/v1/operator", None)
            .await
            .unwrap()
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
    server.app().clock.set_by(24 * HOUR);
    let still = server.get("/v1/operator", None).await.unwrap();
    assert_eq!(still.status, 429, "{}", still.text);
}

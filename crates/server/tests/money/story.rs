//! The whole of it: two users, from registering to money that is settled and withdrawn.

use offpay_chain::local::key;
use offpay_protocol::AccountId;
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{ONE, User, audit, server_on, settle, units};

#[tokio::test(flavor = "multi_thread")]
async fn from_registering_to_withdrawing() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let (ana, _) = User::ready(&server, "ana").await;
        let (ben, _) = User::ready(&server, "ben").await;
        let before = ana.account(&server).await;
        let funds = units(&before["purses"][0]["available"]);
        // The faucet gives twenty times the collateral of a registered account, and setup takes one of it.
        assert_eq!(funds, 190 * ONE);
        assert_eq!(units(&before["collateral"]["total"]), 10 * ONE);
        assert_eq!(units(&before["collateral"]["available"]), 0);
        assert_eq!(units(&before["balance"]["available"]), 0);
        assert_eq!(before["token"]["decimals"], 18);

        let asked = json!({ "amount": (3 * ONE).to_string(), "memo": "soup" });
        let request = ben.post(&server, "/v1/requests", &asked).await;
        assert_eq!(request.status, StatusCode::CREATED, "{}", request.text);
        let code = &request.body["code"];
        let paid = ana
            .post(&server, "/v1/pay", &json!({ "request": code }))
            .await;
        assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text);
        assert_eq!(paid.body["state"], "cleared");
        assert_eq!(paid.body["reference"], request.body["reference"]);
        let again = ana
            .post(&server, "/v1/pay", &json!({ "request": code }))
            .await;
        assert_eq!(again.code(), "request_over", "{}", again.text);

        let pending = ben.account(&server).await;
        assert_eq!(units(&pending["pending"]["incoming"]), 3 * ONE);
        let ours = ana.account(&server).await;
        assert_eq!(units(&ours["pending"]["outgoing"]), 3 * ONE);
        assert_eq!(units(&ours["purses"][0]["available"]), funds - 3 * ONE);

        settle(&server, &paid.body).await;
        let got = ben
            .account_when(&server, "settled", |account| {
                units(&account["balance"]["final"]) == 3 * ONE
                    && units(&account["pending"]["incoming"]) == 0
            })
            .await;
        assert_eq!(units(&got["balance"]["available"]), 3 * ONE);
        let path = format!("/v1/requests/{}", request.body["id"].as_str().unwrap());
        assert_eq!(ben.get(&server, &path).await["state"], "paid");
        let history = ben.get(&server, "/v1/history").await;
        assert_eq!(history["items"][0]["state"], "final");
        assert_eq!(history["items"][0]["direction"], "in");
        let history = ana.get(&server, "/v1/history").await;
        assert_eq!(history["items"][0]["direction"], "out");

        // One back: out of ben's own purse, to ana's account.
        let path = format!("/v1/history/{}/refund", paid.body["id"].as_str().unwrap());
        let most = json!({ "amount": (3 * ONE + 1).to_string() });
        let refused = ben.post(&server, &path, &most).await;
        assert_eq!(refused.code(), "refund_too_large");
        let refund = ben
            .post(&server, &path, &json!({ "amount": ONE.to_string() }))
            .await;
        assert_eq!(refund.status, StatusCode::CREATED, "{}", refund.text);
        assert_eq!(refund.body["payee"], ana.account.as_str());
        let rest = ben.post(&server, &path, &most).await;
        assert_eq!(units(&rest.body["data"]["available"]), 2 * ONE);
        let not_hers = ana.post(&server, &path, &json!({})).await;
        assert_eq!(not_hers.status, StatusCode::NOT_FOUND);
        settle(&server, &refund.body).await;
        ana.account_when(&server, "the refund is there", |account| {
            units(&account["balance"]["final"]) == ONE
        })
        .await;

        // Out again, to an address that was confirmed.
        let cold = AccountId::new(key("cold wallet").unwrap().address());
        let half = json!({ "address": cold, "amount": (ONE / 2).to_string() });
        let refused = ben.post(&server, "/v1/withdrawals", &half).await;
        assert_eq!(refused.code(), "address_not_confirmed");
        let added = ben
            .post(&server, "/v1/addresses", &json!({ "address": cold }))
            .await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        let refused = ben.post(&server, "/v1/withdrawals", &half).await;
        assert_eq!(
            refused.code(),
            "address_not_confirmed",
            "added is not confirmed"
        );
        let path = format!("/v1/addresses/{cold}/confirm");
        let confirmed = ben.post(&server, &path, &json!({})).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
        ben.done(&server, "/v1/withdrawals", &half).await;
        let there = server.token().balance(cold.address()).await.unwrap();
        assert_eq!(there.to_string(), (ONE / 2).to_string());

        let report = audit(&server).await;
        assert!(report["compared"].as_u64().unwrap() >= 6, "{report}");
        // Two gifts came in, half a token left.
        assert_eq!(units(&report["held"]), 400 * ONE - ONE / 2);
    }
}

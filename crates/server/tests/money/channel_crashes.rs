//! Crashes in the middle of what is done in channels.

use offpay_operator::follower::{State, Subject};
use offpay_operator::{
    hosted::{HostedChannel, NewVoucher, OnChain, plan_voucher},
    storage::{ChainStorage as _, FollowerStorage as _, HostedChannelStorage as _},
};
use offpay_protocol::{ChannelId, PaymentId, Reference, Signable as _, Signed, TypedData as _};
use offpay_server::vault::KeyName;
use offpay_store::testing::Engine;
use serde_json::json;

use crate::{
    channel_support::{channel, funded, id_of, offer, open_when, pay},
    support::{ONE, audit, server, server_on, units},
};

/// **O101**: what was stored before the crash is the newest after it; what was only signed was never seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_was_stored_is_not_signed_again() {
    let mut server = server().await;
    let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
    let id = channel(&server, &ana, &ben, 100).await;
    pay(&server, &ana, &id, 10).await;
    let channel_id: ChannelId = id.parse().unwrap();
    let app = server.app().clone();
    let ends = app.database.channel_ends(channel_id).await.unwrap();
    let cursor = app.database.chain_cursor().await.unwrap().unwrap();
    let state = app
        .database
        .followed_one(Subject::Channel(channel_id))
        .await
        .unwrap();
    let Some(State::Channel(state)) = state.finalized else {
        panic!("not open")
    };
    let chain = OnChain {
        head: Some(state),
        finalized: Some(state),
        finalized_at: cursor.finalized.time,
    };
    // What paying does up to the moment at which the process dies: one voucher signed, another signed and stored.
    let domain = *app.contract.domain();
    let mut signed = Vec::new();
    for reference in [1, 2] {
        let reference = Reference::new([reference; 32].into());
        let voucher = plan_voucher(&ends[0], &chain, 5.into(), reference).unwrap();
        let key = KeyName::Channel(ends[0].made.terms.key_a);
        let signature = app
            .vault
            .sign_with(ends[0].made.user, key, |key| voucher.sign(&domain, key))
            .await
            .unwrap()
            .unwrap();
        signed.push(Signed {
            domain,
            message: voucher,
            signature,
        });
    }
    let now = app.now();
    drop(app);
    server.stop().await;
    let stored = signed[1];
    let url = server.local.config.database.url.read().unwrap();
    let database = offpay_store::Database::open(&url).await.unwrap();
    let new = NewVoucher {
        id: PaymentId::new(stored.message.digest(&domain)),
        voucher: stored,
        terms: ends[0].made.terms,
        payer: ends[0].made.side,
        amount: 5.into(),
        ends: ends.iter().map(HostedChannel::before).collect(),
        memo: String::new(),
        once: None,
        events: Vec::new(),
    };
    assert!(database.record_voucher(&new, now).await.unwrap());
    // The other was decided by the same state: nothing takes it any more.
    let other = NewVoucher {
        id: PaymentId::new(signed[0].message.digest(&domain)),
        voucher: signed[0],
        ..new
    };
    assert!(!database.record_voucher(&other, now).await.unwrap());
    database.close().await;
    server.start_again().await.unwrap();

    let path = format!("/v1/channels/{id}");
    assert_eq!(units(&ben.get(&server, &path).await["received"]), 15);
    let next = pay(&server, &ana, &id, 1).await;
    assert_eq!(units(&next["cumulative"]), 16);
    audit(&server).await;
}

/// **O100**, **O102**: the server goes away while an opening and a close are under way: each happens once.
#[tokio::test(flavor = "multi_thread")]
async fn opening_and_closing_survive_a_restart_and_happen_once() {
    for engine in Engine::ALL {
        let mut server = server_on(engine, |_| {}).await;
        let (ana, ben) = (funded(&server, "ana").await, funded(&server, "ben").await);
        let code = offer(&server, &ben, None).await;
        server.local.chain.set_automine(false).await.unwrap();
        let body = json!({ "offer": code, "deposit": (50 * ONE).to_string() });
        let opened = ana.post(&server, "/v1/channels", &body).await;
        let id = id_of(&opened.body);
        let operation = opened.body["operation"]["id"].as_str().unwrap().to_owned();
        let again = ana.post(&server, "/v1/channels", &body).await;
        assert_eq!(again.code(), "channel_offer_taken", "{}", again.text);
        server.start_again().await.unwrap();
        server.local.chain.set_automine(true).await.unwrap();
        ana.wait(&server, &operation).await;
        open_when(&server, &ana, &id, |view| {
            units(&view["available"]) == 50 * ONE
        })
        .await;
        let account = ana.account(&server).await;
        assert_eq!(
            units(&account["balance"]["available"]),
            150 * ONE,
            "put in once"
        );
        pay(&server, &ana, &id, 20 * ONE).await;

        let path = format!("/v1/channels/{id}/close-together");
        let proposed = ana.post(&server, &path, &json!({})).await;
        server.start_again().await.unwrap();
        let view = ana.get(&server, &format!("/v1/channels/{id}")).await;
        assert_eq!(view["close"], proposed.body["close"], "it is still signed");
        let pays = format!("/v1/channels/{id}/pay");
        let refused = ana.post(&server, &pays, &json!({ "amount": "1" })).await;
        assert_eq!(refused.code(), "channel_close_signed", "{}", refused.text);
        server.local.chain.set_automine(false).await.unwrap();
        let agreed = ben.post(&server, &path, &json!({})).await;
        let operation = agreed.body["operation"]["id"].as_str().unwrap().to_owned();
        server.start_again().await.unwrap();
        server.local.chain.set_automine(true).await.unwrap();
        ben.wait(&server, &operation).await;
        for (user, balance) in [(&ana, 180), (&ben, 220)] {
            user.account_when(&server, "paid out", |account| {
                units(&account["balance"]["final"]) == balance * ONE
            })
            .await;
        }
        let kinds = |operations: &serde_json::Value| -> Vec<String> {
            let items = operations["items"].as_array().unwrap().iter();
            items
                .map(|one| one["kind"].as_str().unwrap().to_owned())
                .collect()
        };
        let of_ana = kinds(&ana.get(&server, "/v1/operations").await);
        assert_eq!(of_ana, ["open_channel", "faucet"]);
        let of_ben = kinds(&ben.get(&server, "/v1/operations").await);
        assert_eq!(of_ben, ["close_together", "faucet"]);
        audit(&server).await;
    }
}

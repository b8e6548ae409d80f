//! What becomes of a purse: more money, more pledge, a default that is made good, and the end; on the server and on a
//! phone.

use offpay_chain::{Sender, local::key};
use offpay_operator::{
    hosted::{NewPayment, plan},
    storage::{ChainStorage as _, HostedPurseStorage as _},
};
use offpay_protocol::{
    AccountId, Amount, PurseKey, Reference, Signable as _, Signed, SigningKey,
    messages::{Attestation, Payment, PurseOpening},
};
use offpay_server::{
    testing::{TestServer, eventually},
    vault::KeyName,
};
use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ONE, User, audit, server, server_on, units};

fn tokens(count: u128) -> Value {
    json!({ "amount": (count * ONE).to_string() })
}

async fn purse_when(
    server: &TestServer,
    user: &User,
    what: &str,
    is: impl Fn(&Value) -> bool,
) -> Value {
    let account = user
        .account_when(server, what, |account| is(&account["purses"][0]))
        .await;
    account["purses"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purse_is_improved_and_closed_and_its_money_comes_back() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let user = User::register(&server, "ana").await;
        user.done(&server, "/v1/faucet", &json!({})).await;
        user.done(&server, "/v1/collateral", &tokens(40)).await;
        let terms = json!({ "funds": (50 * ONE).to_string(), "pledge": (10 * ONE).to_string() });
        let opened = user.done(&server, "/v1/purses", &terms).await;
        let purse = opened["purse"].as_str().unwrap().to_owned();
        let path = |what: &str| format!("/v1/purses/{purse}/{what}");
        user.done(&server, &path("funds"), &tokens(20)).await;
        let pledge = format!("/v1/purses/{purse}/pledge");
        user.done(&server, &pledge, &tokens(5)).await;
        let view = purse_when(&server, &user, "it is improved", |purse| {
            units(&purse["available"]) == 70 * ONE && units(&purse["pledge"]) == 15 * ONE
        })
        .await;
        assert_eq!(view["keeper"], "server");
        let more = user.post(&server, &path("funds"), &tokens(500)).await;
        assert_eq!(more.code(), "insufficient_funds", "{}", more.text);
        let more = user.post(&server, &path("pledge"), &tokens(26)).await;
        assert_eq!(more.code(), "insufficient_collateral", "{}", more.text);
        let owes_nobody = user.post(&server, &path("make-good"), &json!({})).await;
        assert_eq!(owes_nobody.body["data"]["code"], "NotInDefault");
        // Somebody else's purse is not there.
        let ben = User::register(&server, "ben").await;
        for what in ["funds", "pledge"] {
            let refused = ben.post(&server, &path(what), &tokens(1)).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
        }
        let refused = ben.post(&server, &path("close"), &json!({})).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);

        user.done(&server, &path("close"), &json!({})).await;
        let view = purse_when(&server, &user, "it closes", |purse| {
            purse["state"] == "closing"
        });
        assert!(view.await["closes_at"].is_u64());
        let delay = server.contract().configuration().parameters.close_delay;
        server.pass(delay).await.unwrap();
        // The server closes it by itself when its time has come.
        let account = user
            .account_when(&server, "its money is back", |account| {
                units(&account["balance"]["final"]) == 160 * ONE
            })
            .await;
        assert_eq!(account["purses"][0]["state"], "closed");
        assert_eq!(units(&account["collateral"]["available"]), 40 * ONE);
        assert_eq!(units(&account["collateral"]["pledged"]), 0);
        audit(&server).await;
    }
}

/// A device with a key of its own.
struct Device(SigningKey);

impl Device {
    fn key(&self) -> PurseKey {
        PurseKey::new(self.0.address())
    }

    fn pays(&self, server: &TestServer, payee: AccountId, amount: u128) -> Signed<Payment> {
        let domain = *server.contract().domain();
        let amount = Amount::new(amount).unwrap();
        let message = Payment {
            payee,
            start: Amount::ZERO,
            amount,
            cumulative: amount,
            reference: Reference::ZERO,
        };
        Signed {
            domain,
            message,
            signature: message.sign(&domain, &self.0).unwrap(),
        }
    }
}

/// **O43** does not hold for a phone, which the server does not sign for: what it overspends is made good.
#[tokio::test(flavor = "multi_thread")]
async fn a_phones_purse_is_opened_with_its_own_key_and_made_good() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let ana = User::register(&server, "ana").await;
        ana.done(&server, "/v1/faucet", &json!({})).await;
        ana.done(&server, "/v1/collateral", &tokens(20)).await;
        let device = Device(key("ana's phone").unwrap());
        let domain = *server.contract().domain();
        let consent = |owner: &str, key: &SigningKey| {
            let owner = owner.parse().unwrap();
            PurseOpening { owner }.sign(&domain, key).unwrap()
        };
        let terms = json!({ "funds": (10 * ONE).to_string(), "pledge": (10 * ONE).to_string() });
        let open =
            |signature| json!({ "purse": device.key(), "signature": signature, "terms": terms });
        let stranger = key("a stranger").unwrap();
        let forged = open(consent(&ana.account, &stranger));
        let refused = ana.post(&server, "/v1/purses/phone", &forged).await;
        assert_eq!(refused.code(), "invalid_request", "{}", refused.text);
        let others = consent("0x00000000000000000000000000000000000000aa", &device.0);
        let refused = ana.post(&server, "/v1/purses/phone", &open(others)).await;
        assert_eq!(refused.code(), "invalid_request", "for another account");
        let opened = open(consent(&ana.account, &device.0));
        let opened = ana.done(&server, "/v1/purses/phone", &opened).await;
        assert_eq!(opened["purse"], device.key().to_string().as_str());
        let view = purse_when(&server, &ana, "it is open", |purse| {
            purse["state"] == "open"
        })
        .await;
        assert_eq!(view["keeper"], "phone");
        assert!(view["available"].is_null(), "only the phone knows: {view}");
        // The server has no key to sign with.
        let user = server
            .app()
            .database
            .hosted_purse(device.key())
            .await
            .unwrap();
        let user = user.unwrap().made.user;
        let name = KeyName::Purse(device.key());
        assert!(
            server
                .app()
                .vault
                .sign_with(user, name, |_| ())
                .await
                .is_err()
        );
        let pay = json!({ "to": ana_to(), "amount": "1", "purse": device.key() });
        let refused = ana.post(&server, "/v1/pay", &pay).await;
        assert_eq!(refused.code(), "not_found", "{}", refused.text);

        // A copy of the phone promises the same money twice.
        let payees = ["alice", "bob"].map(|name| AccountId::new(key(name).unwrap().address()));
        let anybody: Sender = server.local.chain.sender("anybody").await.unwrap();
        for payee in payees {
            let payment = device.pays(&server, payee, 10 * ONE);
            let settle = server.contract().settle(&payment).unwrap();
            settle.send(&anybody).await.unwrap();
        }
        purse_when(&server, &ana, "in default", |purse| {
            purse["defaulted"] == true
        })
        .await;
        let path = format!("/v1/purses/{}/make-good", device.key());
        let alone = ana
            .post(&server, &path, &json!({ "payees": [payees[0]] }))
            .await;
        assert_eq!(alone.body["data"]["code"], "NotInDefault", "she was paid");
        let made = ana.done(&server, &path, &json!({})).await;
        assert_eq!(units(&made["amount"]), 10 * ONE);
        for payee in payees {
            let paid = server
                .contract()
                .paid_to(device.key(), payee)
                .await
                .unwrap();
            assert_eq!(paid.get(), 10 * ONE, "{engine:?}");
        }
        let account = ana
            .account_when(&server, "out of the balance", |account| {
                units(&account["balance"]["final"]) == 160 * ONE
            })
            .await;
        assert_eq!(
            units(&account["collateral"]["total"]),
            20 * ONE,
            "not slashed"
        );
        audit(&server).await;
    }
}

/// Somebody to pay.
fn ana_to() -> AccountId {
    AccountId::new(key("carol").unwrap().address())
}

/// A payment that was signed and that clearing cannot take any more, because its purse closes, is kept and settled: who
/// asks is not told that it was refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_closing_purse_had_signed_is_kept_and_settled() {
    for engine in Engine::ALL {
        let mut server = server_on(engine, |_| {}).await;
        let (ana, purse) = User::ready(&server, "ana").await;
        let ben = User::register(&server, "ben").await;
        let app = server.app().clone();
        let kept = app.database.hosted_purse(purse).await.unwrap().unwrap();
        let known = app.database.purse(purse).await.unwrap();
        let payment = plan(
            known.as_ref(),
            kept.next_serial,
            Amount::ZERO,
            ben.account.parse().unwrap(),
            Amount::from_u64(9),
            Reference::new([5; 32].into()),
        )
        .unwrap();
        let domain = *app.contract.domain();
        let signature = app
            .vault
            .sign_with(kept.made.user, KeyName::Purse(purse), |key| {
                payment.sign(&domain, key)
            })
            .await
            .unwrap()
            .unwrap();
        let me = ben.get(&server, "/v1/me").await;
        let ben_id = me["user"].as_str().unwrap().parse().unwrap();
        let new = NewPayment {
            id: payment.id(&domain),
            user: kept.made.user,
            payee_user: Some(ben_id),
            purse,
            payment,
            signature,
            memo: String::new(),
            refund_of: None,
            once: None,
        };
        let now = app.now();
        drop(app);
        ana.done(&server, &format!("/v1/purses/{purse}/close"), &json!({}))
            .await;
        server.stop().await;
        let url = server.local.config.database.url.read().unwrap();
        let database = offpay_store::Database::open(&url).await.unwrap();
        assert!(database.record_signed(&new, now).await.unwrap());
        database.close().await;
        server.start_again().await.unwrap();

        eventually("it is kept", || async {
            let events = ana.get(&server, "/v1/events?limit=200").await;
            let events = events["items"].as_array().unwrap().clone();
            let kept = events
                .iter()
                .find(|event| event["kind"] == "payment.kept")?;
            assert_eq!(kept["body"]["refusal"], "purse_closing");
            assert_ne!(kept["body"]["state"], "refused");
            Some(())
        })
        .await;
        for user in [&ana, &ben] {
            eventually("it is settled by itself", || async {
                server.finalize().await.unwrap();
                let history = user.get(&server, "/v1/history").await;
                let state = history["items"][0]["state"].as_str().unwrap().to_owned();
                assert_ne!(state, "refused", "{engine:?}");
                (state == "final").then_some(())
            })
            .await;
        }
        audit(&server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_attests_handles() {
    let server = server().await;
    let ana = User::register(&server, "ana").await;
    let till = key("till 3").unwrap();
    let body = json!({ "signer": AccountId::new(till.address()), "till": 3 });
    let made = ana.post(&server, "/v1/attestations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let attestation: Attestation =
        serde_json::from_value(made.body["attestation"].clone()).unwrap();
    assert_eq!(attestation.name, "ana");
    assert_eq!(attestation.signer, till.address());
    assert_ne!(
        attestation.payee.to_string(),
        ana.account,
        "a till is its own payee"
    );
    let signature = serde_json::from_value(made.body["signature"].clone()).unwrap();
    let signer = attestation
        .recover(server.contract().domain(), &signature)
        .unwrap();
    assert_eq!(signer.address(), server.app().keys.operator.address());
    assert!(made.body["code"].as_str().unwrap().starts_with("OP1:"));
    let own = ana.post(&server, "/v1/attestations", &json!({})).await;
    assert_eq!(own.body["attestation"]["payee"], ana.account.as_str());
    let nobody = server.post("/v1/attestations", None, &json!({})).await;
    assert_eq!(nobody.unwrap().status, StatusCode::UNAUTHORIZED);
}

/// A token's budget counts whatever moves, over all endpoints together, and what did not move is given back.
#[tokio::test(flavor = "multi_thread")]
async fn a_tokens_budget_is_one_for_everything() {
    let server = server().await;
    let (ana, purse) = User::ready(&server, "ana").await;
    User::register(&server, "ben").await;
    ana.done(&server, "/v1/faucet", &json!({ "amount": "100" }))
        .await;
    let soon = server.app().now().get() + 3_600;
    let body = json!({ "name": "app", "scopes": ["read", "pay", "manage"], "budget": "50", "expires_at": soon });
    let made = ana.post(&server, "/v1/access-tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let app = User {
        token: made.body["token"].as_str().unwrap().to_owned(),
        account: ana.account.clone(),
    };
    let funds = format!("/v1/purses/{purse}/funds");
    app.done(&server, &funds, &json!({ "amount": "20" })).await;
    let pay = json!({ "to": "@ben", "amount": "25" });
    let paid = app.post(&server, "/v1/pay", &pay).await;
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text);
    for (path, body) in [
        ("/v1/pay", json!({ "to": "@ben", "amount": "6" })),
        (&*funds, json!({ "amount": "6" })),
    ] {
        let refused = app.post(&server, path, &body).await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{path}: {}",
            refused.text
        );
        assert_eq!(refused.code(), "budget_exceeded");
        assert_eq!(refused.body["data"]["remaining"], "5");
    }
    // What is refused for another reason costs nothing.
    let withdraw = json!({ "address": ana.account, "amount": "1" });
    let refused = app.post(&server, "/v1/withdrawals", &withdraw).await;
    assert_eq!(refused.code(), "scope_missing", "{}", refused.text);
    let account = ana
        .account_when(&server, "the balance is final", |account| {
            units(&account["balance"]["final"]) == 80
        })
        .await;
    let all = json!({ "amount": account["balance"]["available"] });
    ana.done(&server, "/v1/collateral", &all).await;
    let refused = app.post(&server, &funds, &json!({ "amount": "5" })).await;
    assert_eq!(refused.code(), "insufficient_funds", "{}", refused.text);
    let rest = app
        .post(&server, "/v1/pay", &json!({ "to": "@ben", "amount": "5" }))
        .await;
    assert_eq!(rest.status, StatusCode::CREATED, "{}", rest.text);
    let more = app
        .post(&server, "/v1/pay", &json!({ "to": "@ben", "amount": "1" }))
        .await;
    assert_eq!(more.body["data"]["remaining"], "0", "{}", more.text);
}

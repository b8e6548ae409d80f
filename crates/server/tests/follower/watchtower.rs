//! The watchtower: parties hand a channel over, go offline, and are answered for.

use offpay_chain::{Contract, Sender};
use offpay_protocol::{
    Amount, ChannelKey, Nonce, Reference, Seconds, Signable as _, Signed,
    messages::{ChannelTerms, Voucher},
};
use offpay_server::testing::{TestServer, eventually};
use serde_json::json;

use crate::world::{key, units};

async fn person(server: &TestServer, name: &str) -> Sender {
    let person = server.local.chain.sender(name).await.unwrap();
    let keys = &server.app().keys;
    let minter = keys.token_owner.as_ref().unwrap_or(&keys.gas);
    let (token, contract) = (server.token(), server.contract());
    token
        .mint(minter, person.address(), units(10_000))
        .await
        .unwrap();
    token
        .approve(&person, contract.address(), Amount::MAX)
        .await
        .unwrap();
    contract.deposit(units(1_000)).send(&person).await.unwrap();
    person
}

fn voucher(
    contract: &Contract,
    terms: &ChannelTerms,
    name: &str,
    cumulative: u64,
) -> Signed<Voucher> {
    let domain = *contract.domain();
    let message = Voucher {
        channel: terms.id(&domain),
        cumulative: units(cumulative),
        reference: Reference::ZERO,
    };
    Signed {
        signature: message.sign(&domain, &key(name)).unwrap(),
        domain,
        message,
    }
}

/// **F7**: one-way, and both sides of two-way channels.
#[tokio::test(flavor = "multi_thread")]
async fn stale_closes_are_answered_and_finalized() {
    let server = TestServer::start().await.unwrap();
    let (alice, bob) = (person(&server, "alice").await, person(&server, "bob").await);
    let contract = server.contract().clone();
    for (one_way, salt) in [(true, 1), (false, 2)] {
        let terms = ChannelTerms {
            a: alice.account(),
            b: bob.account(),
            key_a: ChannelKey::new(key("a's key").address()),
            key_b: if one_way {
                ChannelKey::ZERO
            } else {
                ChannelKey::new(key("b's key").address())
            },
            close_delay: Seconds::DAY,
            salt: Nonce::short([salt; 8]),
        };
        let channel = terms.id(contract.domain());
        let path = format!("/v1/watch/channels/{channel}");
        let stale =
            json!({ "terms": terms, "vouchers": [voucher(&contract, &terms, "a's key", 30)] });
        let unknown = server
            .post("/v1/watch/channels", None, &stale)
            .await
            .unwrap();
        assert_eq!(unknown.code(), "not_found", "{}", unknown.text);

        contract
            .open_channel(&terms, units(300))
            .send(&alice)
            .await
            .unwrap();
        eventually("the channel is followed", async || {
            let answer = server
                .post("/v1/watch/channels", None, &stale)
                .await
                .unwrap();
            (answer.status == 200).then_some(())
        })
        .await;
        let forged =
            json!({ "terms": terms, "vouchers": [voucher(&contract, &terms, "nobody's", 90)] });
        let forged = server
            .post("/v1/watch/channels", None, &forged)
            .await
            .unwrap();
        assert_eq!(forged.code(), "invalid_request");
        let mut vouchers = vec![voucher(&contract, &terms, "a's key", 200)];
        if !one_way {
            vouchers.push(voucher(&contract, &terms, "b's key", 80));
        }
        let newer = json!({ "terms": terms, "vouchers": vouchers });
        for request in [&newer, &stale] {
            server
                .post("/v1/watch/channels", None, request)
                .await
                .unwrap();
        }
        let kept = server.get(&path, None).await.unwrap().body;
        assert_eq!(
            kept["from_a"], "200",
            "an older one changes nothing: {kept}"
        );

        // Alice closes, as if nothing had been paid; Bob is offline.
        contract
            .request_channel_close(&terms)
            .send(&alice)
            .await
            .unwrap();
        let from_b = if one_way { 0 } else { 80 };
        eventually("the close is answered", async || {
            let state = contract.channel(channel).await.unwrap().unwrap();
            (state.from_a == units(200) && state.from_b == units(from_b)).then_some(())
        })
        .await;
        server.pass(Seconds::DAY).await.unwrap();
        eventually("the channel is finalized", async || {
            contract
                .channel(channel)
                .await
                .unwrap()
                .unwrap()
                .closed
                .then_some(())
        })
        .await;
    }
    // 200 by the one, 200 less 80 by the other.
    let balance = contract.account(bob.account()).await.unwrap().balance;
    assert_eq!(balance, units(1_320));
}

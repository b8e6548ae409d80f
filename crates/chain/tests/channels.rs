//! Every operation of channels.
#![allow(missing_docs)]

mod support;

use offpay_chain::{
    Refusal, Sender,
    batch::PackedClaims,
    contract::{Channel, VoucherClaim},
};
use offpay_protocol::{
    AccountId, ChannelKey, Nonce, Reference, Seconds, SigningKey,
    messages::{ChannelClose, ChannelTerms, Voucher},
};
use support::{World, account, key, units};

fn terms(
    a: &Sender,
    b: AccountId,
    key_a: &SigningKey,
    key_b: Option<&SigningKey>,
    salt: u8,
) -> ChannelTerms {
    ChannelTerms {
        a: a.account(),
        b,
        key_a: key_a.address().into(),
        key_b: key_b.map_or(ChannelKey::ZERO, |key| key.address().into()),
        close_delay: Seconds::days(2),
        salt: Nonce::new([salt; 32].into()),
    }
}

fn claim(world: &World, terms: ChannelTerms, key: &SigningKey, cumulative: u64) -> VoucherClaim {
    let channel = terms.id(world.contract.domain());
    let voucher = Voucher {
        channel,
        cumulative: units(cumulative),
        reference: Reference::ZERO,
    };
    VoucherClaim {
        terms,
        voucher: world.sign(key, voucher),
    }
}

async fn state(world: &World, terms: &ChannelTerms) -> Option<Channel> {
    world
        .contract
        .channel(terms.id(world.contract.domain()))
        .await
        .unwrap()
}

#[tokio::test]
async fn one_way() {
    let world = World::new().await;
    let (contract, payer, shop) = (&world.contract, world.person("payer").await, account(1));
    let channel_key = key("channel");
    let channels: Vec<_> = (0..3)
        .map(|salt| terms(&payer, shop, &channel_key, None, salt))
        .collect();
    assert_eq!(state(&world, &channels[0]).await, None);
    for channel in &channels[..2] {
        contract
            .open_channel(channel, units(100))
            .send(&payer)
            .await
            .unwrap();
    }
    contract
        .fund_channel(&channels[0], units(50))
        .send(&payer)
        .await
        .unwrap();
    let first = claim(&world, channels[0], &channel_key, 30);
    let claimed = contract
        .claim_voucher(&first)
        .unwrap()
        .send(&payer)
        .await
        .unwrap();
    assert_eq!(claimed.outcome, Some(units(30)));
    let again = contract
        .claim_voucher(&first)
        .unwrap()
        .send(&payer)
        .await
        .unwrap();
    assert_eq!(again.outcome, None);

    // Newer; more than is there; of a channel that was never opened; by another key.
    let claims = [
        claim(&world, channels[0], &channel_key, 40),
        claim(&world, channels[1], &channel_key, 500),
        claim(&world, channels[2], &channel_key, 5),
        claim(&world, channels[0], &key("thief"), 90),
    ];
    let packed = PackedClaims::pack(&claims).unwrap();
    let batch = contract
        .claim_vouchers(&packed)
        .unwrap()
        .send(&payer)
        .await
        .unwrap()
        .outcome;
    let ids: Vec<_> = channels
        .iter()
        .map(|channel| channel.id(contract.domain()))
        .collect();
    assert_eq!(
        (batch.from(ids[0]), batch.from(ids[1])),
        (Some(units(40)), Some(units(100)))
    );
    assert_eq!(
        batch.skipped,
        [(2, Refusal::UnknownChannel), (3, Refusal::BadSignature)]
    );
    assert_eq!(world.balance(shop).await, units(140));

    let closes_at = contract
        .request_channel_close(&channels[0])
        .send(&payer)
        .await
        .unwrap()
        .outcome;
    let early = contract
        .finalize_channel(&channels[0])
        .send(&payer)
        .await
        .unwrap_err();
    assert_eq!(
        (early.code(), early.is_retryable()),
        ("NotFinalizable", true)
    );
    world.chain.pass_until(closes_at).await.unwrap();
    let closed = contract
        .finalize_channel(&channels[0])
        .send(&payer)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        (closed.to_a, closed.to_b, closed.from_a),
        (units(110), units(0), units(40))
    );
    assert!(state(&world, &channels[0]).await.unwrap().closed);
}

#[tokio::test]
async fn two_way_closed_together() {
    let world = World::new().await;
    let (contract, a, b) = (
        &world.contract,
        world.person("a").await,
        world.person("b").await,
    );
    let (key_a, key_b) = (key("a's channel"), key("b's channel"));
    let terms = terms(&a, b.account(), &key_a, Some(&key_b), 0);
    contract
        .open_channel(&terms, units(100))
        .send(&a)
        .await
        .unwrap();
    contract
        .fund_channel(&terms, units(40))
        .send(&b)
        .await
        .unwrap();
    let open = state(&world, &terms).await.unwrap();
    assert_eq!((open.deposit_a, open.deposit_b), (units(100), units(40)));

    let deadline = world.in_an_hour().await;
    let channel = terms.id(contract.domain());
    let close = ChannelClose {
        channel,
        from_a: units(70),
        from_b: units(20),
        deadline,
    };
    let (by_a, by_b) = (
        world.sign(&key_a, close).signature,
        world.sign(&key_b, close).signature,
    );
    let forged = contract
        .close_channel_together(&terms, &close, &by_b, &by_b)
        .send(&a)
        .await
        .unwrap_err();
    assert_eq!(forged.code(), "InvalidSignature");
    let closed = contract
        .close_channel_together(&terms, &close, &by_a, &by_b)
        .send(&a)
        .await
        .unwrap()
        .outcome;
    assert_eq!((closed.to_a, closed.to_b), (units(50), units(90)));
}

#[tokio::test]
async fn two_way_closed_alone() {
    let world = World::new().await;
    let (contract, a, b) = (
        &world.contract,
        world.person("a").await,
        world.person("b").await,
    );
    let (key_a, key_b) = (key("a's channel"), key("b's channel"));
    let terms = terms(&a, b.account(), &key_a, Some(&key_b), 0);
    contract
        .open_channel(&terms, units(100))
        .send(&a)
        .await
        .unwrap();
    let old = claim(&world, terms, &key_a, 10).voucher;
    let new = claim(&world, terms, &key_a, 60).voucher;
    let closes_at = contract
        .request_channel_close(&terms)
        .send(&a)
        .await
        .unwrap()
        .outcome;
    let present = async |voucher| {
        contract
            .present_voucher(&terms, voucher)
            .unwrap()
            .send(&b)
            .await
            .unwrap()
            .outcome
    };
    assert!(present(&old).await);
    assert!(present(&new).await);
    assert!(!present(&old).await);
    world.chain.pass_until(closes_at).await.unwrap();
    let closed = contract
        .finalize_channel(&terms)
        .send(&b)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        (closed.to_a, closed.to_b, closed.from_a),
        (units(40), units(60), units(60))
    );
}

//! A lost device, and wallets that are older copies of themselves.

use offpay_protocol::conflict::conflict;
use offpay_store::testing::MemoryStorage;
use offpay_wallet::{
    Wallet,
    keys::Password,
    recovery::RecoveryStep,
    sync::{Answer, PurseOnChain, PurseView, Task},
};

use crate::world::*;

#[test]
fn back_from_the_phrase_old_purses_are_closed_and_a_new_one_is_opened() {
    let mut lost = payer();
    let old = *lost.state().records().purses.keys().next().unwrap();
    let mut payee = payee();
    sale(&mut lost, &mut payee, 200, NOW);
    drop(lost);

    // A new device, the same account: no purse of it is known here.
    let mut restored = wallet(1);
    let on_chain = PurseOnChain {
        paid: units(150),
        ..on_chain(key(1).address().into(), 1_000)
    };
    let found = [PurseView {
        purse: old,
        on_chain: Some(on_chain),
        at: block(NOW),
    }];
    let steps = restored.state().recovery(&found, at(NOW));
    let [first, second, third] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(*first, RecoveryStep::RequestPurseClose(old));
    let RecoveryStep::OpenPurse(terms) = second else {
        panic!()
    };
    assert_eq!((terms.circle, terms.funds), (market(), units(850)));
    let close = RecoveryStep::ClosePurse {
        purse: old,
        at: at(NOW + 7 * DAY),
        left: units(850),
    };
    assert_eq!(*third, close);

    let opened = restored.prepare_purse(*terms, &entropy(), at(NOW)).unwrap();
    assert_ne!(opened.key, old);
    // Once it has a purse of its own, only closing is left.
    see_purse(&mut restored, opened.key, 850, NOW);
    let closing = PurseOnChain {
        closes_at: Some(at(NOW + 7 * DAY)),
        ..on_chain
    };
    let found = [PurseView {
        purse: old,
        on_chain: Some(closing),
        at: block(NOW),
    }];
    assert_eq!(restored.state().recovery(&found, at(NOW)), [close]);
}

#[test]
fn a_disk_image_that_is_restored_stops_as_soon_as_the_chain_shows_it() {
    let storage = MemoryStorage::new();
    let mut original = wallet_on(storage.clone(), 1);
    let purse = open_purse(&mut original, 1_000, NOW);
    let mut payee = payee();
    sale(&mut original, &mut payee, 100, NOW);
    let image = MemoryStorage::image(storage.records());
    sale(&mut original, &mut payee, 50, NOW);

    // Nobody can see it offline: this is the double spend that an image makes possible.
    let mut copy = Wallet::open(image).unwrap();
    copy.unlock(&Password::new(PIN), at(NOW)).unwrap();
    let request = ask(&mut payee, 50, NOW);
    let twice = pay(&mut copy, &request, NOW).unwrap();
    let refusal = accept(&mut payee, &twice, NOW).unwrap_err();
    assert_eq!(refusal.code(), "payment_cumulative_too_low");
    let made = original
        .state()
        .records()
        .made
        .values()
        .map(|made| made.payment);
    assert!(
        made.into_iter()
            .any(|payment| conflict(&payment, &twice.payment).is_some())
    );

    // Once the chain shows more paid than this copy ever signed, it never signs again.
    let mut elsewhere = wallet(9);
    join_market(&mut elsewhere, NOW);
    let on_chain = PurseOnChain {
        paid: units(151),
        ..on_chain(key(1).address().into(), 1_000)
    };
    let view = PurseView {
        purse,
        on_chain: Some(on_chain),
        at: block(NOW),
    };
    copy.learn(Answer::Purse(view), at(NOW)).unwrap();
    let request = ask(&mut elsewhere, 1, NOW);
    assert_eq!(
        pay(&mut copy, &request, NOW).unwrap_err().code(),
        "no_purse"
    );
    assert!(
        copy.state()
            .tasks(at(NOW))
            .contains(&Task::RequestPurseClose(purse))
    );
}

#[test]
fn the_original_goes_on() {
    let mut payer = payer();
    let mut payee = payee();
    let purse = sale(&mut payer, &mut payee, 100, NOW).purse;
    let on_chain = PurseOnChain {
        paid: units(100),
        ..on_chain(key(1).address().into(), 1_000)
    };
    let view = PurseView {
        purse,
        on_chain: Some(on_chain),
        at: block(NOW),
    };
    payer.learn(Answer::Purse(view), at(NOW)).unwrap();
    sale(&mut payer, &mut payee, 100, NOW);
}

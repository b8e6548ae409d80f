//! A backup brings back what was received. It never brings back a serial, however one tries.

use offpay_protocol::{PurseKey, conflict::conflict, messages::Payment};
use offpay_store::testing::MemoryStorage;
use offpay_wallet::{
    Wallet,
    channel::ChannelProposal,
    keys::{KdfCost, Password},
    messages::Message,
    records::Records,
    sync::{Answer, ChannelOnChain, Task},
};
use proptest::prelude::*;

use crate::{refusals_to_accept::assert_plain, world::*};

fn password() -> Password {
    Password::new("backup words")
}

fn backup(wallet: &mut TestWallet, now: u64) -> Vec<u8> {
    let backup = wallet.backup(&password(), KdfCost::FOR_TESTS, &entropy(), at(now));
    backup.unwrap().into_inner()
}

#[test]
fn received_payments_and_history_come_back() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let saved = backup(&mut payee, NOW + 10);
    let before = payee.state().history(&Default::default());
    drop(payee);

    let mut again = wallet(2);
    let count = again
        .restore_backup(&saved, &password(), at(NOW + DAY))
        .unwrap();
    assert_eq!((count.received, count.backed_up_at), (1, at(NOW + 10)));
    assert_eq!(again.state().history(&Default::default()), before);
    assert!(
        again
            .state()
            .tasks(at(NOW + DAY))
            .iter()
            .any(|task| { matches!(task, Task::HandIn { id, .. } if *id == taken.id) })
    );
    assert_reopens_as(&again);
    // Twice changes nothing more.
    let records = again.state().records().clone();
    again
        .restore_backup(&saved, &password(), at(NOW + DAY))
        .unwrap();
    let mut twice = again.state().records().clone();
    twice.number = records.number;
    assert_eq!(twice, records);
}

#[test]
fn what_was_paid_after_the_backup_is_not_taken_twice() {
    let (mut payer, mut payee) = (payer(), payee());
    let request = ask(&mut payee, 20, NOW);
    let printed = ask(&mut payee, 0, NOW);
    let saved = backup(&mut payee, NOW);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    accept(&mut payee, &shown, NOW).unwrap();
    let mut by_print = order(&printed);
    by_print.amount = Some(units(5));
    let again = payment(payer.pay(&by_print, at(NOW)).unwrap());
    accept(&mut payee, &again, NOW).unwrap();

    let mut restored = wallet(2);
    join_market(&mut restored, NOW);
    restored
        .restore_backup(&saved, &password(), at(NOW))
        .unwrap();
    for paid_before in [shown, again] {
        let refusal = accept(&mut restored, &paid_before, NOW).unwrap_err();
        assert_eq!(refusal.code(), "request_withdrawn");
    }
}

#[test]
fn no_key_and_no_serial_is_in_it() {
    let (mut payer, mut payee) = (payer(), payee());
    let sealed = payer
        .state()
        .records()
        .purses
        .values()
        .next()
        .unwrap()
        .sealed
        .clone();
    sale(&mut payer, &mut payee, 20, NOW);
    let saved = backup(&mut payer, NOW);
    let mut restored = wallet(1);
    restored
        .restore_backup(&saved, &password(), at(NOW))
        .unwrap();
    let records = restored.state().records();
    assert!(records.purses.is_empty() && records.channel_keys.is_empty());
    assert_eq!(records.made.len(), 1);
    let all = serde_json::to_string(records).unwrap();
    assert!(!all.contains(&serde_json::to_string(&sealed).unwrap()));
    let request = ask(&mut payee, 1, NOW);
    assert_eq!(
        pay(&mut restored, &request, NOW).unwrap_err().code(),
        "no_purse"
    );
}

#[test]
fn channels_come_back_to_be_closed_and_not_to_pay() {
    let (mut a, mut b) = (wallet(1), wallet(2));
    let theirs = b.prepare_channel_key(&entropy(), at(NOW)).unwrap().key;
    let proposal = ChannelProposal {
        counterparty: b.state().account(),
        counterparty_key: Some(theirs),
        close_delay: None,
    };
    let terms = a
        .propose_channel(&proposal, &entropy(), at(NOW))
        .unwrap()
        .into_inner();
    b.join_channel(terms, at(NOW)).unwrap();
    let channel = terms.id(&deployment().domain);
    let on_chain = ChannelOnChain {
        deposit_a: units(100),
        deposit_b: units(100),
        from_a: units(0),
        from_b: units(0),
        closes_at: None,
        closed: false,
    };
    let see = |wallet: &mut TestWallet, on_chain, now: u64| {
        let answer = Answer::Channel {
            channel,
            on_chain: Some(on_chain),
            at: block(now),
        };
        wallet.learn(answer, at(now)).unwrap();
    };
    see(&mut a, on_chain, NOW);
    see(&mut b, on_chain, NOW);
    let request = ask(&mut b, 60, NOW);
    let offpay_wallet::pay::Paid::Voucher(shown) =
        a.pay(&order(&request), at(NOW)).unwrap().into_inner()
    else {
        panic!()
    };
    b.accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();
    let saved = backup(&mut b, NOW);

    let mut restored = wallet(2);
    restored
        .restore_backup(&saved, &password(), at(NOW))
        .unwrap();
    see(&mut restored, on_chain, NOW + DAY);
    let request = ask(&mut a, 1, NOW + DAY);
    let through = offpay_wallet::pay::PayOrder {
        source: offpay_wallet::pay::Source::Channel(channel),
        ..order(&request)
    };
    assert_eq!(
        restored.pay(&through, at(NOW + DAY)).unwrap_err().code(),
        "channel_no_key"
    );
    assert!(restored.propose_close(channel, at(NOW + DAY)).is_err());
    // The newest voucher is there to be presented.
    let closing = ChannelOnChain {
        closes_at: Some(at(NOW + 9 * DAY)),
        ..on_chain
    };
    see(&mut restored, closing, NOW + DAY);
    assert!(restored.state().tasks(at(NOW + DAY)).iter().any(|task| {
        matches!(task, Task::HandInVoucher { signed, .. } if signed.voucher == shown.voucher)
    }));
}

#[test]
fn backups_that_are_not_read() {
    let mut payee = payee();
    let saved = backup(&mut payee, NOW);
    let token = deployment().token;
    let refuse = |bytes: &[u8], password: &Password, byte: u8| {
        let error = wallet(byte)
            .restore_backup(bytes, password, at(NOW))
            .unwrap_err();
        assert_plain(&error.message(&token));
        error.code()
    };
    assert_eq!(
        refuse(&saved, &Password::new("wrong words"), 2),
        "wrong_password"
    );
    assert_eq!(refuse(&saved, &password(), 3), "backup_other_account");
    assert_eq!(refuse(b"not a backup", &password(), 2), "not_a_backup");
    let mut cut = saved.clone();
    cut.truncate(saved.len() - 9);
    assert_eq!(refuse(&cut, &password(), 2), "not_a_backup");
    let text = String::from_utf8(saved).unwrap();
    let newer = text.replace("\"version\":1", "\"version\":2");
    assert_eq!(refuse(newer.as_bytes(), &password(), 2), "backup_too_new");
    let dear = text.replace("\"memoryKib\":8", "\"memoryKib\":4294967295");
    assert_eq!(refuse(dear.as_bytes(), &password(), 2), "kdf_cost");
    let short = payee.backup(&Password::new("1"), KdfCost::FOR_TESTS, &entropy(), at(NOW));
    assert_eq!(short.unwrap_err().code(), "password_too_short");
}

#[test]
fn a_backup_by_a_later_self_retires_the_purse_that_it_went_on_with() {
    let storage = MemoryStorage::new();
    let mut payer = wallet_on(storage.clone(), 1);
    open_purse(&mut payer, 1_000, NOW);
    let mut payee = payee();
    sale(&mut payer, &mut payee, 20, NOW);
    let image = MemoryStorage::image(storage.records());
    sale(&mut payer, &mut payee, 20, NOW);
    let saved = backup(&mut payer, NOW);
    let mut old_self = Wallet::open(image).unwrap();
    old_self.unlock(&Password::new(PIN), at(NOW)).unwrap();
    old_self
        .restore_backup(&saved, &password(), at(NOW))
        .unwrap();
    let request = ask(&mut payee, 1, NOW);
    assert_eq!(
        pay(&mut old_self, &request, NOW).unwrap_err().code(),
        "no_purse"
    );
    // The wallet that made the backup takes it back without harm.
    payer.restore_backup(&saved, &password(), at(NOW)).unwrap();
    sale(&mut payer, &mut payee, 20, NOW);
}

/// What somebody does who wants a used serial out of a backup.
#[derive(Clone, Copy, Debug)]
enum Try {
    Pay(u8),
    Backup,
    RestoreHere(u8),
    LoseDevice(u8),
    NewPurse,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        4 => (1u8..50).prop_map(Try::Pay),
        1 => Just(Try::Backup),
        1 => any::<u8>().prop_map(Try::RestoreHere),
        1 => any::<u8>().prop_map(Try::LoseDevice),
        1 => Just(Try::NewPurse),
    ];
    prop::collection::vec(one, 1..30)
}

fn signed(records: &Records, all: &mut Vec<(PurseKey, Payment)>) {
    for made in records.made.values() {
        let new = (made.purse, made.payment);
        if !all.contains(&new) {
            all.push(new);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However backups are made, restored over a living wallet and onto new devices: no two payments ever conflict, and
    /// no device key ever comes back.
    #[test]
    fn no_serial_is_signed_twice_by_restoring(tries in tries()) {
        let mut payee = payee();
        let mut payer = payer();
        let mut backups = vec![backup(&mut payer, NOW)];
        let mut everything = Vec::new();
        let mut lost: Vec<PurseKey> = Vec::new();
        for step in tries {
            match step {
                Try::Pay(amount) => {
                    let request = ask(&mut payee, amount.into(), NOW);
                    if let Ok(shown) = pay(&mut payer, &request, NOW) {
                        prop_assert!(!lost.contains(&shown.purse), "a lost key signs");
                    }
                }
                Try::Backup => backups.push(backup(&mut payer, NOW)),
                Try::RestoreHere(which) => {
                    let saved = &backups[usize::from(which) % backups.len()];
                    payer.restore_backup(saved, &password(), at(NOW)).unwrap();
                }
                Try::LoseDevice(which) => {
                    lost.extend(payer.state().records().purses.keys());
                    payer = wallet(1);
                    let saved = &backups[usize::from(which) % backups.len()];
                    payer.restore_backup(saved, &password(), at(NOW)).unwrap();
                }
                Try::NewPurse => {
                    open_purse(&mut payer, 200, NOW);
                }
            }
            signed(payer.state().records(), &mut everything);
        }
        for (purse, one) in &everything {
            for (other_purse, other) in &everything {
                if purse == other_purse {
                    prop_assert_eq!(conflict(one, other), None);
                }
            }
        }
    }
}

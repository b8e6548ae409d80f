//! A fault at every single write, of payer and of payee, in memory and in SQLite.
//!
//! Afterwards: no serial was signed twice, no accepted payment is missing, and nothing was handed out that is not
//! stored. People do what they do then: open the app again and repeat what did not work.

use std::{collections::BTreeSet, rc::Rc};

use offpay_protocol::{PaymentId, PurseKey, conflict::conflict, messages::Payment};
use offpay_store::{
    WalletFile,
    testing::{Fault, Faulty, Injector, MemoryStorage},
};
use offpay_wallet::{
    Durable, Wallet,
    accept::NetworkWord,
    channel::ChannelProposal,
    keys::Password,
    pay::{Paid, PayError, ShownPayment},
    refund::RefundOrder,
    storage::Storage,
    sync::{Answer, ChannelOnChain},
};

use crate::world::*;

type AnyWallet = Wallet<Box<dyn Storage>>;
type Open = Rc<dyn Fn() -> Box<dyn Storage>>;

/// Somebody whose app may die at a write, and who opens it again.
struct Person {
    open: Open,
    injector: Injector,
    wallet: Option<AnyWallet>,
}

impl Person {
    fn new(open: Open, injector: Injector, create: impl Fn(Box<dyn Storage>) -> AnyWallet) -> Self {
        // Creating is not where the fault is: it has a test of its own.
        drop(create(open()));
        let mut person = Self {
            open,
            injector,
            wallet: None,
        };
        person.reopen(person.injector.clone());
        person
    }

    fn reopen(&mut self, injector: Injector) {
        self.wallet = None;
        let storage: Box<dyn Storage> = Box::new(Faulty::new((self.open)(), injector));
        let mut wallet = Wallet::open(storage).unwrap();
        wallet.unlock(&Password::new(PIN), at(NOW)).unwrap();
        self.wallet = Some(wallet);
    }

    /// Does something; if it fails, looks at what the wallet says now, and does it again.
    fn insist<T, E: std::fmt::Debug>(
        &mut self,
        mut act: impl FnMut(&mut AnyWallet) -> Result<T, E>,
    ) -> T {
        let mut last = None;
        for _ in 0..3 {
            match act(self.wallet.as_mut().unwrap()) {
                Ok(done) => return done,
                Err(error) => last = Some(format!("{error:?}")),
            }
            if self.injector.is_crashed() {
                self.reopen(Injector::none());
            }
        }
        panic!("{last:?}")
    }

    fn wallet(&mut self) -> &mut AnyWallet {
        self.wallet.as_mut().unwrap()
    }
}

/// What left the wallets.
#[derive(Default)]
struct Seen {
    payments: Vec<(PurseKey, Payment)>,
    verdicts: BTreeSet<PaymentId>,
    receipts: BTreeSet<PaymentId>,
}

/// Pays, as a person does that was interrupted: what was signed for this request is shown again.
fn pay_once(
    wallet: &mut AnyWallet,
    request: &offpay_wallet::ask::ShownRequest,
) -> Result<Paid, PayError> {
    match wallet.pay(&order(request), at(NOW)) {
        Ok(paid) => Ok(paid.into_inner()),
        Err(PayError::AlreadyPaid { by }) if wallet.state().records().made.contains_key(&by) => {
            Ok(Paid::Payment(wallet.show_payment(by)?.into_inner()))
        }
        Err(PayError::AlreadyPaid { by }) => {
            let channels = wallet.state().records().channels.clone();
            let note = wallet
                .state()
                .records()
                .vouchers
                .iter()
                .find(|note| note.id == by)
                .unwrap();
            let newest = channels[&note.channel].newest_sent.unwrap();
            Ok(Paid::Voucher(offpay_wallet::channel::ShownVoucher {
                id: by,
                amount: note.amount,
                voucher: newest.voucher,
                signature: newest.signature,
                request: request.request.clone(),
            }))
        }
        Err(error) => Err(error),
    }
}

fn sell(
    payer: &mut Person,
    payee: &mut Person,
    amount: u64,
    seen: &mut Seen,
) -> Option<ShownPayment> {
    let request = payee.insist(|payee| payee.ask(&ask_for(amount), &entropy(), at(NOW)));
    let paid = payer.insist(|payer| pay_once(payer, &request));
    let shown = match paid {
        Paid::Voucher(shown) => {
            payee.insist(|payee| payee.accept_voucher(shown.voucher, shown.signature, at(NOW)));
            return None;
        }
        Paid::Payment(shown) => shown,
    };
    seen.payments.push((shown.purse, shown.payment));
    let offer = offer(&shown);
    let taken = payee.insist(|payee| payee.accept(&offer, NetworkWord::None, at(NOW)));
    seen.verdicts.insert(taken.id);
    let receipt = payee.insist(|payee| payee.give_receipt(taken.id, at(NOW)));
    seen.receipts.insert(taken.id);
    payer.insist(|payer| payer.take_receipt(receipt.receipt, receipt.signature, at(NOW)));
    Some(shown)
}

/// A day in the life of two wallets, through every kind of write that money depends on.
fn day(payer: &mut Person, payee: &mut Person) -> Seen {
    let mut seen = Seen::default();
    let opened = payer.insist(|payer| payer.prepare_purse(terms(1_000), &entropy(), at(NOW)));
    payer.insist(|payer| {
        let on_chain = Some(on_chain(payer.state().account(), 1_000));
        let view = offpay_wallet::sync::PurseView {
            purse: opened.key,
            on_chain,
            at: block(NOW),
        };
        payer.learn(Answer::Purse(view), at(NOW))
    });
    let owner = payer.wallet().state().account();
    let renewed = certify(certificate(opened.key, owner, 1_000, NOW));
    payer.insist(|payer| payer.renew_certificate(renewed, at(NOW)));

    sell(payer, payee, 20, &mut seen);
    let second = sell(payer, payee, 30, &mut seen).unwrap();

    // The shop gives a part of it back, out of a purse of its own.
    let own = payee.insist(|payee| payee.prepare_purse(terms(100), &entropy(), at(NOW)));
    let shop = payee.wallet().state().account();
    payee.insist(|payee| {
        let view = offpay_wallet::sync::PurseView {
            purse: own.key,
            on_chain: Some(on_chain(shop, 100)),
            at: block(NOW),
        };
        payee.learn(Answer::Purse(view), at(NOW))
    });
    let renewed = certify(certificate(own.key, shop, 100, NOW));
    payee.insist(|payee| payee.renew_certificate(renewed, at(NOW)));
    let refund = payee.insist(|payee| {
        let refunded = payee.state().refunded(second.id);
        if refunded.is_zero() {
            let order = RefundOrder {
                original: second.id,
                amount: Some(units(10)),
                purse: None,
            };
            return payee.refund(&order, at(NOW)).map(payment);
        }
        let made = payee
            .state()
            .records()
            .made
            .values()
            .find(|made| made.refund_of.is_some());
        let id = made.unwrap().id;
        payee.show_payment(id).map(Durable::into_inner)
    });
    seen.payments.push((refund.purse, refund.payment));
    payer.insist(|payer| {
        if payer.state().records().circles.is_empty() {
            payer.join_circle(market(), "Market", at(NOW))?;
        }
        Ok::<_, offpay_wallet::owner::OwnerError>(())
    });
    payer.insist(|payer| {
        let place = Some(offpay_wallet::sync::CircleOnChain {
            from: at(NOW - 30 * DAY),
            until: None,
        });
        payer.learn(
            Answer::Membership {
                circle: market(),
                place,
                at: block(NOW),
            },
            at(NOW),
        )
    });
    let given_back = offer(&refund);
    let taken = payer.insist(|payer| payer.accept(&given_back, NetworkWord::None, at(NOW)));
    assert_eq!(taken.refund_of, Some(second.id));

    channel_day(payer, payee, &mut seen);
    seen
}

fn channel_day(payer: &mut Person, payee: &mut Person, seen: &mut Seen) {
    let counterparty = payee.wallet().state().account();
    let key = payee
        .insist(|payee| payee.prepare_channel_key(&entropy(), at(NOW)))
        .key;
    let proposal = ChannelProposal {
        counterparty,
        counterparty_key: Some(key),
        close_delay: None,
    };
    let terms = payer.insist(|payer| payer.propose_channel(&proposal, &entropy(), at(NOW)));
    payee.insist(|payee| match payee.join_channel(*terms, at(NOW)) {
        Ok(_) => Ok(()),
        Err(_)
            if payee
                .state()
                .records()
                .channels
                .contains_key(&terms.id(&deployment().domain)) =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    });
    let on_chain = ChannelOnChain {
        deposit_a: units(500),
        deposit_b: units(0),
        from_a: units(0),
        from_b: units(0),
        closes_at: None,
        closed: false,
    };
    let channel = terms.id(&deployment().domain);
    for person in [&mut *payer, &mut *payee] {
        person.insist(|wallet| {
            let answer = Answer::Channel {
                channel,
                on_chain: Some(on_chain),
                at: block(NOW),
            };
            wallet.learn(answer, at(NOW))
        });
    }
    sell(payer, payee, 40, seen);
    sell(payer, payee, 5, seen);
}

fn check(payer: &mut Person, payee: &mut Person, seen: &Seen) {
    // Straight from the storage: what memory says does not count.
    let (payer, payee) = (payer.open_records(), payee.open_records());
    let mut signed: Vec<(PurseKey, Payment)> = seen.payments.clone();
    for records in [&payer, &payee] {
        signed.extend(records.made.values().map(|made| (made.purse, made.payment)));
    }
    for (purse, one) in &signed {
        for (other_purse, other) in &signed {
            if purse == other_purse {
                assert_eq!(conflict(one, other), None, "{one:?} {other:?}");
            }
        }
    }
    let stored: Vec<Payment> = [&payer, &payee]
        .iter()
        .flat_map(|records| records.made.values().map(|made| made.payment))
        .collect();
    for (_, payment) in &seen.payments {
        assert!(
            stored.contains(payment),
            "shown and not stored: {payment:?}"
        );
    }
    for id in &seen.verdicts {
        assert!(
            payee.received.contains_key(id),
            "accepted and not stored: {id}"
        );
    }
    for id in &seen.receipts {
        assert!(
            payee.received[id].receipt.is_some(),
            "receipt shown and not stored: {id}"
        );
        assert!(payer.made[id].receipt.is_some());
    }
    // Each sale happened once, however often it was tried.
    assert_eq!(payee.received.len(), 2);
    assert_eq!(payer.received.len(), 1);
    let channel = payee
        .channels
        .values()
        .find(|channel| !channel.received.is_zero())
        .unwrap();
    assert_eq!(channel.received, units(45));
    let sent = payer
        .channels
        .values()
        .find(|channel| !channel.sent.is_zero())
        .unwrap();
    assert_eq!(
        (sent.sent, sent.newest_sent),
        (units(45), channel.newest_received)
    );
}

impl Person {
    fn open_records(&mut self) -> offpay_wallet::records::Records {
        self.wallet = None;
        (self.open)().load().unwrap()
    }
}

const FAULTS: [Fault; 4] = [
    Fault::FailBefore,
    Fault::FailAfter,
    Fault::CrashBefore,
    Fault::CrashAfter,
];

/// Runs the day once for every write and every fault.
fn at_every_write(faults: &[Fault], storages: impl Fn() -> (Open, Open)) {
    let run = |payer_fault: Injector, payee_fault: Injector| {
        let (payer_open, payee_open) = storages();
        let mut payer = Person::new(payer_open, payer_fault.clone(), |storage| {
            wallet_on(storage, 1)
        });
        let mut payee = Person::new(payee_open, payee_fault.clone(), payee_on);
        let seen = day(&mut payer, &mut payee);
        check(&mut payer, &mut payee, &seen);
        (payer_fault.calls(), payee_fault.calls())
    };
    let (payer_writes, payee_writes) = run(Injector::none(), Injector::none());
    assert!(
        payer_writes > 12 && payee_writes > 12,
        "{payer_writes} {payee_writes}"
    );
    for fault in faults.iter().copied() {
        for write in 1..=payer_writes {
            run(Injector::at(write, fault), Injector::none());
        }
        for write in 1..=payee_writes {
            run(Injector::none(), Injector::at(write, fault));
        }
    }
}

#[test]
fn in_memory() {
    let memory = || {
        let storage = MemoryStorage::new();
        let open: Open = Rc::new(move || Box::new(storage.clone()));
        open
    };
    at_every_write(&FAULTS, || (memory(), memory()));
}

#[test]
fn in_sqlite() {
    let file = |folder: &Rc<tempfile::TempDir>, name: &str| {
        let (path, keep) = (folder.path().join(name), Rc::clone(folder));
        let open: Open = Rc::new(move || {
            let _alive = &keep;
            Box::new(WalletFile::open(&path).unwrap())
        });
        open
    };
    // SQLite fails as a whole when the process dies; the other faults are the memory's business.
    at_every_write(&[Fault::CrashBefore, Fault::CrashAfter], || {
        let folder = Rc::new(fast_folder());
        (file(&folder, "payer.db"), file(&folder, "payee.db"))
    });
}

/// A folder in memory where there is one: thousands of writes wait for no disk.
fn fast_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

#[test]
fn creating_a_wallet_happens_or_does_not() {
    for fault in FAULTS {
        let storage = MemoryStorage::new();
        let faulty = Faulty::new(storage.clone(), Injector::at(1, fault));
        let order = || offpay_wallet::wallet::NewWalletOrder {
            deployment: deployment(),
            identity: offpay_wallet::wallet::NewIdentity::Owner(key(1)),
            name: "Blue Door".into(),
            settings: settings(),
            cost: offpay_wallet::keys::KdfCost::FOR_TESTS,
        };
        let create = |storage: Box<dyn Storage>| {
            Wallet::create(storage, order(), &Password::new(PIN), &entropy(), at(NOW))
        };
        assert!(create(Box::new(faulty)).is_err(), "{fault:?}");
        let again = create(Box::new(storage.clone()));
        match fault {
            Fault::FailBefore | Fault::CrashBefore => assert!(again.is_ok()),
            Fault::FailAfter | Fault::CrashAfter => {
                assert_eq!(again.err().unwrap().code(), "wallet_exists");
                let mut wallet = Wallet::open(storage).unwrap();
                wallet.unlock(&Password::new(PIN), at(NOW)).unwrap();
            }
        }
    }
}

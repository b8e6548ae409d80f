//! For any history of honest wallets: no conflict, nothing beyond the funds, no default. For any cheat: every overspend
//! ends in a default that the contract sees, and who was told "guaranteed" is paid.

use std::collections::BTreeMap;

use offpay_protocol::{
    AccountId, Amount, PurseKey, Signable,
    acceptance::Verdict,
    conflict::conflict,
    messages::{Certificate, Payment},
    payment_rules::promises_exceed,
    settlement::{Presentation, PurseState},
    wire::CertifiedPayment,
};
use offpay_store::testing::{Fault, Faulty, Injector, MemoryStorage};
use offpay_wallet::{
    Wallet,
    keys::Password,
    pay::{PayError, PayOrder, Source},
    records::Records,
};
use proptest::prelude::*;

use crate::world::*;

type Fragile = Wallet<Faulty<MemoryStorage>>;

/// What an honest person does, in any order.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Pays one of three payees, from one of the purses or as the wallet sees fit.
    Pay {
        payee: u8,
        amount: u8,
        purse: Option<u8>,
    },
    /// Shows the newest payment again.
    ShowAgain,
    /// Puts more money into a purse.
    TopUp { purse: u8, amount: u8 },
    /// Opens another purse.
    Open { funds: u8 },
    /// Takes a purse out of use.
    Retire { purse: u8 },
    /// The app dies at the next write, before or after it.
    Crash { after: bool },
    /// The next write fails, and the app goes on.
    Fail { after: bool },
    /// Closes the app and opens it again.
    Reopen,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let purse = prop::option::weighted(0.3, any::<u8>());
    let one = prop_oneof![
        10 => (0u8..3, 1u8..60, purse)
            .prop_map(|(payee, amount, purse)| Deed::Pay { payee, amount, purse }),
        1 => Just(Deed::ShowAgain),
        1 => (any::<u8>(), 1u8..100).prop_map(|(purse, amount)| Deed::TopUp { purse, amount }),
        1 => (1u8..200).prop_map(|funds| Deed::Open { funds }),
        1 => any::<u8>().prop_map(|purse| Deed::Retire { purse }),
        1 => any::<bool>().prop_map(|after| Deed::Crash { after }),
        1 => any::<bool>().prop_map(|after| Deed::Fail { after }),
        1 => Just(Deed::Reopen),
    ];
    prop::collection::vec(one, 1..40)
}

/// A wallet that may die, and the storage that stays.
struct Honest {
    storage: MemoryStorage,
    wallet: Fragile,
    /// Every payment that was ever handed out.
    shown: Vec<(PurseKey, Payment)>,
}

fn reopened(storage: &MemoryStorage, injector: Injector) -> Fragile {
    let mut wallet = Wallet::open(Faulty::new(storage.clone(), injector)).unwrap();
    wallet.unlock(&Password::new(PIN), at(NOW)).unwrap();
    wallet
}

impl Honest {
    fn new() -> Self {
        let storage = MemoryStorage::new();
        let mut wallet = wallet_on(storage.clone(), 1);
        open_purse(&mut wallet, 150, NOW);
        let mut settings = *wallet.state().settings();
        settings.spending = Default::default();
        wallet.change_settings(settings, at(NOW)).unwrap();
        drop(wallet);
        let wallet = reopened(&storage, Injector::none());
        Self {
            storage,
            wallet,
            shown: Vec::new(),
        }
    }

    fn purse(&self, which: u8) -> PurseKey {
        let purses = &self.storage.records().purses;
        *purses
            .keys()
            .nth(usize::from(which) % purses.len())
            .unwrap()
    }

    fn pay(&mut self, payees: &mut [TestWallet], payee: u8, amount: u8, purse: Option<u8>) {
        let request = ask(&mut payees[usize::from(payee)], amount.into(), NOW);
        let source = purse.map_or(Source::Auto, |which| Source::Purse(self.purse(which)));
        let order = PayOrder {
            source,
            ..order(&request)
        };
        match self.wallet.pay(&order, at(NOW)) {
            Ok(paid) => {
                let shown = payment(paid);
                self.shown.push((shown.purse, shown.payment));
                // The payee takes it, or has a reason that is not the payer's dishonesty.
                if let Err(error) = accept(&mut payees[usize::from(payee)], &shown, NOW) {
                    let code = error.code();
                    assert!(code.starts_with("limit_"), "{code}");
                }
            }
            Err(PayError::Storage(_)) => self.recover(),
            Err(_) => {}
        }
    }

    /// After a failed write the app may be dead: then it is opened again.
    fn recover(&mut self) {
        if self.wallet.state().records().number == self.storage.records().number {
            return;
        }
        self.wallet = reopened(&self.storage, Injector::none());
    }

    fn act(&mut self, deed: Deed, payees: &mut [TestWallet]) {
        let fault = |crash: bool, after: bool| match (crash, after) {
            (true, true) => Fault::CrashAfter,
            (true, false) => Fault::CrashBefore,
            (false, true) => Fault::FailAfter,
            (false, false) => Fault::FailBefore,
        };
        match deed {
            Deed::Pay {
                payee,
                amount,
                purse,
            } => self.pay(payees, payee, amount, purse),
            Deed::ShowAgain => {
                let newest = self
                    .storage
                    .records()
                    .made
                    .values()
                    .max_by_key(|made| made.number)
                    .cloned();
                if let Some(made) = newest {
                    let again = self.wallet.show_payment(made.id);
                    if let Ok(again) = again {
                        assert_eq!(again.payment, made.payment);
                    }
                }
            }
            Deed::TopUp { purse, amount } => {
                let purse = self.purse(purse);
                let funds = self.storage.records().purses[&purse].funds;
                let funds = u64::try_from(funds.get()).unwrap() + u64::from(amount);
                self.calm(|wallet| {
                    see_purse(wallet, purse, funds, NOW);
                    let renewed = certificate(purse, key(1).address().into(), funds, NOW);
                    let _ = wallet.renew_certificate(certify(renewed), at(NOW));
                });
            }
            Deed::Open { funds } => self.calm(|wallet| {
                open_purse(wallet, funds.into(), NOW);
            }),
            Deed::Retire { purse } => {
                let purse = self.purse(purse);
                self.calm(|wallet| wallet.retire_purse(purse, at(NOW)).unwrap());
            }
            Deed::Crash { after } => {
                self.wallet = reopened(&self.storage, Injector::at(1, fault(true, after)));
            }
            Deed::Fail { after } => {
                self.wallet = reopened(&self.storage, Injector::at(1, fault(false, after)));
            }
            Deed::Reopen => self.wallet = reopened(&self.storage, Injector::none()),
        }
    }

    /// Does something with a storage that works: what is tested here are payments.
    fn calm(&mut self, act: impl FnOnce(&mut Fragile)) {
        self.wallet = reopened(&self.storage, Injector::none());
        act(&mut self.wallet);
    }
}

fn parameters() -> offpay_protocol::cover::Parameters {
    deployment().parameters
}

/// The contract's view of a purse with these terms.
fn contract(funds: Amount, certificate: &Certificate) -> PurseState {
    PurseState::open(
        parameters(),
        certificate.owner,
        certificate.circle,
        funds,
        certificate.pledge,
        certificate.cover_count,
    )
    .unwrap()
}

/// No two payments conflict, promises stay within the funds, and settled in any order there is no default.
fn check_honest(records: &Records, shuffle: &[u8]) {
    let mut by_purse: BTreeMap<PurseKey, Vec<Payment>> = BTreeMap::new();
    for made in records.made.values() {
        by_purse.entry(made.purse).or_default().push(made.payment);
    }
    for (purse, mut payments) in by_purse {
        let funds = records.purses[&purse].funds;
        for (place, one) in payments.iter().enumerate() {
            assert_eq!(one.check_within(funds), Ok(()));
            for other in &payments[..place] {
                assert_eq!(conflict(one, other), None, "{one:?} {other:?}");
            }
        }
        let mut highest: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for payment in &payments {
            let reached = highest.entry(payment.payee).or_default();
            *reached = (*reached).max(payment.cumulative);
        }
        assert!(!promises_exceed(highest.values().copied(), funds));
        assert_eq!(
            Amount::checked_sum(payments.iter().map(|payment| payment.amount)),
            Some(records.purses[&purse].next_serial)
        );

        for (place, step) in shuffle.iter().enumerate() {
            let count = payments.len();
            payments.swap(place % count, usize::from(*step) % count);
        }
        let terms = certificate(purse, key(1).address().into(), 1, NOW);
        let mut state = contract(funds, &terms);
        for payment in &payments {
            let settled = state.settle(payment, false, at(NOW)).unwrap();
            assert!(matches!(
                settled.outcome,
                Presentation::PaidInFull | Presentation::NothingOwed
            ));
        }
        assert_eq!(state.pairs_in_default(), 0);
        assert!(!state.defaulted && state.closes_at.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn honest_wallets_never_overspend(deeds in deeds(), shuffle in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut honest = Honest::new();
        let mut payees = [payee_with(2), payee_with(3), payee_with(4)];
        for deed in deeds {
            honest.act(deed, &mut payees);
        }
        let records = honest.storage.records();
        check_honest(&records, &shuffle);
        // What was handed out is stored.
        for (purse, payment) in &honest.shown {
            prop_assert!(records.made.values().any(|made| made.purse == *purse && made.payment == *payment));
        }
        // What memory says after all of it is what the storage says.
        honest.wallet = reopened(&honest.storage, Injector::none());
        prop_assert_eq!(honest.wallet.state().records(), &records);
    }
}

/// A payee that allows everything that is covered, in the market.
fn payee_with(byte: u8) -> TestWallet {
    let mut wallet = wallet(byte);
    join_market(&mut wallet, NOW);
    wallet
}

/// A payment that a cheat signs with its device key, whatever it promised before.
#[derive(Clone, Copy, Debug)]
struct Lie {
    payee: u8,
    start: u8,
    amount: u8,
    /// How much of what it promised this payee before it admits to.
    before: u8,
    /// Signs honestly continuing numbers instead.
    plausible: bool,
}

fn lies() -> impl Strategy<Value = Vec<Lie>> {
    let one = (
        0u8..4,
        any::<u8>(),
        1u8..60,
        any::<u8>(),
        prop::bool::weighted(0.7),
    )
        .prop_map(|(payee, start, amount, before, plausible)| Lie {
            payee,
            start,
            amount,
            before,
            plausible,
        });
    prop::collection::vec(one, 1..24)
}

const FUNDS: u64 = 100;
/// The market has three members, and the purse a cover of 60 for each of them.
const MEMBERS: u16 = 3;

fn cheats_certificate(device: PurseKey) -> Certificate {
    Certificate {
        pledge: units(200),
        cover_count: MEMBERS,
        circle_size: MEMBERS,
        ..certificate(device, key(1).address().into(), FUNDS, NOW)
    }
}

/// What each payee took: its newest payment of the cheat's purse, and whether it was told "guaranteed" all along.
struct Victim {
    wallet: TestWallet,
    newest: Option<Payment>,
    guaranteed: bool,
}

fn present(state: &mut PurseState, payment: &Payment, is_member: bool) {
    state.settle(payment, is_member, at(NOW + 60)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_overspend_ends_in_a_default_and_guarantees_hold(lies in lies(), drain in 0u8..=100, order: [u8; 3]) {
        let device = key(0x0d);
        let purse: PurseKey = device.address().into();
        let domain = deployment().domain;
        let terms = cheats_certificate(purse);
        let certified = certify(terms);
        let mut victims: Vec<Victim> = (0..u8::try_from(MEMBERS).unwrap())
            .map(|byte| Victim { wallet: payee_with(20 + byte), newest: None, guaranteed: true })
            .collect();
        let mut signed: Vec<Payment> = Vec::new();
        let mut last_serial = 0u64;

        for lie in lies {
            let victim = &mut victims[usize::from(lie.payee) % usize::from(MEMBERS)];
            let request = ask(&mut victim.wallet, lie.amount.into(), NOW);
            let known = victim.newest.map_or(0, |newest| u64::try_from(newest.cumulative.get()).unwrap());
            let amount = u64::from(lie.amount);
            let (start, before) = if lie.plausible {
                (last_serial % (FUNDS - amount.min(FUNDS - 1)), known)
            } else {
                (lie.start.into(), u64::from(lie.before) % (known + 1))
            };
            last_serial = start + amount;
            let payment = Payment {
                payee: victim.wallet.state().account(),
                start: units(start),
                amount: units(amount),
                cumulative: units(before + amount),
                reference: request.reference,
            };
            let offer = CertifiedPayment {
                payment,
                signature: payment.sign(&domain, &device).unwrap(),
                certificate: certified.certificate,
                certificate_signature: certified.signature,
            };
            if let Ok(taken) = victim.wallet.accept(&offer, Default::default(), at(NOW)) {
                prop_assert!(taken.payment.cumulative == taken.acceptance.exposure || taken.acceptance.is_older);
                victim.guaranteed &= taken.acceptance.verdict == Verdict::Guaranteed;
                if victim.newest.is_none_or(|newest| newest.cumulative < payment.cumulative) {
                    victim.newest = Some(payment);
                }
                signed.push(payment);
            }
            // Whoever holds the proof of a double spend can stop the purse.
            for evidence in &victim.wallet.state().records().evidence {
                let mut state = contract(units(FUNDS), &terms);
                let first = state.report_double_spend(&evidence.a.payment, &evidence.b.payment, at(NOW));
                prop_assert_eq!(first, Ok(true));
            }
        }

        // The cheat drains the purse to an account of its own before anybody hands in anything.
        let mut state = contract(units(FUNDS), &terms);
        if drain > 0 {
            let own = Payment {
                payee: key(1).address().into(),
                start: units(0),
                amount: units(drain.into()),
                cumulative: units(drain.into()),
                reference: Default::default(),
            };
            present(&mut state, &own, false);
        }
        let mut places: Vec<usize> = (0..victims.len()).collect();
        places.sort_by_key(|place| order[*place]);
        for place in &places {
            if let Some(newest) = victims[*place].newest {
                present(&mut state, &newest, true);
            }
        }

        // The contract's own sum: it overspent if and only if somebody could not be paid out of the funds.
        let promised = victims.iter().filter_map(|victim| victim.newest).map(|newest| newest.cumulative.get());
        let overspent = promised.sum::<u128>() + u128::from(drain) > u128::from(FUNDS);
        prop_assert_eq!(state.pairs_in_default() > 0, overspent);
        prop_assert_eq!(state.closes_at.is_some(), overspent);

        // It is not made good: after the settlement period everybody who was told "guaranteed" has all of it.
        let late = at(NOW + 60).saturating_add(parameters().settlement_period);
        for place in places {
            let payee = victims[place].wallet.state().account();
            let _ = state.settle_after_settlement_period(payee, late);
        }
        for victim in &victims {
            if let Some(newest) = victim.newest.filter(|_| victim.guaranteed) {
                let paid = state.pair(newest.payee).paid;
                prop_assert!(paid >= newest.cumulative, "guaranteed {} and paid {paid}", newest.cumulative);
            }
        }
        if overspent {
            let closed = state.close(late.saturating_add(parameters().close_delay)).unwrap();
            prop_assert_eq!(closed.released, Amount::ZERO, "an overspend costs the whole pledge");
        }
        let _ = signed;
    }
}

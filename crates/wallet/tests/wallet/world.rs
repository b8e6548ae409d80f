//! A payer, a payee and an operator, with hands on the clock.

use offpay_protocol::{
    AccountId, Amount, Circle, Domain, PurseKey, Seconds, Signable, SigningKey, Timestamp,
    cover::Parameters,
    messages::Certificate,
    wire::{CertifiedPayment, OperatorCard},
};
use offpay_store::testing::MemoryStorage;
use offpay_wallet::{
    Deployment, Durable, Entropy, State, Token, Wallet,
    accept::{AcceptError, NetworkWord, Taken},
    ask::{Ask, ShownRequest},
    keys::{KdfCost, Password},
    pay::{Paid, PayError, PayOrder, ScannedRequest, ShownPayment, Source},
    records::{FinalizedBlock, PurseTerms, StoredCertificate},
    settings::Settings,
    storage::Storage,
    sync::{Answer, CircleOnChain, PurseOnChain, PurseView},
    wallet::{NewIdentity, NewWalletOrder},
};

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;
pub(crate) const PIN: &str = "2468";

pub(crate) type TestWallet = Wallet<MemoryStorage>;

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

pub(crate) fn units(units: u64) -> Amount {
    units.into()
}

pub(crate) fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

pub(crate) fn operator() -> SigningKey {
    key(0x0e)
}

pub(crate) fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

pub(crate) fn deployment() -> Deployment {
    Deployment {
        domain: Domain::new(31_337, [0xff; 20].into()),
        parameters: Parameters::standard(units(100)),
        token: Token {
            symbol: "OFFPAY".into(),
            decimals: 6,
        },
    }
}

/// Never the same bytes twice in one test thread.
pub(crate) fn entropy() -> Entropy {
    thread_local!(static DRAWN: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
    let drawn = DRAWN.with(|drawn| {
        drawn.set(drawn.get() + 1);
        drawn.get()
    });
    let mut bytes = [0x55; 32];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    Entropy::new(bytes)
}

pub(crate) fn settings() -> Settings {
    let mut settings = Settings::cautious(units(1_000_000));
    settings.idle_limit = Seconds::days(365);
    settings.acceptance.limits.uncovered = Amount::ZERO;
    settings
}

pub(crate) fn card() -> OperatorCard {
    OperatorCard {
        domain: deployment().domain,
        operator: operator().address().into(),
        url: "https://operator.example".into(),
        name: "Operator".into(),
    }
}

pub(crate) fn block(time: u64) -> FinalizedBlock {
    FinalizedBlock {
        number: time / 12,
        hash: [7; 32].into(),
        time: at(time),
        nodes: 2,
    }
}

/// A wallet of the account with this key, that trusts the operator and is synced.
pub(crate) fn wallet_on<S: Storage>(storage: S, byte: u8) -> Wallet<S> {
    let order = NewWalletOrder {
        deployment: deployment(),
        identity: NewIdentity::Owner(key(byte)),
        name: "Blue Door".into(),
        settings: settings(),
        cost: KdfCost::FOR_TESTS,
    };
    let mut wallet =
        Wallet::create(storage, order, &Password::new(PIN), &entropy(), at(NOW)).unwrap();
    wallet.trust_operator(&card(), at(NOW)).unwrap();
    wallet.learn(Answer::Synced(block(NOW)), at(NOW)).unwrap();
    wallet
}

/// A wallet of somebody who is not simply an owner with its key.
pub(crate) fn wallet_of(identity: NewIdentity) -> TestWallet {
    let order = NewWalletOrder {
        deployment: deployment(),
        identity,
        name: "Blue Door".into(),
        settings: settings(),
        cost: KdfCost::FOR_TESTS,
    };
    let storage = MemoryStorage::new();
    let mut wallet =
        Wallet::create(storage, order, &Password::new(PIN), &entropy(), at(NOW)).unwrap();
    wallet.trust_operator(&card(), at(NOW)).unwrap();
    wallet.learn(Answer::Synced(block(NOW)), at(NOW)).unwrap();
    wallet
}

pub(crate) fn wallet(byte: u8) -> TestWallet {
    wallet_on(MemoryStorage::new(), byte)
}

pub(crate) fn payer() -> TestWallet {
    let mut wallet = wallet(1);
    open_purse(&mut wallet, 1_000, NOW);
    wallet
}

pub(crate) fn payee() -> TestWallet {
    payee_on(MemoryStorage::new())
}

pub(crate) fn payee_on<S: Storage>(storage: S) -> Wallet<S> {
    let mut wallet = wallet_on(storage, 2);
    join_market(&mut wallet, NOW);
    wallet
}

pub(crate) fn join_market<S: Storage>(wallet: &mut Wallet<S>, now: u64) {
    wallet.join_circle(market(), "Market", at(now)).unwrap();
    let place = Some(CircleOnChain {
        from: at(now - 30 * DAY),
        until: None,
    });
    let answer = Answer::Membership {
        circle: market(),
        place,
        at: block(now),
    };
    wallet.learn(answer, at(now)).unwrap();
}

pub(crate) fn terms(funds: u64) -> PurseTerms {
    PurseTerms {
        circle: market(),
        cover_count: 10,
        funds: units(funds),
        pledge: units(10_000),
    }
}

/// Prepares a purse, opens it "on-chain" and certifies it.
pub(crate) fn open_purse<S: Storage>(wallet: &mut Wallet<S>, funds: u64, now: u64) -> PurseKey {
    let order = wallet
        .prepare_purse(terms(funds), &entropy(), at(now))
        .unwrap();
    let key = order.key;
    see_purse(wallet, key, funds, now);
    renew(wallet, key, now);
    key
}

pub(crate) fn on_chain(owner: AccountId, funds: u64) -> PurseOnChain {
    PurseOnChain {
        owner,
        circle: market(),
        funds: units(funds),
        paid: Amount::ZERO,
        pledge: units(10_000),
        cover_count: 10,
        closes_at: None,
        closed: false,
    }
}

pub(crate) fn see_purse<S: Storage>(wallet: &mut Wallet<S>, purse: PurseKey, funds: u64, now: u64) {
    let on_chain = Some(on_chain(wallet.state().account(), funds));
    let view = PurseView {
        purse,
        on_chain,
        at: block(now),
    };
    wallet.learn(Answer::Purse(view), at(now)).unwrap();
}

pub(crate) fn certificate(
    purse: PurseKey,
    owner: AccountId,
    funds: u64,
    as_of: u64,
) -> Certificate {
    Certificate {
        purse,
        owner,
        circle: market(),
        funds: units(funds),
        pledge: units(10_000),
        cover_count: 10,
        circle_size: 10,
        as_of: at(as_of),
    }
}

pub(crate) fn certify(certificate: Certificate) -> StoredCertificate {
    let signature = certificate.sign(&deployment().domain, &operator()).unwrap();
    StoredCertificate {
        certificate,
        signature,
    }
}

pub(crate) fn renew<S: Storage>(wallet: &mut Wallet<S>, key: PurseKey, as_of: u64) {
    let purse = wallet.state().purse(key).unwrap();
    let funds = u64::try_from(purse.funds.get()).unwrap();
    let renewed = certify(certificate(key, wallet.state().account(), funds, as_of));
    wallet.renew_certificate(renewed, at(as_of)).unwrap();
}

pub(crate) fn ask_for(amount: u64) -> Ask {
    Ask {
        amount: units(amount),
        valid_for: (amount != 0).then(|| Seconds::new(600).unwrap()),
        memo: "two coffees".into(),
        signed: true,
    }
}

pub(crate) fn ask<S: Storage>(
    payee: &mut Wallet<S>,
    amount: u64,
    now: u64,
) -> Durable<ShownRequest> {
    payee.ask(&ask_for(amount), &entropy(), at(now)).unwrap()
}

pub(crate) fn scanned(shown: &ShownRequest) -> ScannedRequest {
    ScannedRequest {
        request: shown.request.clone(),
        signature: shown.signature,
        attestation: shown.attestation.clone(),
    }
}

pub(crate) fn order(shown: &ShownRequest) -> PayOrder {
    PayOrder {
        scanned: scanned(shown),
        amount: None,
        source: Source::Auto,
    }
}

pub(crate) fn payment(paid: Durable<Paid>) -> ShownPayment {
    match paid.into_inner() {
        Paid::Payment(shown) => shown,
        Paid::Voucher(_) => panic!("paid through a channel"),
    }
}

pub(crate) fn pay<S: Storage>(
    payer: &mut Wallet<S>,
    shown: &ShownRequest,
    now: u64,
) -> Result<ShownPayment, PayError> {
    payer.pay(&order(shown), at(now)).map(payment)
}

pub(crate) fn offer(shown: &ShownPayment) -> CertifiedPayment {
    CertifiedPayment {
        payment: shown.payment,
        signature: shown.signature,
        certificate: shown.certificate.certificate,
        certificate_signature: shown.certificate.signature,
    }
}

pub(crate) fn accept<S: Storage>(
    payee: &mut Wallet<S>,
    shown: &ShownPayment,
    now: u64,
) -> Result<Durable<Taken>, AcceptError> {
    payee.accept(&offer(shown), NetworkWord::None, at(now))
}

/// What the wallet looks up is what it would look up after opening it anew.
pub(crate) fn assert_reopens_as<S: Storage>(wallet: &Wallet<S>) {
    let reopened = State::new(wallet.state().records().clone()).unwrap();
    assert_eq!(&reopened, wallet.state());
}

/// A request, its payment and its acceptance.
pub(crate) fn sale<S: Storage, T: Storage>(
    payer: &mut Wallet<S>,
    payee: &mut Wallet<T>,
    amount: u64,
    now: u64,
) -> Durable<Taken> {
    let request = ask(payee, amount, now);
    let shown = pay(payer, &request, now).unwrap();
    accept(payee, &shown, now).unwrap()
}

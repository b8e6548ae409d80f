//! How long a payment with no network takes: pay (sign and encode) and accept (decode, and every check with both
//! signatures), with a storage in memory. Ends in a JSON line.
#![allow(missing_docs, clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use offpay_protocol::{
    Amount, Circle, Domain, PurseKey, Seconds, Signable, SigningKey, Timestamp,
    cover::Parameters,
    messages::Certificate,
    wire::{Code, OperatorCard, PaymentCode, PaymentWithCertificateCode, ReferenceHint},
};
use offpay_store::testing::MemoryStorage;
use offpay_wallet::{
    Deployment, Entropy, Token, Wallet,
    accept::NetworkWord,
    ask::Ask,
    keys::{KdfCost, Password},
    pay::{Paid, PayOrder, ScannedRequest, Source},
    records::{FinalizedBlock, PurseTerms, StoredCertificate},
    settings::Settings,
    sync::{Answer, CircleOnChain, PurseOnChain, PurseView},
    wallet::{NewIdentity, NewWalletOrder},
};

/// Payments between two wallets; then two fresh ones.
const PAYMENTS: usize = 50;
const WALLETS: usize = 40;

const NOW: Timestamp = match Timestamp::new(1_800_000_000) {
    Some(now) => now,
    None => Timestamp::ZERO,
};

type MemoryWallet = Wallet<MemoryStorage>;

fn units(units: u64) -> Amount {
    Amount::from_u64(units)
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

fn domain() -> Domain {
    Domain::new(31_337, [0xff; 20].into())
}

fn block() -> FinalizedBlock {
    FinalizedBlock {
        number: 1,
        hash: [7; 32].into(),
        time: NOW,
        nodes: 2,
    }
}

fn entropy(draw: &mut u64) -> Entropy {
    *draw += 1;
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&draw.to_be_bytes());
    Entropy::new(bytes)
}

fn wallet(byte: u8, draw: &mut u64) -> MemoryWallet {
    let mut settings = Settings::cautious(units(1_000_000));
    settings.spending = Default::default();
    settings.idle_limit = Seconds::days(365);
    let order = NewWalletOrder {
        deployment: Deployment {
            domain: domain(),
            parameters: Parameters::standard(units(100)),
            token: Token {
                symbol: "OFFPAY".into(),
                decimals: 6,
            },
        },
        identity: NewIdentity::Owner(key(byte)),
        name: "Blue Door".into(),
        settings,
        cost: KdfCost::FOR_TESTS,
    };
    let (storage, password) = (MemoryStorage::new(), Password::new("2468"));
    let mut wallet = Wallet::create(storage, order, &password, &entropy(draw), NOW).unwrap();
    let card = OperatorCard {
        domain: domain(),
        operator: key(3).address().into(),
        url: String::new(),
        name: "Operator".into(),
    };
    wallet.trust_operator(&card, NOW).unwrap();
    wallet.learn(Answer::Synced(block()), NOW).unwrap();
    wallet
}

fn payer(draw: &mut u64) -> MemoryWallet {
    let mut wallet = wallet(1, draw);
    let terms = PurseTerms {
        circle: market(),
        cover_count: 10,
        funds: units(1_000_000),
        pledge: units(10_000_000),
    };
    let purse = wallet
        .prepare_purse(terms, &entropy(draw), NOW)
        .unwrap()
        .key;
    let on_chain = PurseOnChain {
        owner: wallet.state().account(),
        circle: terms.circle,
        funds: terms.funds,
        paid: Amount::ZERO,
        pledge: terms.pledge,
        cover_count: terms.cover_count,
        closes_at: None,
        closed: false,
    };
    let view = PurseView {
        purse,
        on_chain: Some(on_chain),
        at: block(),
    };
    wallet.learn(Answer::Purse(view), NOW).unwrap();
    let held = certified(&wallet, purse, &terms);
    wallet.learn(Answer::Certificate(held), NOW).unwrap();
    wallet
}

fn certified(wallet: &MemoryWallet, purse: PurseKey, terms: &PurseTerms) -> StoredCertificate {
    let certificate = Certificate {
        purse,
        owner: wallet.state().account(),
        circle: terms.circle,
        funds: terms.funds,
        pledge: terms.pledge,
        cover_count: terms.cover_count,
        circle_size: 8,
        as_of: NOW,
    };
    let signature = certificate.sign(&domain(), &key(3)).unwrap();
    StoredCertificate {
        certificate,
        signature,
    }
}

fn payee(draw: &mut u64) -> MemoryWallet {
    let mut wallet = wallet(2, draw);
    wallet.join_circle(market(), "Market", NOW).unwrap();
    let place = Some(CircleOnChain {
        from: NOW.saturating_sub(Seconds::days(30)),
        until: None,
    });
    let answer = Answer::Membership {
        circle: market(),
        place,
        at: block(),
    };
    wallet.learn(answer, NOW).unwrap();
    wallet
}

/// Signs, stores and encodes.
fn pay(wallet: &mut MemoryWallet, order: &PayOrder) -> String {
    let paid = wallet.pay(order, NOW).unwrap();
    let Paid::Payment(shown) = &*paid else {
        panic!("not out of a purse")
    };
    let hint = ReferenceHint::own_request(shown.payment.reference);
    let code = PaymentCode::new(&domain(), &shown.payment, hint, shown.signature).unwrap();
    let held = &shown.certificate;
    let code = PaymentWithCertificateCode::new(code, &held.certificate, held.signature);
    Code::from(code).to_text().unwrap()
}

/// Decodes, checks everything and stores.
fn accept(wallet: &mut MemoryWallet, text: &str) {
    let code = Code::parse(text).unwrap();
    black_box(wallet.accept_code(&code, NetworkWord::None, NOW).unwrap());
}

fn median(mut nanoseconds: Vec<u128>) -> f64 {
    nanoseconds.sort_unstable();
    let middle = nanoseconds[nanoseconds.len() / 2];
    (middle as f64 / 100.0).round() / 10.0
}

fn main() {
    let (mut draw, mut paying, mut accepting) = (0, Vec::new(), Vec::new());
    for _ in 0..WALLETS {
        let (mut payer, mut payee) = (payer(&mut draw), payee(&mut draw));
        for _ in 0..PAYMENTS {
            let ask = Ask {
                amount: units(20),
                valid_for: Some(Seconds::HOUR),
                memo: "coffee".into(),
                signed: true,
            };
            let shown = payee.ask(&ask, &entropy(&mut draw), NOW).unwrap();
            let scanned = ScannedRequest {
                request: shown.request.clone(),
                signature: shown.signature,
                attestation: None,
            };
            let order = PayOrder {
                scanned,
                amount: None,
                source: Source::Auto,
            };
            let began = Instant::now();
            let text = black_box(pay(&mut payer, &order));
            paying.push(began.elapsed().as_nanos());
            let began = Instant::now();
            accept(&mut payee, &text);
            accepting.push(began.elapsed().as_nanos());
        }
    }
    let (pay_us, accept_us) = (median(paying), median(accepting));
    println!("{{\"pay_us\":{pay_us},\"accept_us\":{accept_us}}}");
}

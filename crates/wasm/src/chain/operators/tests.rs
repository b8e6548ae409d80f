#![allow(clippy::unwrap_used, reason = "a test")]

use offpay_protocol::{
    Amount, Circle, Domain, SigningKey, Timestamp, TypedData as _,
    acceptance::Verdict,
    clearance::ClearanceTree,
    cover::Parameters,
    messages::{Certificate, Payment},
    wire::OperatorCard,
};
use offpay_wallet::{
    Deployment, Entropy, Token, Wallet,
    history::HistoryQuery,
    keys::{KdfCost, Password},
    records::{Acceptance, ReceivedPayment, Records, SignedPayment, StoredCertificate},
    settings::Settings,
    wallet::{NewIdentity, NewWalletOrder},
};

use super::*;
use crate::journal::{Journal, Outbox};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn moment() -> Moment {
    Moment {
        now: at(NOW),
        entropy: Entropy::new([9; 32]),
    }
}

fn domain() -> Domain {
    Domain::new(31_337, [0xff; 20].into())
}

/// A wallet that trusts the operator with key 7.
fn wallet() -> OpenWallet {
    let token = Token {
        symbol: "OFFPAY".into(),
        decimals: 6,
    };
    let order = NewWalletOrder {
        deployment: Deployment {
            domain: domain(),
            parameters: Parameters::standard(100u64.into()),
            token,
        },
        identity: NewIdentity::Owner(key(1)),
        name: String::new(),
        settings: Settings::cautious(1u64.into()),
        cost: KdfCost::FOR_TESTS,
    };
    let journal = Journal::new(Records::default(), Outbox::default());
    let (pin, entropy) = (Password::new("2468"), Entropy::new([5; 32]));
    let mut wallet = Wallet::create(journal, order, &pin, &entropy, at(NOW)).unwrap();
    let card = OperatorCard {
        domain: domain(),
        operator: key(7).address().into(),
        url: String::new(),
        name: "Operator".into(),
    };
    wallet.trust_operator(&card, at(NOW)).unwrap();
    wallet
}

/// A payment to this wallet that is to be handed in `days` from now at the latest.
fn task(days: u64) -> (Task, RecordedPayment) {
    let amount: Amount = 5u64.into();
    let payment = Payment {
        payee: key(1).address().into(),
        start: Amount::ZERO,
        amount,
        cumulative: amount,
        reference: B256::ZERO.into(),
    };
    let device = key(3);
    let (id, purse) = (payment.digest(&domain()).into(), device.address().into());
    let signed = SignedPayment {
        payment,
        signature: payment.sign(&domain(), &device).unwrap(),
    };
    let by = Some(at(NOW + days * DAY));
    let task = Task::HandIn {
        id,
        purse,
        signed,
        by,
    };
    (task, RecordedPayment { purse, id })
}

/// What a server gives: a clearance of these payments by the operator with this key, and the path of the first.
fn given(payments: &[RecordedPayment], signer: u8) -> Value {
    let tree = ClearanceTree::new(payments).unwrap();
    let message = Clearance {
        root: tree.root(),
        cleared_at: at(NOW),
    };
    let signature = message.sign(&domain(), &key(signer)).unwrap();
    let clearance = Signed {
        domain: domain(),
        message,
        signature,
    };
    json!({ "id": payments.first().unwrap().id, "clearance": clearance, "path": tree.path(0).unwrap() })
}

/// The wallet, with the payment of the task among those that it accepted.
fn holding(task: &Task) -> OpenWallet {
    let Task::HandIn {
        id, purse, signed, ..
    } = task
    else {
        unreachable!("a task of another kind")
    };
    let mut records = wallet().state().records().clone();
    let certificate = Certificate {
        purse: *purse,
        owner: key(2).address().into(),
        circle: Circle::OPEN,
        funds: 9u64.into(),
        pledge: 9u64.into(),
        cover_count: 1,
        circle_size: 1,
        as_of: at(NOW),
    };
    let received = ReceivedPayment {
        number: records.number,
        id: *id,
        purse: *purse,
        payer: certificate.owner,
        payment: signed.payment,
        signature: signed.signature,
        certificate: StoredCertificate {
            certificate,
            signature: certificate.sign(&domain(), &key(7)).unwrap(),
        },
        received_at: at(NOW),
        acceptance: Acceptance {
            verdict: Verdict::Guaranteed,
            cover: 9u64.into(),
            exposure: 5u64.into(),
            excess: Amount::ZERO,
            is_older: false,
            hand_in_by: at(NOW + 6 * DAY),
        },
        request: signed.payment.reference,
        refund_of: None,
        receipt: None,
    };
    records.received.insert(*id, received);
    Wallet::open(Journal::new(records, Outbox::default())).unwrap()
}

/// What is answered, and whether the clearance is kept.
fn said(days: u64, given: &Value) -> (Result<Value, &'static str>, bool) {
    let (task, payment) = task(days);
    let mut wallet = holding(&task);
    let round = Round::of(vec![task]);
    let answer = cleared(&mut wallet, &round, 0, given, &moment());
    let history = wallet.state().history(&HistoryQuery::default());
    let entry = history.iter().find(|entry| entry.id == payment.id).unwrap();
    (
        answer.map_err(|failure| failure.code),
        entry.cleared_at == Some(at(NOW)),
    )
}

#[test]
fn what_a_server_says_counts_only_if_it_clears_this_payment() {
    let (_, payment) = task(6);
    let other = RecordedPayment {
        purse: key(4).address().into(),
        ..payment
    };
    let taken = json!({ "handedIn": true });
    assert_eq!(said(6, &given(&[payment, other], 7)), (Ok(taken), true));
    assert_eq!(
        said(6, &given(&[payment], 8)),
        (Err("clearance_operator_untrusted"), false)
    );
    // The same message by another purse is another payment.
    assert_eq!(
        said(6, &given(&[other], 7)),
        (Err("clearance_other_payments"), false)
    );
    assert_eq!(said(6, &json!({ "ok": true })), (Err("node_answer"), false));
    // Too near to its date to be left to an operator: it goes on-chain as well. What the operator said is kept.
    let late = json!({ "handedIn": false });
    assert_eq!(said(2, &given(&[payment], 7)), (Ok(late), true));
}

#[test]
fn a_list_that_does_not_fit_is_asked_for_whole() {
    let operator: OperatorId = key(7).address().into();
    let signed = |purses: &[PurseKey], version: u64| {
        let list = Purses::new(purses.iter().copied());
        let message = Revocations {
            version,
            digest: list.digest(),
            as_of: at(NOW),
        };
        Signed {
            domain: domain(),
            message,
            signature: message.sign(&domain(), &key(7)).unwrap(),
        }
    };
    let purse = |byte: u8| -> PurseKey { key(byte).address().into() };
    let mut wallet = wallet();
    let mut learn = |told: Value| {
        let answer = revocations(&mut wallet, operator, Some(&told), &moment());
        answer.map_err(|failure| failure.code)
    };
    let first = signed(&[purse(3)], 1);
    let whole = json!({ "revocations": first, "since": 0, "added": [purse(3)], "removed": [] });
    assert_eq!(learn(whole), Ok(json!({ "send": false })));
    let second = signed(&[purse(3), purse(4)], 2);
    let changes = json!({ "revocations": second, "since": 1, "added": [purse(4)], "removed": [] });
    assert_eq!(learn(changes), Ok(json!({ "send": false })));
    let third = signed(&[purse(3), purse(4), purse(5), purse(6)], 4);
    let gap = json!({ "revocations": third, "since": 3, "added": [purse(6)], "removed": [] });
    assert_eq!(learn(gap), Ok(json!({ "send": false, "whole": true })));
    // A list that leaves out a purse that its signer listed.
    let lie = json!({ "revocations": third, "since": 0, "added": [purse(6)], "removed": [] });
    assert!(learn(lie).is_err());
    let known = known_list(&wallet, operator).unwrap();
    assert!(known.version == 2 && known.purses.contains(&purse(4)));
}

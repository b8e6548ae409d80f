//! The network is back: what is done, in which order, and which answers are believed.

use alloy_primitives::{B256, Bytes, U256, keccak256};
use offpay_protocol::{
    OperatorId, PurseKey, Signable, Signed,
    messages::{OperatorKey, Revocations},
    proof::SlotProof,
    revocations::RevocationList,
    slot::paid_to_slot,
};
use offpay_wallet::{
    records::{PurseStanding, StoredCertificate},
    sync::{
        Answer, HAND_IN_AGAIN_AFTER, NotReady, PaidTo, PurseView, Readiness, Standing, SyncError,
        Task,
    },
};

use crate::world::*;

fn purse_of(wallet: &TestWallet) -> PurseKey {
    *wallet.state().records().purses.keys().next().unwrap()
}

fn hand_ins(wallet: &TestWallet, now: u64) -> Vec<offpay_protocol::PaymentId> {
    let tasks = wallet.state().tasks(at(now)).into_iter();
    tasks
        .filter_map(|task| match task {
            Task::HandIn { id, .. } => Some(id),
            _ => None,
        })
        .collect()
}

#[test]
fn the_oldest_deadline_first_and_one_payment_for_all_of_a_pair() {
    let mut payee = payee();
    let (mut early, mut late) = (payer(), wallet(3));
    let opened = late
        .prepare_purse(terms(1_000), &entropy(), at(NOW))
        .unwrap()
        .key;
    see_purse(&mut late, opened, 1_000, NOW);
    renew(&mut late, opened, NOW - 3_600);
    sale(&mut early, &mut payee, 1, NOW);
    let newest = sale(&mut early, &mut payee, 2, NOW + 10);
    let urgent = sale(&mut late, &mut payee, 3, NOW + 20);
    assert!(urgent.acceptance.hand_in_by < newest.acceptance.hand_in_by);
    assert_eq!(hand_ins(&payee, NOW + 30), [urgent.id, newest.id]);
    let dates = payee.state().hand_in_dates(at(NOW + 30));
    assert_eq!(dates.len(), 3);
    assert_eq!((dates[0].id, dates[0].overdue), (urgent.id, false));
    assert!(payee.state().hand_in_dates(dates[0].by)[0].overdue);
}

#[test]
fn many_deadlines_in_order() {
    let mut payee = payee();
    for hours in [3, 1, 4, 0, 5, 2] {
        let mut payer = wallet(1);
        let opened = payer
            .prepare_purse(terms(100), &entropy(), at(NOW))
            .unwrap()
            .key;
        see_purse(&mut payer, opened, 100, NOW);
        renew(&mut payer, opened, NOW - hours * 3_600);
        sale(&mut payer, &mut payee, 1, NOW);
    }
    let by: Vec<_> = payee
        .state()
        .tasks(at(NOW))
        .into_iter()
        .filter_map(|task| match task {
            Task::HandIn { by, .. } => by,
            _ => None,
        })
        .collect();
    assert!(by.len() == 6 && by.is_sorted(), "{by:?}");
}

#[test]
fn a_pair_is_due_when_its_first_payment_is() {
    // Several payers, because payments are looked up by their ids, which are as good as random.
    for _ in 0..4 {
        let (mut payer, mut payee) = (wallet(1), payee());
        let opened = payer
            .prepare_purse(terms(100), &entropy(), at(NOW))
            .unwrap()
            .key;
        see_purse(&mut payer, opened, 100, NOW);
        let sales: Vec<_> = (0..4)
            .map(|hour| {
                renew(&mut payer, opened, NOW - 4 * 3_600 + hour * 3_600);
                sale(&mut payer, &mut payee, 1, NOW)
            })
            .collect();
        let due = payee
            .state()
            .tasks(at(NOW))
            .into_iter()
            .find_map(|task| match task {
                Task::HandIn { id, by, .. } => Some((id, by)),
                _ => None,
            });
        assert_eq!(
            due,
            Some((sales[3].id, Some(sales[0].acceptance.hand_in_by)))
        );
    }
}

#[test]
fn handed_in_is_not_final_and_is_repeated() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let handed_in = Answer::HandedIn {
        purse: taken.purse,
        payee: payee.state().account(),
        cumulative: units(20),
        transaction: None,
    };
    payee.learn(handed_in.clone(), at(NOW + 60)).unwrap();
    assert_eq!(
        payee.state().standing(taken.id),
        Some(Standing::HandedIn { at: at(NOW + 60) })
    );
    assert!(hand_ins(&payee, NOW + 61).is_empty());
    // Still held, and still counted: the operator may be silent.
    assert_eq!(payee.state().holdings(payer.state().account()).payments, 1);
    let later = NOW + 60 + HAND_IN_AGAIN_AFTER.get();
    assert_eq!(hand_ins(&payee, later), [taken.id]);
    // The payer hands it in as well.
    assert_eq!(hand_ins(&payer, NOW + 60), [taken.id]);
    payer.learn(handed_in, at(NOW + 60)).unwrap();
    assert!(hand_ins(&payer, NOW + 61).is_empty());
}

// A state with one account and one slot: tries with a single leaf, made by hand.

fn rlp_bytes(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [byte] if *byte < 0x80 => vec![*byte],
        _ if bytes.len() < 56 => [&[0x80 + u8::try_from(bytes.len()).unwrap()], bytes].concat(),
        _ if bytes.len() < 256 => [&[0xb8, u8::try_from(bytes.len()).unwrap()], bytes].concat(),
        _ => {
            let [high, low] = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            [&[0xb9, high, low], bytes].concat()
        }
    }
}

fn rlp_list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    match payload.len() {
        length @ 0..56 => [&[0xc0 + u8::try_from(length).unwrap()], &payload[..]].concat(),
        length @ 56..256 => [&[0xf8, u8::try_from(length).unwrap()], &payload[..]].concat(),
        length => {
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            [&[0xf9, high, low], &payload[..]].concat()
        }
    }
}

fn number(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    rlp_bytes(&bytes[zeros..])
}

/// A trie with one leaf, and its root.
fn leaf(key: B256, value: &[u8]) -> (B256, Bytes) {
    let path = [&[0x20], key.as_slice()].concat();
    let node = rlp_list(&[rlp_bytes(&path), rlp_bytes(value)]);
    (keccak256(&node), node.into())
}

/// `paidTo(purse, payee)` of this much, in a block of this time.
fn paid_to(purse: PurseKey, payee: offpay_protocol::AccountId, paid: u64, time: u64) -> PaidTo {
    let (storage_root, slot_node) = leaf(keccak256(paid_to_slot(purse, payee)), &number(paid));
    let account = rlp_list(&[
        number(1),
        rlp_bytes(&[]),
        rlp_bytes(storage_root.as_slice()),
        rlp_bytes(keccak256([]).as_slice()),
    ]);
    let (state_root, account_node) = leaf(keccak256(deployment().domain.contract()), &account);
    let mut header = vec![rlp_bytes(&[7; 32]); 15];
    header[3] = rlp_bytes(state_root.as_slice());
    header[8] = number(time / 12);
    header[11] = number(time);
    let header = rlp_list(&header);
    PaidTo {
        purse,
        payee,
        block_hash: keccak256(&header),
        nodes: 2,
        header: header.into(),
        proof: SlotProof {
            account_proof: vec![account_node],
            storage_proof: vec![slot_node],
        },
    }
}

#[test]
fn a_payment_is_final_when_a_proof_says_so() {
    let (mut payer, mut payee) = (payer(), payee());
    let account = payee.state().account();
    let first = sale(&mut payer, &mut payee, 20, NOW);
    let second = sale(&mut payer, &mut payee, 30, NOW);
    let wanted = |wallet: &TestWallet| {
        wallet
            .state()
            .tasks(at(NOW))
            .into_iter()
            .find_map(|task| match task {
                Task::ProvePaid { cumulative, .. } => Some(cumulative),
                _ => None,
            })
    };
    assert_eq!(wanted(&payee), Some(units(50)));
    let partly = paid_to(first.purse, account, 20, NOW + 100);
    assert!(
        payee
            .learn(Answer::Paid(partly.clone()), at(NOW + 100))
            .unwrap()
    );
    let Some(Standing::Final(block)) = payee.state().standing(first.id) else {
        panic!()
    };
    assert_eq!(
        (block.time, block.nodes, block.hash),
        (at(NOW + 100), 2, partly.block_hash)
    );
    assert_eq!(payee.state().standing(second.id), Some(Standing::Held));
    assert_eq!(
        payee.state().holdings(payer.state().account()).total,
        units(30)
    );
    // Again, it is no news.
    assert!(!payee.learn(Answer::Paid(partly), at(NOW + 100)).unwrap());

    let all = paid_to(first.purse, account, 50, NOW + 200);
    payee
        .learn(Answer::Paid(all.clone()), at(NOW + 200))
        .unwrap();
    payer.learn(Answer::Paid(all), at(NOW + 200)).unwrap();
    for wallet in [&payee, &payer] {
        assert!(matches!(
            wallet.state().standing(second.id),
            Some(Standing::Final(_))
        ));
        assert_eq!(wanted(wallet), None);
        assert!(hand_ins(wallet, NOW + 200).is_empty());
        assert_reopens_as(wallet);
    }
    // The first keeps the block in which it was first seen.
    assert_eq!(
        payee.state().standing(first.id),
        Some(Standing::Final(block))
    );
    assert_eq!(payee.state().holdings(payer.state().account()).payments, 0);
}

#[test]
fn proofs_that_prove_nothing() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let account = payee.state().account();
    let good = paid_to(taken.purse, account, 20, NOW + 100);
    let other_block = PaidTo {
        block_hash: [1; 32].into(),
        ..good.clone()
    };
    let other_pair = PaidTo {
        payee: key(9).address().into(),
        ..good.clone()
    };
    let mut altered = good.clone();
    altered.proof.storage_proof = vec![leaf(keccak256(U256::ZERO.to_be_bytes::<32>()), &[9]).1];
    for lie in [other_block, other_pair, altered] {
        let result = payee.learn(Answer::Paid(lie), at(NOW + 100));
        assert!(
            matches!(result, Err(SyncError::Proof(_)) | Ok(false)),
            "{result:?}"
        );
        assert_eq!(payee.state().standing(taken.id), Some(Standing::Held));
    }
    // What was credited never gets less.
    payee.learn(Answer::Paid(good), at(NOW + 100)).unwrap();
    let less = paid_to(taken.purse, account, 19, NOW + 200);
    let refusal = payee.learn(Answer::Paid(less), at(NOW + 200)).unwrap_err();
    assert!(matches!(refusal, SyncError::Contradiction));
}

#[test]
fn a_node_that_lags_is_not_believed() {
    let mut payer = payer();
    payer
        .learn(Answer::Synced(block(NOW + DAY)), at(NOW + DAY))
        .unwrap();
    let purse = purse_of(&payer);
    let old = PurseView {
        purse,
        on_chain: None,
        at: block(NOW),
    };
    let refusal = payer.learn(Answer::Purse(old), at(NOW + DAY)).unwrap_err();
    assert!(matches!(refusal, SyncError::Lagging { .. }));
    assert!(refusal.is_retryable());
    // And a finalized purse does not disappear.
    let gone = PurseView {
        purse,
        on_chain: None,
        at: block(NOW + DAY),
    };
    let refusal = payer.learn(Answer::Purse(gone), at(NOW + DAY)).unwrap_err();
    assert!(matches!(refusal, SyncError::Contradiction));
}

#[test]
fn funds_and_terms_follow_the_chain() {
    let mut payer = payer();
    let purse = purse_of(&payer);
    see_purse(&mut payer, purse, 1_500, NOW + 60);
    assert_eq!(payer.state().purse(purse).unwrap().left(), units(1_500));
    let mut closing = on_chain(payer.state().account(), 1_500);
    closing.closes_at = Some(at(NOW + 7 * DAY));
    let view = PurseView {
        purse,
        on_chain: Some(closing),
        at: block(NOW + 120),
    };
    payer.learn(Answer::Purse(view), at(NOW + 120)).unwrap();
    assert!(
        !payer
            .state()
            .tasks(at(NOW + 120))
            .contains(&Task::ClosePurse(purse))
    );
    assert!(
        payer
            .state()
            .tasks(at(NOW + 7 * DAY))
            .contains(&Task::ClosePurse(purse))
    );
    let closed = offpay_wallet::sync::PurseOnChain {
        closed: true,
        ..closing
    };
    let view = PurseView {
        purse,
        on_chain: Some(closed),
        at: block(NOW + 7 * DAY),
    };
    payer.learn(Answer::Purse(view), at(NOW + 7 * DAY)).unwrap();
    assert_eq!(
        payer.state().purse(purse).unwrap().standing,
        PurseStanding::Closed
    );
    assert!(
        !payer
            .state()
            .tasks(at(NOW + 8 * DAY))
            .contains(&Task::ReadPurse(purse))
    );
}

#[test]
fn ready_to_pay_offline_until() {
    let mut wallet = wallet(1);
    let readiness = |wallet: &TestWallet, now| wallet.state().readiness(at(now));
    assert_eq!(
        readiness(&wallet, NOW),
        Readiness::NotReady(NotReady::NoPurse)
    );
    let opened = wallet
        .prepare_purse(terms(100), &entropy(), at(NOW))
        .unwrap();
    see_purse(&mut wallet, opened.key, 100, NOW);
    assert_eq!(
        readiness(&wallet, NOW),
        Readiness::NotReady(NotReady::NoFreshCertificate)
    );
    assert!(
        wallet
            .state()
            .tasks(at(NOW))
            .contains(&Task::RenewCertificate(opened.key))
    );
    renew(&mut wallet, opened.key, NOW);
    let Readiness::Ready {
        until,
        up_to,
        renew_soon,
        ..
    } = readiness(&wallet, NOW)
    else {
        panic!()
    };
    assert_eq!(
        (until, up_to, renew_soon),
        (at(NOW + DAY), units(100), false)
    );
    let Readiness::Ready { renew_soon, .. } = readiness(&wallet, NOW + DAY / 2 + 1) else {
        panic!()
    };
    assert!(
        renew_soon
            && wallet
                .state()
                .should_renew(opened.key, at(NOW + DAY / 2 + 1))
    );
    assert_eq!(
        readiness(&wallet, NOW + DAY),
        Readiness::NotReady(NotReady::NoFreshCertificate)
    );
    renew(&mut wallet, opened.key, NOW + DAY);
    let mut payee = payee();
    join_market(&mut payee, NOW + DAY);
    sale(&mut wallet, &mut payee, 100, NOW + DAY);
    assert_eq!(
        readiness(&wallet, NOW + DAY),
        Readiness::NotReady(NotReady::Empty)
    );
}

#[test]
fn certificates_that_are_not_renewed() {
    let mut payer = payer();
    let purse = purse_of(&payer);
    let account = payer.state().account();
    let learn = |payer: &mut TestWallet, renewed: StoredCertificate, now: u64| {
        payer.learn(Answer::Certificate(renewed), at(now))
    };
    // An older one is no news.
    let older = certify(certificate(purse, account, 1_000, NOW - 60));
    assert!(!learn(&mut payer, older, NOW).unwrap());
    // One that contradicts the chain is the operator's lie; one of a stranger counts for nothing.
    let mut lie = certificate(purse, account, 1_000, NOW + 60);
    lie.owner = key(9).address().into();
    assert_eq!(
        learn(&mut payer, certify(lie), NOW + 60)
            .unwrap_err()
            .code(),
        "certificate_false"
    );
    let mut forged = certify(certificate(purse, account, 1_000, NOW + 60));
    forged.signature = forged
        .certificate
        .sign(&deployment().domain, &key(9))
        .unwrap();
    let refusal = learn(&mut payer, forged, NOW + 60).unwrap_err();
    assert_eq!(refusal.code(), "certificate_operator_untrusted");
    let unknown = certify(certificate(
        key(9).address().into(),
        account,
        1_000,
        NOW + 60,
    ));
    assert_eq!(
        learn(&mut payer, unknown, NOW + 60).unwrap_err().code(),
        "purse_unknown"
    );
}

#[test]
fn operators_move_on_to_new_keys() {
    let mut payee = payee();
    let next: OperatorId = key(0x0f).address().into();
    let domain = deployment().domain;
    let message = OperatorKey {
        next,
        valid_from: at(NOW + 10),
    };
    let signature = message.sign(&domain, &operator()).unwrap();
    let rotation = Signed {
        domain,
        message,
        signature,
    };
    assert!(payee.learn(Answer::OperatorKey(rotation), at(NOW)).unwrap());
    assert!(!payee.learn(Answer::OperatorKey(rotation), at(NOW)).unwrap());
    assert!(payee.state().records().trusted.trusts(next, at(NOW + 10)));
    let forged = Signed {
        signature: message.sign(&domain, &key(9)).unwrap(),
        ..rotation
    };
    assert_eq!(
        payee
            .learn(Answer::OperatorKey(forged), at(NOW))
            .unwrap_err()
            .code(),
        "operator_key_refused"
    );
    // Both keys are asked for news.
    let tasks = payee.state().tasks(at(NOW));
    assert!(tasks.contains(&Task::FetchRevocations(next)));
    payee
        .forget_operator(operator().address().into(), at(NOW))
        .unwrap();
    assert!(!payee.state().records().trusted.trusts(next, at(NOW + 10)));
}

#[test]
fn revocation_lists_only_go_on() {
    let mut payee = payee();
    let learn = |payee: &mut TestWallet, version: u64, purses: &[u8], signer: u8| {
        let list = RevocationList::new(purses.iter().map(|byte| PurseKey::new([*byte; 20].into())));
        let statement = Revocations {
            version,
            digest: list.digest(),
            as_of: at(NOW),
        };
        let signature = statement.sign(&deployment().domain, &key(signer)).unwrap();
        payee.learn(
            Answer::Revocations {
                list,
                statement,
                signature,
            },
            at(NOW),
        )
    };
    assert!(learn(&mut payee, 2, &[1, 2], 0x0e).unwrap());
    assert!(!learn(&mut payee, 1, &[], 0x0e).unwrap());
    assert!(payee.state().is_revoked(PurseKey::new([1; 20].into())));
    assert!(learn(&mut payee, 3, &[2], 0x0e).unwrap());
    assert!(learn(&mut payee, 4, &[], 9).is_err());
}

#[test]
fn a_double_spend_is_reported_until_the_purse_is_seen_closing() {
    let mut payee = payee();
    let device = key(0x0d);
    let purse: PurseKey = device.address().into();
    let mut spend = |start: u64, cumulative: u64| {
        let request = ask(&mut payee, 10, NOW);
        let payment = offpay_protocol::messages::Payment {
            payee: payee.state().account(),
            start: units(start),
            amount: units(10),
            cumulative: units(cumulative),
            reference: request.reference,
        };
        let certified = certify(certificate(purse, key(1).address().into(), 1_000, NOW));
        let offer = offpay_protocol::wire::CertifiedPayment {
            payment,
            signature: payment.sign(&deployment().domain, &device).unwrap(),
            certificate: certified.certificate,
            certificate_signature: certified.signature,
        };
        payee.accept(&offer, Default::default(), at(NOW)).is_ok()
    };
    assert!(spend(100, 10));
    assert!(!spend(105, 20));
    let reported = |payee: &TestWallet| {
        payee
            .state()
            .tasks(at(NOW))
            .iter()
            .any(|task| matches!(task, Task::ReportDoubleSpend(_)))
    };
    assert!(reported(&payee));
    let mut closing = on_chain(key(1).address().into(), 1_000);
    closing.closes_at = Some(at(NOW + 7 * DAY));
    let view = PurseView {
        purse,
        on_chain: Some(closing),
        at: block(NOW),
    };
    payee.learn(Answer::Payer(view), at(NOW)).unwrap();
    assert!(!reported(&payee));
}

#[test]
fn defaults_are_seen_and_settled_out_of_collateral() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let account = payee.state().account();
    let mut closing = on_chain(payer.state().account(), 1_000);
    closing.closes_at = Some(at(NOW + 7 * DAY));
    let view = PurseView {
        purse: taken.purse,
        on_chain: Some(closing),
        at: block(NOW),
    };
    payee.learn(Answer::Payer(view), at(NOW)).unwrap();
    payer.learn(Answer::Purse(view), at(NOW)).unwrap();
    let read = Task::ReadPair {
        purse: taken.purse,
        payee: account,
    };
    assert!(payee.state().tasks(at(NOW)).contains(&read));
    assert!(payer.state().tasks(at(NOW)).contains(&read));
    let since = Some(at(NOW));
    for wallet in [&mut payer, &mut payee] {
        let answer = Answer::InDefault {
            purse: taken.purse,
            payee: account,
            since,
            at: block(NOW),
        };
        wallet.learn(answer, at(NOW)).unwrap();
    }
    assert_eq!(
        payee.state().standing(taken.id),
        Some(Standing::InDefault { since: at(NOW) })
    );
    let late = Task::SettleAfterSettlementPeriod {
        purse: taken.purse,
        payee: account,
    };
    assert!(!payee.state().tasks(at(NOW + DAY - 1)).contains(&late));
    assert!(payee.state().tasks(at(NOW + DAY)).contains(&late));
    // The honest payer makes good before that.
    let good = Task::MakeGood {
        purse: taken.purse,
        payees: vec![account],
        until: at(NOW + DAY),
    };
    assert!(payer.state().tasks(at(NOW)).contains(&good));
}

#[test]
fn a_certificate_that_the_chain_contradicts_is_kept_as_evidence() {
    let lies: [fn(&mut offpay_wallet::sync::PurseOnChain); 5] = [
        |on_chain| on_chain.closes_at = Some(at(NOW - 60 + 7 * DAY)),
        |on_chain| on_chain.funds = units(999),
        |on_chain| on_chain.pledge = units(9_999),
        |on_chain| on_chain.cover_count = 11,
        |on_chain| on_chain.owner = key(9).address().into(),
    ];
    for lie in lies {
        let (mut payer, mut payee) = (payer(), payee());
        let purse = sale(&mut payer, &mut payee, 20, NOW).purse;
        let honest = on_chain(payer.state().account(), 1_000);
        let mut see = |on_chain| {
            let view = PurseView {
                purse,
                on_chain: Some(on_chain),
                at: block(NOW + 60),
            };
            payee.learn(Answer::Payer(view), at(NOW + 60)).unwrap();
            payee.state().false_certificates().count()
        };
        let mut later = honest;
        later.closes_at = Some(at(NOW + 30 + 7 * DAY));
        assert_eq!(
            (see(honest), see(later)),
            (0, 0),
            "what came after it does not make it false"
        );
        let mut contradicting = honest;
        lie(&mut contradicting);
        assert_eq!(see(contradicting), 1);
        assert_eq!(see(honest), 1, "evidence stays");
    }
}

#[test]
fn what_began_to_close_in_the_second_that_is_certified_is_no_evidence() {
    for (after, evidence) in [(0, 0), (1, 0), (-1, 1)] {
        let (mut payer, mut payee) = (payer(), payee());
        let taken = sale(&mut payer, &mut payee, 20, NOW);
        let certified = payee.state().records().received[&taken.id].certificate;
        let mut closing = on_chain(payer.state().account(), 1_000);
        let as_of = certified.certificate.as_of.get();
        closing.closes_at = Some(at(as_of.saturating_add_signed(after) + 7 * DAY));
        let view = PurseView {
            purse: taken.purse,
            on_chain: Some(closing),
            at: block(NOW + 60),
        };
        payee.learn(Answer::Payer(view), at(NOW + 60)).unwrap();
        let kept = payee.state().false_certificates().count();
        assert_eq!(
            kept, evidence,
            "closing began {after} s after what is certified"
        );
    }
}

#[test]
fn circle_zero_is_a_registration() {
    let mut payee = wallet(2);
    let open = offpay_protocol::Circle::OPEN;
    payee.join_circle(open, "Everybody", at(NOW)).unwrap();
    assert!(
        payee
            .state()
            .tasks(at(NOW))
            .contains(&Task::ReadMembership(open))
    );
    let registered_at = Some(at(NOW - DAY));
    let answer = Answer::Registration {
        registered_at,
        at: block(NOW),
    };
    payee.learn(answer, at(NOW)).unwrap();
    let membership = payee.state().records().circles[&open].membership.unwrap();
    assert_eq!(membership.from, at(NOW + 6 * DAY));
    let answer = Answer::Registration {
        registered_at: None,
        at: block(NOW),
    };
    payee.learn(answer, at(NOW)).unwrap();
    assert_eq!(payee.state().records().circles[&open].membership, None);
}

//! The till's day: sales with tips, what became of them, and one shop's tills added up.

use alloy_primitives::U256;
use offpay_protocol::{Amount, Seconds, cover::BasisPoints, till::till, wire::TillRefund};
use offpay_wallet::{
    messages::Message,
    report::{Report, ReportError, Tally, add_up},
    sale::{SaleLine, SaleOrder, Tip, bill},
    sync::{Answer, Progress, PurseOnChain, PurseView},
    wallet::NewIdentity,
};

use crate::{refusals_to_accept::assert_plain, world::*};

fn line(name: &str, price: u64, quantity: u32) -> SaleLine {
    SaleLine {
        name: name.into(),
        price: units(price),
        quantity,
    }
}

fn order(lines: Vec<SaleLine>, tip: Tip) -> SaleOrder {
    SaleOrder {
        lines,
        tip,
        step: units(1),
        memo: "two coffees".into(),
        valid_for: Seconds::HOUR,
    }
}

fn tally(count: u32, total: u64) -> Tally {
    Tally {
        count,
        total: units(total),
    }
}

#[test]
fn a_bill_adds_up_or_is_refused() {
    let lines = [line("tea", 250, 2), line("", 333, 1)];
    let share = Tip::Share(BasisPoints::new(1_000).unwrap());
    let sum = bill(&lines, share, units(10)).unwrap();
    // 83.3, to the nearest ten.
    assert_eq!(
        (sum.goods, sum.tip, sum.total),
        (units(833), units(80), units(913))
    );
    let half = bill(&[line("", 850, 1)], share, units(10)).unwrap();
    assert_eq!(half.tip, units(90));
    let huge = SaleLine {
        price: Amount::MAX,
        ..line("", 0, 2)
    };
    let refused = bill(&[huge], Tip::None, units(1)).unwrap_err();
    assert_eq!(refused.code(), "sale_too_much");
    let brim = SaleLine {
        price: Amount::MAX,
        ..line("", 0, 1)
    };
    let refused = bill(&[brim], Tip::Amount(units(1)), units(1)).unwrap_err();
    assert_eq!(refused.code(), "sale_too_much");
    let refused = bill(&vec![line("", 1, 1); 101], Tip::None, units(1)).unwrap_err();
    assert_eq!(refused.code(), "sale_too_long");
    assert_plain(&refused.message(&deployment().token));
    let nothing = payee()
        .sell(&order(Vec::new(), Tip::None), &entropy(), at(NOW))
        .unwrap_err();
    assert_eq!(nothing.code(), "sale_of_nothing");
    assert_plain(&nothing.message(&deployment().token));
}

#[test]
fn the_days_sums() {
    let (mut payer, mut payee) = (payer(), payee());
    // Yesterday's does not count today.
    sale(&mut payer, &mut payee, 5, NOW);
    let today = NOW + DAY / 2;
    let asked = payee
        .sell(
            &order(vec![line("tea", 10, 2)], Tip::Amount(units(3))),
            &entropy(),
            at(today),
        )
        .unwrap();
    assert_eq!(asked.request.amount, units(23));
    let shown = pay(&mut payer, &asked, today).unwrap();
    let taken = accept(&mut payee, &shown, today).unwrap();
    assert_reopens_as(&payee);
    let report = payee
        .state()
        .report(at(today), at(today + 60), at(today + 1));
    let sums = report.sums;
    assert_eq!((sums.taken, sums.tips), (tally(1, 23), tally(1, 3)));
    assert_eq!(sums.guaranteed, tally(1, 23));
    assert_eq!((sums.held, sums.settled), (tally(1, 23), Tally::default()));
    let csv = payee.state().report_csv(at(today), at(today + 60));
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains(",sale,0.000023,0.000003,OFFPAY,guaranteed,held,two coffees,"));

    // What is handed in is no longer held; an operator's word is not a transaction.
    for (transaction, progress) in [
        (None, Progress::Cleared),
        (Some([7; 32].into()), Progress::Settled),
    ] {
        payee
            .learn(
                Answer::HandedIn {
                    purse: taken_purse(&payee, taken.id),
                    payee: payee.state().account(),
                    cumulative: taken.payment.cumulative,
                    transaction,
                },
                at(today + 2),
            )
            .unwrap();
        assert_eq!(
            payee.state().progress(taken.id, at(today + 2)),
            Some(progress)
        );
    }
    let later = payee
        .state()
        .report(at(today), at(today + 60), at(today + 3))
        .sums;
    assert_eq!(
        (later.held, later.handed_in),
        (Tally::default(), tally(1, 23))
    );
}

fn taken_purse(wallet: &TestWallet, id: offpay_protocol::PaymentId) -> offpay_protocol::PurseKey {
    wallet.state().records().received[&id].purse
}

#[test]
fn what_is_not_handed_in_in_time_expires() {
    let (mut payer, mut payee) = (payer(), payee());
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    let by = payee.state().records().received[&taken.id]
        .acceptance
        .hand_in_by;
    let state = payee.state();
    assert_eq!(state.progress(taken.id, at(NOW)), Some(Progress::Accepted));
    assert_eq!(state.progress(taken.id, by), Some(Progress::Expired));
    assert_eq!(payer.state().progress(taken.id, by), Some(Progress::Signed));
    // Its purse closes, and nobody brought it: it never will be paid.
    let purse = taken_purse(&payee, taken.id);
    let owner = payer.state().account();
    let closed = PurseView {
        purse,
        on_chain: Some(PurseOnChain {
            closed: true,
            ..on_chain(owner, 1_000)
        }),
        at: block(NOW + 8 * DAY),
    };
    let now = at(NOW + 8 * DAY);
    payer.learn(Answer::Purse(closed), now).unwrap();
    let progress = payer.state().progress(taken.id, now);
    assert_eq!(progress, Some(Progress::Expired));
}

#[test]
fn requests_that_nobody_paid() {
    let (mut payer, mut payee) = (payer(), payee());
    sale(&mut payer, &mut payee, 20, NOW);
    let open = ask(&mut payee, 30, NOW).reference;
    let taken_back = ask(&mut payee, 40, NOW).reference;
    payee.withdraw_request(taken_back, at(NOW)).unwrap();
    let unpaid = |now: u64| -> Vec<_> {
        let found = payee.state().unpaid_requests(at(now));
        let told = found.iter();
        told.map(|unpaid| (unpaid.issued.reference, unpaid.expired))
            .collect()
    };
    assert_eq!(unpaid(NOW), [(open, false)]);
    assert_eq!(unpaid(NOW + DAY), [(open, true)]);
}

#[test]
fn one_shops_tills_added_up() {
    let (mut payer, mut payee) = (payer(), payee());
    sale(&mut payer, &mut payee, 20, NOW);
    let report = |until: u64, made: u64| payee.state().report(at(NOW), at(until), at(made));
    let morning = report(NOW + 60, NOW + 61);
    let text = morning.to_text();
    assert_eq!(Report::parse(&text), Ok(morning.clone()));
    // Small enough to hold up to a camera.
    assert!(text.len() < 400, "{}", text.len());
    // Damaged, cut short or made up: not added up.
    for bad in [
        text.replace("1.20/", "1.90/"),
        text[..text.len() - 3].to_owned(),
        "OPR1:".to_owned(),
        "OP1:".to_owned(),
    ] {
        assert_eq!(Report::parse(&bad), Err(ReportError::NotAReport), "{bad}");
    }
    let mut second = morning.clone();
    second.account = key(7).address().into();
    // The same day shown twice counts once, and the newer one counts.
    let mut again = morning.clone();
    again.made_at = at(NOW + 70);
    again.sums.taken = tally(2, 50);
    let (kept, sums) = add_up(vec![again.clone(), second.clone(), morning.clone()]).unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(sums.taken, tally(3, 70));
    let mut overlapping = morning.clone();
    overlapping.since = at(NOW + 30);
    overlapping.until = at(NOW + 90);
    let refused = add_up(vec![morning.clone(), overlapping]).unwrap_err();
    assert_eq!(refused.code(), "report_overlap");
    assert_plain(&refused.message(&deployment().token));
    let mut full = second;
    full.sums.taken.total = Amount::MAX;
    let refused = add_up(vec![morning, full]).unwrap_err();
    assert_eq!(refused, ReportError::TooMuch);
}

#[test]
fn the_owner_gives_back_what_a_till_took_and_no_more() {
    let mut owner = payee();
    open_purse(&mut owner, 500, NOW);
    let account = till(owner.state().account(), U256::from(3));
    let mut counter = wallet_of(NewIdentity::Payee(account));
    join_market(&mut counter, NOW);
    let mut payer = payer();
    join_market(&mut payer, NOW);
    // No operator vouches for it yet: its request is not signed, and can be paid all the same.
    assert!(!counter.state().signs_requests(at(NOW)));
    let request = counter
        .sell(
            &order(vec![line("tea", 50, 1)], Tip::None),
            &entropy(),
            at(NOW),
        )
        .unwrap();
    assert_eq!(request.signature, None);
    let shown = pay(&mut payer, &request, NOW).unwrap();
    let taken = accept(&mut counter, &shown, NOW).unwrap();
    let (purse, account) = (taken_purse(&counter, taken.id), payer.state().account());
    let asked = |amount: u64| TillRefund {
        payment: taken.payment,
        original: taken.id,
        purse,
        payer: account,
        amount: units(amount),
    };
    // The till itself can spend nothing.
    assert_eq!(
        counter
            .refund_for_till(&asked(20), at(NOW))
            .unwrap_err()
            .code(),
        "refund_not_our_till"
    );
    let view = owner.state().read_till_refund(&asked(20)).unwrap();
    assert_eq!((view.index, view.left), (3, units(50)));
    let first = payment(owner.refund_for_till(&asked(20), at(NOW)).unwrap());
    assert_eq!(first.refund_of, Some(taken.id));
    let back = accept(&mut payer, &first, NOW).unwrap();
    assert_eq!(back.refund_of, Some(taken.id));
    assert_reopens_as(&owner);
    // Twice in parts, and never more than the payment was.
    for too_much in [31, 51] {
        let refused = owner
            .refund_for_till(&asked(too_much), at(NOW))
            .unwrap_err();
        assert_eq!(refused.code(), "refund_more_than_received");
    }
    owner.refund_for_till(&asked(30), at(NOW)).unwrap();
    let refused = owner.refund_for_till(&asked(1), at(NOW)).unwrap_err();
    assert_eq!(refused.code(), "refund_all_given_back");
    // A till of somebody else.
    let mut stranger = asked(10);
    stranger.payment.payee = till(key(9).address().into(), U256::from(3));
    let refused = owner.state().read_till_refund(&stranger).unwrap_err();
    assert_eq!(refused.code(), "refund_not_our_till");
    assert_plain(&refused.message(&deployment().token));
    let sums = owner.state().report(at(NOW), at(NOW + 60), at(NOW)).sums;
    assert_eq!(sums.refunds, tally(2, 50));
}

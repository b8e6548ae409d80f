//! Channels: both ways offline, topped up, closed, restored.

use offpay_protocol::{
    ChannelId, ChannelKey, Seconds, Signable,
    acceptance::Verdict,
    channel::{InvalidTerms, Side, VoucherRefusal},
    messages::{ChannelTerms, Voucher},
    wire::{ReferenceHint, VoucherCode},
};
use offpay_wallet::{
    channel::{ChannelError, ChannelProposal, LONGEST_CLOSE, ShownVoucher, SignedClose},
    messages::Message,
    pay::{Paid, PayError, PayOrder, Source},
    records::ChannelStanding,
    sync::{Answer, ChannelOnChain, Task},
};

use crate::{refusals_to_accept::assert_plain, world::*};

fn open_with(deposit_a: u64, deposit_b: u64) -> ChannelOnChain {
    ChannelOnChain {
        deposit_a: units(deposit_a),
        deposit_b: units(deposit_b),
        from_a: units(0),
        from_b: units(0),
        closes_at: None,
        closed: false,
    }
}

fn see(wallet: &mut TestWallet, channel: ChannelId, on_chain: ChannelOnChain, time: u64) {
    let answer = Answer::Channel {
        channel,
        on_chain: Some(on_chain),
        at: block(time),
    };
    wallet.learn(answer, at(time)).unwrap();
}

/// `a` and `b` with a channel between them.
struct Ends {
    a: TestWallet,
    b: TestWallet,
    id: ChannelId,
    terms: ChannelTerms,
}

impl Ends {
    fn agree(two_way: bool) -> Self {
        let (mut a, mut b) = (wallet(1), wallet(2));
        let key = two_way.then(|| b.prepare_channel_key(&entropy(), at(NOW)).unwrap().key);
        let proposal = ChannelProposal {
            counterparty: b.state().account(),
            counterparty_key: key,
            close_delay: None,
        };
        let terms = a
            .propose_channel(&proposal, &entropy(), at(NOW))
            .unwrap()
            .into_inner();
        b.join_channel(terms, at(NOW)).unwrap();
        Self {
            a,
            b,
            id: terms.id(&deployment().domain),
            terms,
        }
    }

    fn open(two_way: bool, deposit_a: u64, deposit_b: u64) -> Self {
        let mut ends = Self::agree(two_way);
        ends.see(open_with(deposit_a, deposit_b), NOW);
        ends
    }

    fn see(&mut self, on_chain: ChannelOnChain, time: u64) {
        see(&mut self.a, self.id, on_chain, time);
        see(&mut self.b, self.id, on_chain, time);
    }
}

fn send(
    from: &mut TestWallet,
    to: &mut TestWallet,
    amount: u64,
    now: u64,
) -> Result<ShownVoucher, PayError> {
    let request = ask(to, amount, now);
    match from.pay(&order(&request), at(now))?.into_inner() {
        Paid::Voucher(shown) => Ok(shown),
        Paid::Payment(_) => panic!("paid out of a purse"),
    }
}

fn why(error: PayError) -> ChannelError {
    let message = error.message(&deployment().token);
    assert_plain(&message);
    match error {
        PayError::Channel { error, .. } => *error,
        other => panic!("{other}"),
    }
}

fn plainly(error: &ChannelError) {
    assert_plain(&error.message(&deployment().token));
}

#[test]
fn both_ways_with_no_network() {
    let Ends {
        mut a, mut b, id, ..
    } = Ends::open(true, 100, 0);
    let first = send(&mut a, &mut b, 60, NOW).unwrap();
    let taken = b
        .accept_voucher(first.voucher, first.signature, at(NOW))
        .unwrap();
    assert_eq!((taken.amount, taken.left), (units(60), units(40)));
    assert_eq!(taken.verdict, Verdict::Guaranteed);
    assert_eq!(taken.hand_in_by, at(NOW + 7 * DAY - DAY));

    let back = send(&mut b, &mut a, 50, NOW).unwrap();
    a.accept_voucher(back.voucher, back.signature, at(NOW))
        .unwrap();
    // What came back can be sent again: 40 + 50.
    let again = send(&mut a, &mut b, 90, NOW).unwrap();
    let taken = b
        .accept_voucher(again.voucher, again.signature, at(NOW))
        .unwrap();
    assert_eq!((taken.cumulative, taken.left), (units(150), units(0)));

    assert_reopens_as(&a);
    assert_reopens_as(&b);
    let kept = &b.state().records().channels[&id];
    assert_eq!(
        kept.newest_received.unwrap().voucher,
        again.voucher,
        "only the newest is kept"
    );
    assert_eq!(
        b.state().records().vouchers.len(),
        3,
        "the history has all of them"
    );
}

#[test]
fn a_voucher_shown_twice_is_the_same_voucher() {
    let Ends {
        mut a, mut b, id, ..
    } = Ends::open(true, 100, 0);
    let shown = send(&mut a, &mut b, 60, NOW).unwrap();
    let domain = deployment().domain;
    let hint = ReferenceHint::own_request(shown.voucher.reference);
    let code = VoucherCode::new(&domain, &shown.voucher, hint, shown.signature).unwrap();
    assert!(!b.accept_voucher_code(&code, at(NOW)).unwrap().again);
    let again = b.accept_voucher_code(&code, at(NOW)).unwrap();
    assert!(again.again);
    assert_eq!((again.amount, again.cumulative), (units(60), units(60)));
    assert_eq!(b.state().records().vouchers.len(), 1);
    assert_eq!(
        a.state().newest_voucher(id).unwrap().unwrap().voucher,
        shown.voucher
    );
}

#[test]
fn a_channel_pays_first_and_a_purse_when_it_is_empty() {
    let mut ends = Ends::open(true, 30, 0);
    open_purse(&mut ends.a, 1_000, NOW);
    join_market(&mut ends.b, NOW);
    send(&mut ends.a, &mut ends.b, 30, NOW).unwrap();
    let request = ask(&mut ends.b, 30, NOW);
    let by_purse = payment(ends.a.pay(&order(&request), at(NOW)).unwrap());
    assert_eq!(by_purse.payment.amount, units(30));
}

#[test]
fn one_way_needs_no_key_at_the_receiving_end() {
    let Ends {
        mut a, mut b, id, ..
    } = Ends::open(false, 100, 0);
    let shown = send(&mut a, &mut b, 60, NOW).unwrap();
    b.accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();
    // It is claimed at any time.
    let tasks = b.state().tasks(at(NOW));
    assert!(matches!(tasks[1], Task::HandInVoucher { channel, .. } if channel == id));
    let mut claimed = open_with(100, 0);
    claimed.from_a = units(60);
    see(&mut b, id, claimed, NOW + 60);
    assert!(!matches!(
        b.state().tasks(at(NOW + 60))[1],
        Task::HandInVoucher { .. }
    ));
    // The receiving end neither pays through it nor puts money into it.
    let request = ask(&mut a, 5, NOW);
    let through = PayOrder {
        source: Source::Channel(id),
        ..order(&request)
    };
    assert!(matches!(
        why(b.pay(&through, at(NOW)).unwrap_err()),
        ChannelError::OneWay
    ));
    assert!(matches!(
        b.state().check_funding(id),
        Err(ChannelError::OneWay)
    ));
    a.state().check_funding(id).unwrap();
    let refusal = a.propose_close(id, at(NOW)).unwrap_err();
    assert!(matches!(refusal, ChannelError::OneWayClose));
    plainly(&refusal);
}

#[test]
fn only_finalized_deposits_count() {
    let mut ends = Ends::agree(true);
    let request = ask(&mut ends.b, 10, NOW);
    let through = PayOrder {
        source: Source::Channel(ends.id),
        ..order(&request)
    };
    let refusal = why(ends.a.pay(&through, at(NOW)).unwrap_err());
    assert!(matches!(
        refusal,
        ChannelError::NotOpen(ChannelStanding::Proposed)
    ));
    ends.see(open_with(5, 0), NOW);
    let refusal = why(ends.a.pay(&through, at(NOW)).unwrap_err());
    assert!(matches!(refusal, ChannelError::NotEnough { left, .. } if left == units(5)));
    // Topped up, and finalized for the payer only: the payee does not count it yet.
    see(&mut ends.a, ends.id, open_with(50, 0), NOW + 60);
    let Paid::Voucher(shown) = ends.a.pay(&through, at(NOW + 60)).unwrap().into_inner() else {
        panic!();
    };
    let refusal = ends
        .b
        .accept_voucher(shown.voucher, shown.signature, at(NOW + 60))
        .unwrap_err();
    assert!(matches!(
        refusal,
        ChannelError::Voucher(VoucherRefusal::Overdrawn { .. })
    ));
    assert!(refusal.is_retryable());
    plainly(&refusal);
    see(&mut ends.b, ends.id, open_with(50, 0), NOW + 70);
    ends.b
        .accept_voucher(shown.voucher, shown.signature, at(NOW + 70))
        .unwrap();
}

#[test]
fn the_key_on_the_own_side_must_be_its_own() {
    let (a, mut b) = (wallet(1), wallet(2));
    let stranger = ChannelKey::new(key(9).address());
    let terms = ChannelTerms {
        a: a.state().account(),
        b: b.state().account(),
        key_a: ChannelKey::new(key(8).address()),
        key_b: stranger,
        close_delay: Seconds::days(7),
        salt: Default::default(),
    };
    let refusal = b.join_channel(terms, at(NOW)).unwrap_err();
    assert!(matches!(
        refusal,
        ChannelError::Terms(InvalidTerms::NotOwnKey(Side::B))
    ));
    plainly(&refusal);
    assert!(b.state().records().channels.is_empty());
    let elsewhere = ChannelTerms {
        b: key(7).address().into(),
        ..terms
    };
    assert!(matches!(
        b.join_channel(elsewhere, at(NOW)),
        Err(ChannelError::NotOurs)
    ));
    let hasty = ChannelTerms {
        close_delay: Seconds::HOUR,
        key_b: ChannelKey::ZERO,
        ..terms
    };
    let refusal = b.join_channel(hasty, at(NOW)).unwrap_err();
    assert!(matches!(
        refusal,
        ChannelError::Terms(InvalidTerms::CloseDelayTooShort(_))
    ));
}

#[test]
fn vouchers_that_do_not_count() {
    let Ends { mut a, mut b, .. } = Ends::open(true, 100, 0);
    let shown = send(&mut a, &mut b, 60, NOW).unwrap();
    let domain = deployment().domain;
    let refuse = |b: &mut TestWallet, voucher: Voucher, signature| {
        let refusal = b.accept_voucher(voucher, signature, at(NOW)).unwrap_err();
        plainly(&refusal);
        refusal.code()
    };
    let other = Voucher {
        channel: ChannelId::ZERO,
        ..shown.voucher
    };
    assert_eq!(refuse(&mut b, other, shown.signature), "channel_unknown");
    let forged = shown.voucher.sign(&domain, &key(9)).unwrap();
    assert_eq!(
        refuse(&mut b, shown.voucher, forged),
        "voucher_not_the_counterparty"
    );
    let less = Voucher {
        cumulative: units(59),
        ..shown.voucher
    };
    let unasked = less.sign(&domain, &key(9)).unwrap();
    assert_eq!(
        refuse(&mut b, less, unasked),
        "voucher_not_the_counterparty"
    );
    b.accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();
    let next = send(&mut a, &mut b, 1, NOW).unwrap();
    b.accept_voucher(next.voucher, next.signature, at(NOW))
        .unwrap();
    // An old voucher is worth nothing, and its request is paid.
    assert_eq!(
        refuse(&mut b, shown.voucher, shown.signature),
        "request_not_open"
    );
    let unasked = Voucher {
        reference: Default::default(),
        ..shown.voucher
    };
    let signature = unasked.sign(&domain, &key(9)).unwrap();
    assert_eq!(
        refuse(&mut b, unasked, signature),
        "voucher_not_the_counterparty"
    );
    // One for a request that ran out is not taken either.
    let request = ask(&mut b, 1, NOW);
    let late = a.pay(&order(&request), at(NOW)).unwrap().into_inner();
    let Paid::Voucher(late) = late else { panic!() };
    let refusal = b
        .accept_voucher(late.voucher, late.signature, at(NOW + 601))
        .unwrap_err();
    assert!(matches!(refusal, ChannelError::RequestNotOpen));
    plainly(&refusal);
    // After too long without a sync the other side may have closed.
    let request = ask(&mut b, 1, NOW + 7 * DAY);
    let late = a
        .pay(&order(&request), at(NOW + 7 * DAY))
        .unwrap()
        .into_inner();
    let Paid::Voucher(late) = late else { panic!() };
    let refusal = b
        .accept_voucher(late.voucher, late.signature, at(NOW + 7 * DAY))
        .unwrap_err();
    assert_eq!(refusal.code(), "channel_too_late");
}

#[test]
fn closed_together_and_silent_until_the_hour_has_passed_on_the_chain() {
    let mut ends = Ends::open(true, 100, 20);
    let shown = send(&mut ends.a, &mut ends.b, 60, NOW).unwrap();
    ends.b
        .accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();

    let proposed = ends.a.propose_close(ends.id, at(NOW)).unwrap().into_inner();
    assert_eq!(
        (proposed.close.from_a, proposed.close.from_b),
        (units(60), units(0))
    );
    assert!(proposed.close.deadline <= at(NOW + LONGEST_CLOSE.get()));
    let deadline = proposed.close.deadline.get();
    let agreed = ends
        .b
        .agree_to_close(proposed, at(NOW + 10))
        .unwrap()
        .into_inner();
    let domain = deployment().domain;
    for (signature, key) in [
        (agreed.by_a, ends.terms.key_a),
        (agreed.by_b, ends.terms.key_b),
    ] {
        assert_eq!(
            agreed.close.recover(&domain, &signature.unwrap()).unwrap(),
            key
        );
    }

    // Nothing is signed or accepted, whatever the device's clock says.
    for now in [NOW + 10, NOW + 3_700] {
        let refusal = why(send(&mut ends.a, &mut ends.b, 1, now).unwrap_err());
        assert!(matches!(
            refusal,
            ChannelError::CloseSigned { .. } | ChannelError::OtherPayee
        ));
    }
    let held_back = Voucher {
        cumulative: units(61),
        ..shown.voucher
    };
    let refusal = ends
        .b
        .accept_voucher(held_back, shown.signature, at(NOW + 3_700))
        .unwrap_err();
    assert!(refusal.code() == "channel_close_signed" || refusal.code() == "request_not_open");
    // A finalized block before the deadline does not end it; one after it does.
    ends.see(open_with(100, 20), deadline);
    assert!(send(&mut ends.a, &mut ends.b, 1, NOW + 3_700).is_err());
    ends.see(open_with(100, 20), deadline + 1);
    let shown = send(&mut ends.a, &mut ends.b, 1, NOW + 3_700).unwrap();
    ends.b
        .accept_voucher(shown.voucher, shown.signature, at(NOW + 3_700))
        .unwrap();
}

#[test]
fn a_close_that_is_not_what_was_sent() {
    let mut ends = Ends::open(true, 100, 20);
    let shown = send(&mut ends.a, &mut ends.b, 60, NOW).unwrap();
    ends.b
        .accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();
    let proposed = ends.a.propose_close(ends.id, at(NOW)).unwrap().into_inner();

    let mut less = proposed;
    less.close.from_a = units(1);
    let refusal = ends.b.agree_to_close(less, at(NOW)).unwrap_err();
    assert!(matches!(refusal, ChannelError::OtherClose));
    plainly(&refusal);
    let unsigned = SignedClose {
        by_a: None,
        ..proposed
    };
    assert!(matches!(
        ends.b.agree_to_close(unsigned, at(NOW)),
        Err(ChannelError::OtherClose)
    ));
    // Held back until it counts no more, or lasting for too long.
    let refusal = ends
        .b
        .agree_to_close(proposed, at(NOW + 3_601))
        .unwrap_err();
    assert!(matches!(refusal, ChannelError::CloseDeadline { .. }));
    plainly(&refusal);
}

#[test]
fn a_close_that_forgets_what_was_sent_meanwhile() {
    let mut ends = Ends::open(true, 100, 100);
    // `b` paid, and `a` did not see it before it signed.
    send(&mut ends.b, &mut ends.a, 50, NOW).unwrap();
    let proposed = ends.a.propose_close(ends.id, at(NOW)).unwrap().into_inner();
    assert_eq!(proposed.close.from_b, units(0));
    let refusal = ends.b.agree_to_close(proposed, at(NOW)).unwrap_err();
    assert!(matches!(refusal, ChannelError::OtherClose));
}

#[test]
fn a_channel_that_closes() {
    let mut ends = Ends::open(true, 100, 0);
    let shown = send(&mut ends.a, &mut ends.b, 60, NOW).unwrap();
    ends.b
        .accept_voucher(shown.voucher, shown.signature, at(NOW))
        .unwrap();
    assert!(
        !ends
            .b
            .state()
            .tasks(at(NOW))
            .iter()
            .any(|task| matches!(task, Task::HandInVoucher { .. }))
    );
    let mut closing = open_with(100, 0);
    closing.closes_at = Some(at(NOW + 7 * DAY));
    ends.see(closing, NOW + 60);
    let tasks = ends.b.state().tasks(at(NOW + 60));
    assert!(
        matches!(tasks[1], Task::HandInVoucher { signed, .. } if signed.voucher == shown.voucher)
    );
    let request = ask(&mut ends.b, 1, NOW + 60);
    let through = PayOrder {
        source: Source::Channel(ends.id),
        ..order(&request)
    };
    let refusal = why(ends.a.pay(&through, at(NOW + 60)).unwrap_err());
    assert!(matches!(
        refusal,
        ChannelError::NotOpen(ChannelStanding::Closing { .. })
    ));
    // After the delay it is finalized.
    let tasks = ends.a.state().tasks(at(NOW + 7 * DAY));
    assert!(tasks.contains(&Task::FinalizeChannel(ends.id)));
    let mut closed = open_with(0, 0);
    closed.closed = true;
    ends.see(closed, NOW + 7 * DAY);
    let tasks = ends.a.state().tasks(at(NOW + 8 * DAY));
    assert!(!tasks.contains(&Task::ReadChannel(ends.id)));
}

#[test]
fn all_channel_errors_have_plain_words() {
    let signature = offpay_protocol::signature::SignatureError::HighS;
    for error in [
        ChannelError::Unknown(ChannelId::ZERO),
        ChannelError::CannotPay,
        ChannelError::NoKey,
        ChannelError::Voucher(VoucherRefusal::WrongDirection),
        ChannelError::Voucher(VoucherRefusal::NotSeenOpen),
        ChannelError::Voucher(VoucherRefusal::OtherChannel),
        ChannelError::Voucher(VoucherRefusal::Signature(signature)),
        ChannelError::Voucher(VoucherRefusal::Terms(InvalidTerms::SameKey)),
        ChannelError::Voucher(VoucherRefusal::CloseSigned { deadline: at(NOW) }),
        ChannelError::Voucher(VoucherRefusal::TooLow {
            cumulative: units(1),
            needed: units(2),
        }),
    ] {
        plainly(&error);
    }
}

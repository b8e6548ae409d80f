use offpay_protocol::{AccountId, ChannelKey, Nonce, SigningKey, messages::ChannelTerms};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{UserId, hosted::NewChannel};

fn domain() -> Domain {
    Domain::new(31337, [9; 20].into())
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

const NOW: u64 = 1_700_000_000;

fn parameters() -> Parameters {
    Parameters::standard(Amount::ZERO)
}

fn terms(one_way: bool) -> ChannelTerms {
    ChannelTerms {
        a: AccountId::new([1; 20].into()),
        b: AccountId::new([2; 20].into()),
        key_a: ChannelKey::new(key(3).address()),
        key_b: if one_way {
            ChannelKey::ZERO
        } else {
            ChannelKey::new(key(4).address())
        },
        close_delay: Seconds::DAY,
        salt: Nonce::ZERO,
    }
}

fn end(side: Side, one_way: bool) -> HostedChannel {
    let terms = terms(one_way);
    HostedChannel {
        number: 1,
        made: NewChannel {
            channel: terms.id(&domain()),
            side,
            user: UserId(Uuid::nil()),
            terms,
            operation: None,
        },
        sent: None,
        received: None,
        close: None,
        close_until: None,
        created_at: at(NOW),
    }
}

fn state(deposit_a: u64, deposit_b: u64) -> ChannelState {
    ChannelState {
        terms: terms(false),
        deposit_a: deposit_a.into(),
        deposit_b: deposit_b.into(),
        from_a: Amount::ZERO,
        from_b: Amount::ZERO,
        closes_at: None,
        closed: false,
    }
}

fn open(deposit_a: u64, deposit_b: u64) -> OnChain {
    let state = Some(state(deposit_a, deposit_b));
    OnChain {
        head: state,
        finalized: state,
        finalized_at: at(NOW),
    }
}

fn sign(end: &HostedChannel, voucher: Voucher) -> Signed<Voucher> {
    let key = match end.made.side {
        Side::A => key(3),
        Side::B => key(4),
    };
    Signed {
        domain: domain(),
        message: voucher,
        signature: voucher.sign(&domain(), &key).unwrap(),
    }
}

fn pay(
    from: &mut HostedChannel,
    to: &mut HostedChannel,
    chain: &OnChain,
    amount: u64,
) -> Result<(), ChannelRefusal> {
    let voucher = plan_voucher(from, chain, amount.into(), Reference::ZERO)?;
    let signed = sign(from, voucher);
    accept_voucher(to, chain, &signed, amount.into(), &parameters(), at(NOW))?;
    from.sent = Some(signed);
    to.received = Some(signed);
    Ok(())
}

#[test]
fn only_final_and_open_money_is_paid() {
    let a = end(Side::A, false);
    let plan = |chain: &OnChain| plan_voucher(&a, chain, 5.into(), Reference::ZERO).map(drop);
    let fresh = OnChain {
        finalized: None,
        ..open(100, 0)
    };
    assert_eq!(plan(&OnChain::default()), Err(ChannelRefusal::NotOpen));
    assert_eq!(plan(&fresh), Err(ChannelRefusal::NotOpen));
    assert!(ChannelRefusal::NotOpen.is_retryable());
    let mut closing = open(100, 0);
    closing.head = closing.head.map(|state| ChannelState {
        closes_at: Some(at(NOW + 9)),
        ..state
    });
    assert_eq!(plan(&closing), Err(ChannelRefusal::Closing));
    let mut funded = open(4, 0);
    funded.head = Some(state(100, 0));
    let short = ChannelRefusal::InsufficientFunds {
        available: 4.into(),
        amount: 5.into(),
    };
    assert_eq!(plan(&funded), Err(short), "a deposit that is not final");
    assert_eq!(plan(&open(5, 0)), Ok(()));
    let nothing = plan_voucher(&a, &open(5, 0), Amount::ZERO, Reference::ZERO);
    assert_eq!(nothing, Err(ChannelRefusal::Nothing));
    let b = end(Side::B, true);
    let back = plan_voucher(&b, &open(5, 0), 1.into(), Reference::ZERO);
    assert_eq!(back, Err(ChannelRefusal::OneWay));
}

#[test]
fn nothing_is_paid_behind_a_signed_close() {
    let (mut a, mut b) = (end(Side::A, false), end(Side::B, false));
    pay(&mut a, &mut b, &open(100, 0), 30).unwrap();
    let close = plan_close(&a, &open(100, 0), at(NOW)).unwrap();
    assert_eq!((close.from_a, close.from_b), (30.into(), 0.into()));
    a.close_until = Some(close.deadline);
    let signed = ChannelRefusal::CloseSigned {
        deadline: close.deadline,
    };
    assert_eq!(pay(&mut a, &mut b, &open(100, 0), 1), Err(signed));
    let refused = VoucherRefusal::CloseSigned {
        deadline: close.deadline,
    };
    assert_eq!(
        pay(&mut b, &mut a, &open(100, 0), 1),
        Err(ChannelRefusal::Voucher(refused)),
        "whoever signed a close accepts nothing either"
    );
    let mut later = open(100, 0);
    later.finalized_at = close.deadline;
    assert_eq!(pay(&mut a, &mut b, &later, 1), Err(signed));
    later.finalized_at = at(close.deadline.get() + 1);
    assert_eq!(pay(&mut a, &mut b, &later, 1), Ok(()));
}

#[test]
fn a_close_is_agreed_to_as_it_is_and_in_time() {
    let (mut a, mut b) = (end(Side::A, false), end(Side::B, false));
    let chain = open(100, 50);
    pay(&mut a, &mut b, &chain, 30).unwrap();
    let close = plan_close(&a, &chain, at(NOW)).unwrap();
    let by_a = close.sign(&domain(), &key(3)).unwrap();
    let agree = |end: &HostedChannel, close: &ChannelClose, theirs, now| {
        agree_to_close(end, &chain, close, theirs, &domain(), at(now))
    };
    assert_eq!(agree(&b, &close, &by_a, NOW), Ok(()));
    let other = Err(ChannelRefusal::OtherClose);
    let stale = ChannelClose {
        from_a: 29.into(),
        ..close
    };
    let signed = stale.sign(&domain(), &key(3)).unwrap();
    assert_eq!(agree(&b, &stale, &signed, NOW), other);
    let forged = close.sign(&domain(), &key(9)).unwrap();
    assert_eq!(agree(&b, &close, &forged, NOW), other);
    assert_eq!(
        agree(&a, &close, &by_a, NOW),
        other,
        "its own is not the other's"
    );
    let deadline = close.deadline;
    let late = Err(ChannelRefusal::CloseDeadline { deadline });
    assert_eq!(agree(&b, &close, &by_a, deadline.get() + 1), late);
    assert_eq!(agree(&b, &close, &by_a, deadline.get() - 3601), late);
    assert_eq!(
        plan_close(&end(Side::B, true), &chain, at(NOW)),
        Err(ChannelRefusal::OneWayClose)
    );
}

proptest! {
    // Each case signs up to forty times.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Two ends of one server never disagree: whatever one may pay, the other accepts, and the sum stays.
    #[test]
    fn what_one_end_pays_the_other_accepts(
        deposits in (0u64..200, 0u64..200),
        paid in prop::collection::vec((any::<bool>(), 0u64..120), 0..40),
    ) {
        let chain = open(deposits.0, deposits.1);
        let (mut a, mut b) = (end(Side::A, false), end(Side::B, false));
        let mut seen = std::collections::BTreeSet::new();
        for (from_a, amount) in paid {
            let (from, to) = if from_a { (&mut a, &mut b) } else { (&mut b, &mut a) };
            let before = from.sent_in_all();
            match pay(from, to, &chain, amount) {
                Ok(()) => {
                    prop_assert!(from.sent_in_all() > before);
                    let voucher = from.sent.unwrap();
                    prop_assert!(seen.insert((from_a, voucher.message.cumulative)));
                }
                Err(refusal) => prop_assert!(
                    matches!(refusal, ChannelRefusal::InsufficientFunds { .. } | ChannelRefusal::Nothing),
                    "{refusal}"
                ),
            }
            let (left_a, left_b) = (can_send(&a, &chain, Side::A), can_send(&b, &chain, Side::B));
            prop_assert_eq!(left_a.get() + left_b.get(), u128::from(deposits.0 + deposits.1));
            prop_assert_eq!(a.position(0.into(), 0.into()), b.position(0.into(), 0.into()));
        }
    }
}

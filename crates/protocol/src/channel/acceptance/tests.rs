use super::*;
use crate::SigningKey;

const NOW: u64 = 1_000_000;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn units(units: u64) -> Amount {
    units.into()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

/// Two-way, `a` with 100 and `b` (this wallet) with 50; `a` has sent 20 and `b` 10.
struct Scene {
    domain: Domain,
    parameters: Parameters,
    terms: ChannelTerms,
    position: Position,
}

impl Scene {
    fn new() -> Self {
        Self {
            domain: Domain::new(1, [0xff; 20].into()),
            parameters: Parameters::standard(Amount::ZERO),
            terms: ChannelTerms {
                a: AccountId::new([1; 20].into()),
                b: AccountId::new([2; 20].into()),
                key_a: key(3).address().into(),
                key_b: key(4).address().into(),
                close_delay: Seconds::days(7),
                salt: Default::default(),
            },
            position: Position {
                deposit_a: units(100),
                deposit_b: units(50),
                from_a: units(20),
                from_b: units(10),
            },
        }
    }

    fn view(&self) -> ChannelView<'_> {
        ChannelView {
            domain: &self.domain,
            parameters: &self.parameters,
            terms: &self.terms,
            own_side: Side::B,
            own_account: self.terms.b,
            own_key: key(4).address().into(),
            position: self.position,
            seen_open: Some(at(NOW)),
            close_signed_until: None,
            margin: Seconds::DAY,
        }
    }

    fn voucher(&self, cumulative: u64) -> Voucher {
        Voucher {
            channel: self.terms.id(&self.domain),
            cumulative: units(cumulative),
            reference: Default::default(),
        }
    }
}

fn accept(
    view: &ChannelView<'_>,
    voucher: &Voucher,
    signer: u8,
    asked: u64,
) -> Result<AcceptedVoucher, VoucherRefusal> {
    let signature = voucher.sign(view.domain, &key(signer)).unwrap();
    accept_voucher(view, voucher, &signature, units(asked), at(NOW))
}

#[test]
fn what_the_counterparty_has_is_guaranteed() {
    let scene = Scene::new();
    let accepted = accept(&scene.view(), &scene.voucher(25), 3, 5).unwrap();
    assert_eq!(accepted.amount, units(5));
    assert_eq!(accepted.left, units(85));
    assert_eq!(
        accepted.hand_in_by,
        at(NOW).saturating_add(Seconds::days(6))
    );
    // Its deposit, and what came back: 100 + 10 - 20.
    let all = accept(&scene.view(), &scene.voucher(110), 3, 5).unwrap();
    assert_eq!(
        (all.amount, all.excess, all.left),
        (units(90), units(85), units(0))
    );
    let more = accept(&scene.view(), &scene.voucher(111), 3, 5);
    assert_eq!(more, Err(VoucherRefusal::Overdrawn { short: units(1) }));
}

#[test]
fn less_than_asked_is_refused() {
    let scene = Scene::new();
    let low = accept(&scene.view(), &scene.voucher(24), 3, 5);
    assert_eq!(
        low,
        Err(VoucherRefusal::TooLow {
            cumulative: units(24),
            needed: units(25)
        })
    );
    let same = accept(&scene.view(), &scene.voucher(20), 3, 0);
    assert_eq!(
        same,
        Err(VoucherRefusal::TooLow {
            cumulative: units(20),
            needed: units(21)
        })
    );
}

#[test]
fn only_the_counterparty_of_this_channel() {
    let scene = Scene::new();
    let own = accept(&scene.view(), &scene.voucher(25), 4, 5);
    assert!(matches!(
        own,
        Err(VoucherRefusal::NotTheCounterparty { .. })
    ));
    let other = Voucher {
        channel: Default::default(),
        ..scene.voucher(25)
    };
    assert_eq!(
        accept(&scene.view(), &other, 3, 5),
        Err(VoucherRefusal::OtherChannel)
    );
    let view = ChannelView {
        own_key: key(9).address().into(),
        ..scene.view()
    };
    assert_eq!(
        accept(&view, &scene.voucher(25), 3, 5),
        Err(VoucherRefusal::Terms(InvalidTerms::NotOwnKey(Side::B)))
    );
}

#[test]
fn only_on_a_channel_that_is_open_long_enough() {
    let scene = Scene::new();
    let unseen = ChannelView {
        seen_open: None,
        ..scene.view()
    };
    assert_eq!(
        accept(&unseen, &scene.voucher(25), 3, 5),
        Err(VoucherRefusal::NotSeenOpen)
    );
    let seen = at(NOW).saturating_sub(Seconds::days(6));
    let late = ChannelView {
        seen_open: Some(seen),
        ..scene.view()
    };
    assert_eq!(
        accept(&late, &scene.voucher(25), 3, 5),
        Err(VoucherRefusal::TooLate {
            hand_in_by: at(NOW)
        })
    );
    let signed = ChannelView {
        close_signed_until: Some(at(NOW)),
        ..scene.view()
    };
    assert_eq!(
        accept(&signed, &scene.voucher(25), 3, 5),
        Err(VoucherRefusal::CloseSigned { deadline: at(NOW) })
    );
    let passed = ChannelView {
        close_signed_until: Some(at(NOW - 1)),
        ..scene.view()
    };
    assert!(accept(&passed, &scene.voucher(25), 3, 5).is_ok());
}

#[test]
fn a_one_way_channel_pays_one_way() {
    let mut scene = Scene::new();
    scene.terms.key_b = ChannelKey::ZERO;
    scene.position.deposit_b = Amount::ZERO;
    scene.position.from_b = Amount::ZERO;
    assert!(accept(&scene.view(), &scene.voucher(100), 3, 80).is_ok());
    let opener = ChannelView {
        own_side: Side::A,
        own_account: scene.terms.a,
        own_key: scene.terms.key_a,
        ..scene.view()
    };
    assert_eq!(
        accept(&opener, &scene.voucher(25), 3, 5),
        Err(VoucherRefusal::WrongDirection)
    );
}

#[test]
fn the_other_end_takes_vouchers_too() {
    let scene = Scene::new();
    let opener = ChannelView {
        own_side: Side::A,
        own_account: scene.terms.a,
        own_key: scene.terms.key_a,
        ..scene.view()
    };
    // b has 50 + 20 - 10.
    assert_eq!(
        accept(&opener, &scene.voucher(70), 4, 60).unwrap().left,
        units(0)
    );
    assert!(matches!(
        accept(&opener, &scene.voucher(71), 4, 60),
        Err(VoucherRefusal::Overdrawn { .. })
    ));
}

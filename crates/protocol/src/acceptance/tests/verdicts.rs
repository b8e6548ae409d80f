use super::*;

#[test]
fn guaranteed_while_every_member_has_a_cover() {
    let accepted = Scene::new().accept().unwrap();
    assert_eq!(accepted.verdict, Verdict::Guaranteed);
    assert_eq!((accepted.cover, accepted.exposure), (units(90), units(20)));
    assert_eq!(accepted.purse, key(DEVICE).address().into());
    // min(as_of, checked_at) + 7 days - 1 day.
    assert_eq!(
        accepted.hand_in_by,
        at(NOW - 7_200).saturating_add(Seconds::days(6))
    );
}

#[test]
fn the_hand_in_date_follows_the_older_of_the_two() {
    let mut scene = Scene::new();
    scene.membership().checked_at = at(NOW - 10_000);
    let accepted = scene.accept().unwrap();
    assert_eq!(
        accepted.hand_in_by,
        at(NOW - 10_000).saturating_add(Seconds::days(6))
    );
}

#[test]
fn one_member_too_many_and_it_is_covered_only_while_few_claim() {
    let verdict = Scene::verdict(|scene| scene.certificate.circle_size = 11);
    let covered = Verdict::CoveredUpTo {
        up_to: units(90),
        while_at_most: 10,
        circle_size: 11,
    };
    assert_eq!(verdict, covered);
}

#[test]
fn exposure_above_the_cover_is_not_guaranteed() {
    let mut scene = Scene::new().after(0, 70, 70).pays(70, 90);
    assert_eq!(scene.accept().unwrap().verdict, Verdict::Guaranteed);
    scene.payment.cumulative = units(100);
    scene.payment.start = units(80);
    scene.limits.uncovered = units(10);
    let covered = Verdict::CoveredUpTo {
        up_to: units(90),
        while_at_most: 10,
        circle_size: 10,
    };
    assert_eq!(scene.accept().unwrap().verdict, covered);
    scene.limits.uncovered = units(9);
    assert_eq!(
        scene.accept(),
        Err(Refusal::TooMuchUncovered {
            uncovered: units(10),
            limit: units(9)
        })
    );
    // What was settled is no exposure.
    scene.settled = units(70);
    let accepted = scene.accept().unwrap();
    assert_eq!(
        (accepted.verdict, accepted.exposure),
        (Verdict::Guaranteed, units(30))
    );
}

#[test]
fn circle_zero_is_never_guaranteed_whatever_the_certificate_says() {
    let verdict = Scene::verdict(|scene| {
        scene.certificate.circle = Circle::OPEN;
        scene.certificate.circle_size = 1;
        let membership = *scene.membership();
        scene.memberships.insert(Circle::OPEN, membership);
    });
    let covered = Verdict::CoveredUpTo {
        up_to: units(50),
        while_at_most: 10,
        circle_size: u16::MAX,
    };
    assert_eq!(verdict, covered);
}

#[test]
fn not_covered_and_why() {
    let why = |change: fn(&mut Scene)| match Scene::verdict(change) {
        Verdict::NotCovered { why } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(|scene| scene.memberships.clear()),
        NotCovered::NotJoined { circle: market() }
    );
    assert_eq!(
        why(|scene| scene.membership().from = at(NOW - 3_599)),
        NotCovered::MembershipPending {
            from: at(NOW - 3_599)
        }
    );
    assert_eq!(
        why(|scene| scene.membership().until = Some(at(NOW + 900_000))),
        NotCovered::DismissalPending {
            until: at(NOW + 900_000)
        }
    );
    assert_eq!(
        why(|scene| scene.membership().checked_at = at(NOW - 518_400)),
        NotCovered::TooLate {
            hand_in_by: at(NOW)
        }
    );
    assert_eq!(
        why(|scene| scene.certificate.pledge = units(1)),
        NotCovered::NoCover
    );
}

#[test]
fn a_verdict_can_be_stored() {
    for verdict in [
        Verdict::Guaranteed,
        Verdict::CoveredUpTo {
            up_to: units(90),
            while_at_most: 10,
            circle_size: 11,
        },
        Verdict::NotCovered {
            why: NotCovered::NotJoined { circle: market() },
        },
        Verdict::NotCovered {
            why: NotCovered::TooLate {
                hand_in_by: at(NOW),
            },
        },
    ] {
        let json = serde_json::to_string(&verdict).unwrap();
        assert_eq!(
            serde_json::from_str::<Verdict>(&json).unwrap(),
            verdict,
            "{json}"
        );
    }
}

//! What section 5 says, one sentence at a time.

use super::*;

#[test]
fn a_purse_needs_a_pledge_and_a_cover_count() {
    let parameters = Parameters::standard(units(1));
    let open = |pledge, count| {
        PurseState::open(
            parameters,
            payee(0),
            market(),
            units(1),
            units(pledge),
            count,
        )
    };
    assert_eq!(open(1, 0).unwrap_err(), PurseError::InvalidCoverCount(0));
    assert_eq!(
        open(1, u16::MAX).unwrap_err(),
        PurseError::InvalidCoverCount(u16::MAX)
    );
    assert_eq!(open(0, 1).unwrap_err(), PurseError::ZeroAmount);
    assert!(open(1, u16::MAX - 1).is_ok());
}

#[test]
fn the_newest_payment_covers_the_earlier_ones() {
    let mut purse = purse();
    let settled = purse.settle(&pay(1, 30, 10, 40), true, day(0)).unwrap();
    assert_eq!(
        settled,
        Settled {
            credited: units(40),
            outcome: Presentation::PaidInFull
        }
    );
    // An older one is a no-op, and so is the same one again.
    for late in [pay(1, 0, 30, 30), pay(1, 30, 10, 40)] {
        let settled = purse.settle(&late, true, day(0)).unwrap();
        assert_eq!(
            settled,
            Settled {
                credited: units(0),
                outcome: Presentation::NothingOwed
            }
        );
    }
    assert_eq!(purse.pair(payee(1)).paid, units(40));
}

#[test]
fn a_payment_beyond_the_funds_is_refused_until_they_are_there() {
    let mut purse = purse();
    let payment = pay(1, 95, 10, 10);
    let beyond = PurseError::BeyondFunds {
        end: 105,
        funds: units(100),
    };
    assert_eq!(purse.settle(&payment, true, day(0)), Err(beyond));
    purse.top_up(units(5)).unwrap();
    assert_eq!(
        purse.settle(&payment, true, day(0)).unwrap().credited,
        units(10)
    );
}

#[test]
fn an_overspend_is_a_default_and_begins_the_close() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    let settled = purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    let default = OpenDefault {
        since: day(1),
        reserved: units(60),
    };
    assert_eq!(settled.outcome, Presentation::InDefault(default));
    assert_eq!(purse.closes_at, Some(day(8)));
    assert_eq!(purse.add_pledge(units(1)), Err(PurseError::PledgeFixed));
    assert_eq!(
        purse.close(day(9)),
        Err(PurseError::NotClosable {
            closes_at: Some(day(8)),
            pairs_in_default: 1
        })
    );
}

#[test]
fn a_reservation_is_at_most_one_cover() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    for (to, reserved) in [(2, 90), (3, 90), (4, 0)] {
        purse.settle(&pay(to, 0, 95, 95), true, day(1)).unwrap();
        assert_eq!(
            purse.pair(payee(to)).in_default.unwrap().reserved,
            units(reserved)
        );
    }
    assert_eq!(purse.reserved, purse.payable_share());
}

#[test]
fn who_never_was_a_member_reserves_nothing_and_who_once_was_keeps_it() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    let stranger = pay(2, 0, 50, 50);
    purse.settle(&stranger, false, day(1)).unwrap();
    assert_eq!(purse.pair(payee(2)).in_default.unwrap().reserved, units(0));
    purse.settle(&stranger, true, day(1)).unwrap();
    assert_eq!(purse.pair(payee(2)).in_default.unwrap().reserved, units(50));
    // Dismissed meanwhile: membership at any earlier presentation suffices.
    purse.settle(&pay(2, 50, 10, 60), false, day(1)).unwrap();
    assert_eq!(purse.pair(payee(2)).in_default.unwrap().reserved, units(60));
}

#[test]
fn an_old_payment_presented_later_lowers_nothing() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    let before = purse.clone();
    purse.settle(&pay(2, 0, 5, 5), true, day(2)).unwrap();
    assert_eq!(purse, before);
}

#[test]
fn made_good_in_time_costs_no_collateral() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    purse.settle(&pay(3, 0, 20, 20), true, day(1)).unwrap();
    let both = [payee(2), payee(2), payee(3), payee(4)];
    let in_time = at(2 * Seconds::DAY.get() - 1);
    assert_eq!(
        purse.make_good(&both, units(80), units(79), in_time),
        Err(PurseError::InsufficientBalance {
            balance: units(19),
            amount: units(20)
        })
    );
    assert_eq!(
        purse.make_good(&both, units(79), units(500), in_time),
        Err(PurseError::MakeGoodTooDear {
            needed: units(80),
            max: units(79)
        })
    );
    assert_eq!(purse.pairs_in_default(), 2, "all are paid, or none");
    let made = purse
        .make_good(&both, units(80), units(80), in_time)
        .unwrap();
    assert_eq!(
        made.credited,
        [(payee(2), units(60)), (payee(3), units(20))]
    );
    assert!(!purse.condemned);
    let closed = purse.close(day(8)).unwrap();
    assert_eq!(
        closed,
        Closed {
            rest: units(0),
            released: units(200),
            forfeited: units(0)
        }
    );
    assert_eq!(
        purse.pair(payee(2)).paid,
        units(60),
        "paidTo outlives the purse"
    );
}

#[test]
fn what_an_owner_pays_itself_comes_right_back() {
    let mut purse = purse();
    purse.owner = payee(2);
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    purse.settle(&pay(3, 0, 20, 20), true, day(1)).unwrap();
    let made = purse.make_good(&[payee(2), payee(3)], units(80), units(60), day(1));
    assert_eq!(made.unwrap().total, units(80));
}

#[test]
fn topping_up_and_settling_again_makes_good_too() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    purse.top_up(units(60)).unwrap();
    let settled = purse.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    assert_eq!(
        settled,
        Settled {
            credited: units(60),
            outcome: Presentation::Cured
        }
    );
    assert_eq!((purse.reserved, purse.pairs_in_default()), (units(0), 0));
    assert!(!purse.condemned);
}

#[test]
fn too_late_condemns_whoever_pays() {
    let late = day(2);
    let mut good = purse();
    good.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    good.settle(&pay(2, 0, 60, 60), true, day(1)).unwrap();
    let mut topped_up = good.clone();
    good.make_good(&[payee(2)], units(60), units(60), late)
        .unwrap();
    assert!(good.condemned);
    // Even one unit out of new funds, and even if the pair stays in default.
    topped_up.top_up(units(1)).unwrap();
    topped_up.settle(&pay(2, 0, 60, 60), true, late).unwrap();
    assert!(topped_up.condemned && topped_up.pairs_in_default() == 1);
}

#[test]
fn unmade_the_payee_has_its_reservation_and_the_payer_loses_the_pledge() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 95, 95), true, day(1)).unwrap();
    let early = at(2 * Seconds::DAY.get() - 1);
    assert_eq!(
        purse.settle_after_settlement_period(payee(2), early),
        Err(PurseError::SettlementPeriodRunning { ends_at: day(2) })
    );
    assert_eq!(
        purse.settle_after_settlement_period(payee(1), day(2)),
        Err(PurseError::NotInDefault { payee: payee(1) })
    );
    assert_eq!(
        purse.settle_after_settlement_period(payee(2), day(2)),
        Ok(units(90))
    );
    assert_eq!(purse.pair(payee(2)).paid, units(90));
    assert_eq!(
        purse.settle_after_settlement_period(payee(2), day(2)),
        Err(PurseError::NotInDefault { payee: payee(2) })
    );
    let closed = purse.close(day(8)).unwrap();
    assert_eq!(
        closed,
        Closed {
            rest: units(0),
            released: units(0),
            forfeited: units(110)
        }
    );
}

#[test]
fn a_resolved_pair_comes_back_only_for_something_new() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 95, 95), true, day(1)).unwrap();
    purse
        .settle_after_settlement_period(payee(2), day(2))
        .unwrap();
    // The same again: it has had its cover.
    let again = purse.settle(&pay(2, 0, 95, 95), true, day(2)).unwrap();
    assert_eq!(again.outcome, Presentation::StaysResolved);
    // A higher cumulative enters default anew, but one cover is all that it can have.
    let higher = purse.settle(&pay(2, 0, 97, 97), true, day(3)).unwrap();
    let default = OpenDefault {
        since: day(3),
        reserved: units(0),
    };
    assert_eq!(higher.outcome, Presentation::InDefault(default));
    assert_eq!(
        purse.settle_after_settlement_period(payee(2), day(4)),
        Ok(units(0))
    );
    assert_eq!(purse.pair(payee(2)).from_collateral, units(90));
}

#[test]
fn a_resolved_pair_comes_back_if_it_could_now_reserve() {
    let mut purse = purse();
    purse.settle(&pay(1, 0, 100, 100), true, day(0)).unwrap();
    purse.settle(&pay(2, 0, 50, 50), false, day(1)).unwrap();
    assert_eq!(
        purse.settle_after_settlement_period(payee(2), day(2)),
        Ok(units(0))
    );
    let stranger = purse.settle(&pay(2, 0, 50, 50), false, day(2)).unwrap();
    assert_eq!(stranger.outcome, Presentation::StaysResolved);
    let member = purse.settle(&pay(2, 0, 50, 50), true, day(3)).unwrap();
    let default = OpenDefault {
        since: day(3),
        reserved: units(50),
    };
    assert_eq!(member.outcome, Presentation::InDefault(default));
}

#[test]
fn a_double_spend_stops_the_purse_once_and_costs_nothing_by_itself() {
    let mut purse = purse();
    let (a, b) = (pay(1, 0, 10, 10), pay(2, 5, 10, 10));
    assert_eq!(
        purse.report_double_spend(&a, &a, day(0)),
        Err(PurseError::NoConflict)
    );
    assert_eq!(purse.report_double_spend(&a, &b, day(0)), Ok(true));
    assert_eq!(purse.report_double_spend(&b, &a, day(3)), Ok(false));
    assert_eq!(purse.closes_at, Some(day(7)));
    assert_eq!(
        purse.request_close(day(3)),
        Err(PurseError::PurseClosing { closes_at: day(7) })
    );
    // Settling goes on until the close executes.
    assert_eq!(purse.settle(&a, true, day(6)).unwrap().credited, units(10));
    assert_eq!(purse.close(day(7)).unwrap().released, units(200));
    assert_eq!(
        purse.settle(&a, true, day(8)).unwrap().outcome,
        Presentation::NothingOwed
    );
    assert_eq!(
        purse.settle(&b, true, day(8)),
        Err(PurseError::PurseIsClosed)
    );
    assert_eq!(
        purse.report_double_spend(&a, &b, day(8)),
        Err(PurseError::PurseIsClosed)
    );
}

#[test]
fn a_closed_purse_refuses_everything_else() {
    let mut purse = purse();
    purse.request_close(day(0)).unwrap();
    purse.close(day(7)).unwrap();
    assert_eq!(purse.top_up(units(1)), Err(PurseError::PurseIsClosed));
    assert_eq!(purse.add_pledge(units(1)), Err(PurseError::PurseIsClosed));
    assert_eq!(purse.request_close(day(8)), Err(PurseError::PurseIsClosed));
    assert_eq!(purse.close(day(8)), Err(PurseError::PurseIsClosed));
    let made = purse.make_good(&[payee(1)], units(1), units(1), day(8));
    assert_eq!(made, Err(PurseError::PurseIsClosed));
}

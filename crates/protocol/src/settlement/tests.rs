use proptest::prelude::*;

use super::*;
use crate::{AccountId, Amount, Circle, Seconds, Timestamp, cover::Parameters, messages::Payment};

mod histories;
mod invariants;

const START: u64 = 1_000_000;

fn units(units: u64) -> Amount {
    units.into()
}

fn payee(index: u8) -> AccountId {
    AccountId::new([index.wrapping_add(1); 20].into())
}

fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(START + seconds).unwrap()
}

fn day(days: u64) -> Timestamp {
    at(days * Seconds::DAY.get())
}

fn pay(to: u8, start: u64, amount: u64, cumulative: u64) -> Payment {
    Payment {
        payee: payee(to),
        start: units(start),
        amount: units(amount),
        cumulative: units(cumulative),
        reference: Default::default(),
    }
}

/// A purse with funds 100 and a pledge of 200 in a circle, divided into two covers of 90.
fn purse() -> PurseState {
    open(100, 200, 2)
}

fn open(funds: u64, pledge: u64, cover_count: u16) -> PurseState {
    let parameters = Parameters::standard(units(1));
    let owner = AccountId::new([0xee; 20].into());
    PurseState::open(
        parameters,
        owner,
        market(),
        units(funds),
        units(pledge),
        cover_count,
    )
    .unwrap()
}

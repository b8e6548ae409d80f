//! What the chain says of a circle, for showing.

use offpay_protocol::{Circle, Timestamp};
use serde_json::{Value, json};

use super::{
    abi::OffPay::{circleSizeCall, membershipOfCall},
    ask::{self, view},
    convert::{set, time},
};
use crate::run::{Answer, OpenWallet};

pub(super) fn calls(wallet: &OpenWallet, circle: Circle) -> Value {
    let state = wallet.state();
    let contract = state.deployment().domain.contract();
    let latest = json!("latest");
    let size = circleSizeCall {
        circle: circle.into(),
    };
    let place = membershipOfCall {
        circle: circle.into(),
        payee: state.account().into(),
    };
    json!([
        view(contract, &size, &latest),
        view(contract, &place, &latest)
    ])
}

pub(super) fn read(results: &[Value]) -> Answer {
    let size = ask::read::<circleSizeCall>(results.first())?;
    let place = ask::read::<membershipOfCall>(results.get(1))?;
    let until = time(place.until);
    Ok(json!({
        "size": size, "from": set(place.until).map(|_| time(place.from)),
        "until": set(place.until).and((until < Timestamp::MAX).then_some(until)),
    }))
}

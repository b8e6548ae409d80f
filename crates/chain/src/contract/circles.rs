//! Who may claim on a purse's collateral.

use offpay_protocol::{AccountId, Circle, Timestamp};

use super::Contract;
use crate::{
    Operation,
    bindings::OffPay::{OffPayEvents, admitCall, dismissCall, pruneCall},
    convert::timestamp,
};

impl Contract {
    /// Admits a payee to the account's circle. Says from when on it counts; `None` if nothing new began, because the
    /// payee was a member or pending already.
    pub fn admit(&self, payee: AccountId) -> Operation<Option<Timestamp>> {
        Operation::new(
            self,
            &admitCall {
                payee: payee.into(),
            },
            |events| {
                Some(events.iter().find_map(|event| match event {
                    OffPayEvents::Admitted(admitted) => Some(timestamp(admitted.from)),
                    _ => None,
                }))
            },
        )
    }

    /// Ends a payee's membership in the account's circle, and says when it stops to count.
    pub fn dismiss(&self, payee: AccountId) -> Operation<Timestamp> {
        Operation::new(
            self,
            &dismissCall {
                payee: payee.into(),
            },
            |events| {
                events.iter().find_map(|event| match event {
                    OffPayEvents::Dismissed(dismissed) => Some(timestamp(dismissed.until)),
                    _ => None,
                })
            },
        )
    }

    /// Takes a payee whose membership has ended out of the circle's size. Anyone can.
    pub fn prune(&self, circle: Circle, payee: AccountId) -> Operation<()> {
        Operation::plain(
            self,
            &pruneCall {
                circle: circle.into(),
                payee: payee.into(),
            },
        )
    }
}

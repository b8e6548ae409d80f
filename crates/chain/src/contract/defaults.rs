//! Making good, and being paid out of collateral.

use offpay_protocol::{AccountId, Amount, PurseKey};

use super::Contract;
use crate::{
    Operation,
    bindings::OffPay::{OffPayEvents, makeGoodCall, settlePaymentAfterSettlementPeriodCall},
    convert::{amount, uint96},
};

/// What an owner paid a payee to make good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeGood {
    /// Who was paid.
    pub payee: AccountId,
    /// How much.
    pub amount: Amount,
    /// What the payee has had from the purse in all.
    pub paid: Amount,
}

/// What a payee was paid out of collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromCollateral {
    /// How much; zero if nothing was reserved for it.
    pub amount: Amount,
    /// What the payee has had from the purse in all.
    pub paid: Amount,
    /// Whether this is what condemned the purse: what is left of its pledge is not returned.
    pub condemned: bool,
}

impl Contract {
    /// Pays the payees all that the purse owes them, out of the owner's balance, if that is at most `max` in all.
    /// Payees that are not in default are passed over.
    pub fn make_good(
        &self,
        purse: PurseKey,
        payees: impl IntoIterator<Item = AccountId>,
        max: Amount,
    ) -> Operation<Vec<MadeGood>> {
        let payees = payees.into_iter().map(Into::into).collect();
        let call = makeGoodCall {
            key: purse.into(),
            payees,
            max: uint96(max),
        };
        Operation::new(self, &call, |events| {
            Some(events.iter().filter_map(made_good).collect())
        })
    }

    /// Pays a payee in default what is reserved for it out of collateral, once the settlement period has passed.
    /// Anyone can.
    pub fn settle_after_settlement_period(
        &self,
        purse: PurseKey,
        payee: AccountId,
    ) -> Operation<FromCollateral> {
        let call = settlePaymentAfterSettlementPeriodCall {
            key: purse.into(),
            payee: payee.into(),
        };
        Operation::new(self, &call, |events| {
            let condemned = events
                .iter()
                .any(|event| matches!(event, OffPayEvents::PurseCondemned(_)));
            events.iter().find_map(|event| match event {
                OffPayEvents::PaymentSettledFromCollateral(paid) => Some(FromCollateral {
                    amount: amount(paid.amount),
                    paid: amount(paid.cumulative),
                    condemned,
                }),
                _ => None,
            })
        })
    }
}

fn made_good(event: &OffPayEvents) -> Option<MadeGood> {
    match event {
        OffPayEvents::PaymentMadeGood(made) => Some(MadeGood {
            payee: made.payee.into(),
            amount: amount(made.amount),
            paid: amount(made.cumulative),
        }),
        _ => None,
    }
}

//! Bugs that are planted on purpose: each has to be found, or the simulator proves nothing.

use alloy::primitives::Bytes;

/// A bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The contract does something else.
    Contract(Bytes),
    /// A payee's storage forgets a payment of which the verdict was shown.
    ForgottenPayment,
    /// Payees do not hand in what they took.
    LatePayee,
    /// A restored phone's owner does not pay what it overspent.
    NoMakeGood,
    /// The operator clears what conflicts.
    CarelessOperator,
    /// Every verdict is "guaranteed".
    BoldVerdict,
    /// A wallet hands out the same serials again.
    SerialsTwice,
    /// What a payee was credited gets less.
    PaidToLowered,
    /// The watchtower answers no close.
    SleepingTower,
    /// A wallet's storage forgets a voucher of which the verdict was shown.
    ForgottenVoucher,
}

impl Plant {
    /// Those that need no other contract, with a name each.
    pub const IN_RUST: [(&'static str, Self); 9] = [
        ("forgotten-payment", Self::ForgottenPayment),
        ("late-payee", Self::LatePayee),
        ("no-make-good", Self::NoMakeGood),
        ("careless-operator", Self::CarelessOperator),
        ("bold-verdict", Self::BoldVerdict),
        ("serials-twice", Self::SerialsTwice),
        ("paid-to-lowered", Self::PaidToLowered),
        ("sleeping-tower", Self::SleepingTower),
        ("forgotten-voucher", Self::ForgottenVoucher),
    ];

    pub(crate) const fn bytecode(&self) -> Option<&Bytes> {
        match self {
            Self::Contract(bytecode) => Some(bytecode),
            _ => None,
        }
    }
}

//! What happened to money, and the movements that it makes.

use offpay_protocol::{AccountId, Amount, ChannelId, PurseKey};

use super::{LedgerAccount, Movement};
use crate::follower::ChainFact;

use LedgerAccount::{Balance, Channel, Claimed, Collateral, Outside, Pledge, Promised, Purse};

/// What happened to money. All but [`Promised`](Self::Promised) is told by the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Tokens came in.
    Deposited {
        /// Whose balance they are.
        owner: AccountId,
        /// How many.
        amount: Amount,
    },
    /// Balance left the contract.
    Withdrawn {
        /// Whose.
        owner: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Balance went to another account (or from a till to its owner).
    Transferred {
        /// Whose it was.
        from: AccountId,
        /// Whose it is.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Collateral was added.
    CollateralDeposited {
        /// Whose.
        owner: AccountId,
        /// How much.
        amount: Amount,
        /// Out of the balance; else by tokens.
        from_balance: bool,
    },
    /// Free collateral left the contract.
    CollateralWithdrawn {
        /// Whose.
        owner: AccountId,
        /// How much.
        amount: Amount,
    },
    /// A purse was opened.
    PurseOpened {
        /// Its key.
        purse: PurseKey,
        /// Whose it is.
        owner: AccountId,
        /// Out of the owner's balance.
        funds: Amount,
        /// Out of the owner's free collateral.
        pledge: Amount,
    },
    /// Balance was added to a purse.
    PurseToppedUp {
        /// Its key.
        purse: PurseKey,
        /// Whose it is.
        owner: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Free collateral was pledged to a purse.
    PledgeAdded {
        /// Its key.
        purse: PurseKey,
        /// Whose it is.
        owner: AccountId,
        /// How much.
        amount: Amount,
    },
    /// A purse closed.
    PurseClosed {
        /// Its key.
        purse: PurseKey,
        /// Whose it was.
        owner: AccountId,
        /// Who has what is forfeited.
        treasury: AccountId,
        /// What was left of the funds.
        rest: Amount,
        /// What of the pledge is free collateral again.
        released: Amount,
        /// What of the pledge is lost.
        forfeited: Amount,
    },
    /// A payee was paid out of a purse's funds.
    Settled {
        /// The purse.
        purse: PurseKey,
        /// Who was paid.
        payee: AccountId,
        /// How much.
        amount: Amount,
        /// Whether this operator signs for the purse, and so had noted the promise.
        promised: bool,
    },
    /// An owner paid what its purse owed.
    MadeGood {
        /// The purse.
        purse: PurseKey,
        /// Whose it is.
        owner: AccountId,
        /// Who was paid.
        payee: AccountId,
        /// How much.
        amount: Amount,
        /// As in [`Settled`](Self::Settled).
        promised: bool,
    },
    /// A payee was paid out of collateral.
    PaidFromCollateral {
        /// The purse.
        purse: PurseKey,
        /// Who was paid.
        payee: AccountId,
        /// How much.
        amount: Amount,
        /// As in [`Settled`](Self::Settled).
        promised: bool,
    },
    /// Balance was put into a channel, at its opening or later.
    ChannelFunded {
        /// The channel.
        channel: ChannelId,
        /// Whose balance it was.
        from: AccountId,
        /// How much.
        amount: Amount,
    },
    /// A one-way channel paid its payee.
    VoucherClaimed {
        /// The channel.
        channel: ChannelId,
        /// Who was paid.
        b: AccountId,
        /// How much more than before.
        amount: Amount,
    },
    /// A channel closed.
    ChannelClosed {
        /// The channel.
        channel: ChannelId,
        /// Who opened it.
        a: AccountId,
        /// The other side.
        b: AccountId,
        /// What the first got.
        to_a: Amount,
        /// What the other got.
        to_b: Amount,
    },
    /// A hosted purse signed a payment.
    Promised {
        /// The purse.
        purse: PurseKey,
        /// Who is promised.
        payee: AccountId,
        /// How much.
        amount: Amount,
    },
}

impl Fact {
    /// The movements that it makes, in an order in which no account is overdrawn.
    pub fn movements(&self) -> Vec<Movement> {
        let moved: [Option<Movement>; 3] = match *self {
            Self::Deposited { owner, amount } => one(Outside, Balance(owner), amount),
            Self::Withdrawn { owner, amount } => one(Balance(owner), Outside, amount),
            Self::Transferred { from, to, amount } => one(Balance(from), Balance(to), amount),
            Self::CollateralDeposited {
                owner,
                amount,
                from_balance,
            } => {
                let from = if from_balance {
                    Balance(owner)
                } else {
                    Outside
                };
                one(from, Collateral(owner), amount)
            }
            Self::CollateralWithdrawn { owner, amount } => one(Collateral(owner), Outside, amount),
            Self::PurseOpened {
                purse,
                owner,
                funds,
                pledge,
            } => [
                Movement::new(Balance(owner), Purse(purse), funds),
                Movement::new(Collateral(owner), Pledge(purse), pledge),
                None,
            ],
            Self::PurseToppedUp {
                purse,
                owner,
                amount,
            } => one(Balance(owner), Purse(purse), amount),
            Self::PledgeAdded {
                purse,
                owner,
                amount,
            } => one(Collateral(owner), Pledge(purse), amount),
            Self::PurseClosed {
                purse,
                owner,
                treasury,
                rest,
                released,
                forfeited,
            } => [
                Movement::new(Purse(purse), Balance(owner), rest),
                Movement::new(Pledge(purse), Collateral(owner), released),
                Movement::new(Pledge(purse), Balance(treasury), forfeited),
            ],
            Self::Settled {
                purse,
                payee,
                amount,
                promised,
            } => kept(Purse(purse), purse, payee, amount, promised),
            Self::MadeGood {
                purse,
                owner,
                payee,
                amount,
                promised,
            } => kept(Balance(owner), purse, payee, amount, promised),
            Self::PaidFromCollateral {
                purse,
                payee,
                amount,
                promised,
            } => kept(Pledge(purse), purse, payee, amount, promised),
            Self::ChannelFunded {
                channel,
                from,
                amount,
            } => one(Balance(from), Channel(channel), amount),
            Self::VoucherClaimed { channel, b, amount } => {
                one(Channel(channel), Balance(b), amount)
            }
            Self::ChannelClosed {
                channel,
                a,
                b,
                to_a,
                to_b,
            } => [
                Movement::new(Channel(channel), Balance(a), to_a),
                Movement::new(Channel(channel), Balance(b), to_b),
                None,
            ],
            Self::Promised {
                purse,
                payee,
                amount,
            } => one(Promised(purse), Claimed(payee), amount),
        };
        moved.into_iter().flatten().collect()
    }
}

fn one(from: LedgerAccount, to: LedgerAccount, amount: Amount) -> [Option<Movement>; 3] {
    [Movement::new(from, to, amount), None, None]
}

/// A payee is paid what was promised: the promise ends where there was one.
fn kept(
    from: LedgerAccount,
    purse: PurseKey,
    payee: AccountId,
    amount: Amount,
    promised: bool,
) -> [Option<Movement>; 3] {
    let promise = promised
        .then(|| Movement::new(Claimed(payee), Promised(purse), amount))
        .flatten();
    [Movement::new(from, Balance(payee), amount), promise, None]
}

impl Fact {
    /// What the chain's fact means for money; `None` if nothing moves. `signed_for` says whether this operator signs
    /// for the purse of a payment, and so had noted the promise.
    pub fn of(fact: &ChainFact, signed_for: bool) -> Option<Self> {
        let promised = signed_for;
        Some(match *fact {
            ChainFact::Deposited { owner, amount, .. } => Self::Deposited { owner, amount },
            ChainFact::Withdrawn { owner, amount, .. } => Self::Withdrawn { owner, amount },
            ChainFact::Transferred { from, to, amount } => Self::Transferred { from, to, amount },
            ChainFact::CollateralDeposited {
                owner,
                amount,
                from_balance,
            } => Self::CollateralDeposited {
                owner,
                amount,
                from_balance,
            },
            ChainFact::CollateralWithdrawn { owner, amount, .. } => {
                Self::CollateralWithdrawn { owner, amount }
            }
            ChainFact::PurseOpened {
                purse,
                owner,
                funds,
                pledge,
                ..
            } => Self::PurseOpened {
                purse,
                owner,
                funds,
                pledge,
            },
            ChainFact::PurseToppedUp {
                purse,
                owner,
                amount,
                ..
            } => Self::PurseToppedUp {
                purse,
                owner,
                amount,
            },
            ChainFact::PledgeAdded {
                purse,
                owner,
                amount,
                ..
            } => Self::PledgeAdded {
                purse,
                owner,
                amount,
            },
            ChainFact::PurseClosed {
                purse,
                owner,
                treasury,
                rest,
                released,
                forfeited,
            } => Self::PurseClosed {
                purse,
                owner,
                treasury,
                rest,
                released,
                forfeited,
            },
            ChainFact::PaymentSettled {
                purse,
                payee,
                amount,
                ..
            } => Self::Settled {
                purse,
                payee,
                amount,
                promised,
            },
            ChainFact::PaymentMadeGood {
                purse,
                owner,
                payee,
                amount,
                ..
            } => Self::MadeGood {
                purse,
                owner,
                payee,
                amount,
                promised,
            },
            ChainFact::PaymentSettledFromCollateral {
                purse,
                payee,
                amount,
                ..
            } => Self::PaidFromCollateral {
                purse,
                payee,
                amount,
                promised,
            },
            ChainFact::ChannelOpened {
                channel,
                terms,
                deposit,
            } => Self::ChannelFunded {
                channel,
                from: terms.a,
                amount: deposit,
            },
            ChainFact::ChannelFunded {
                channel,
                from,
                amount,
            } => Self::ChannelFunded {
                channel,
                from,
                amount,
            },
            ChainFact::VoucherClaimed {
                channel, b, amount, ..
            } => Self::VoucherClaimed { channel, b, amount },
            ChainFact::ChannelClosed {
                channel,
                a,
                b,
                to_a,
                to_b,
                ..
            } => Self::ChannelClosed {
                channel,
                a,
                b,
                to_a,
                to_b,
            },
            ChainFact::RegistrationChanged { .. }
            | ChainFact::Admitted { .. }
            | ChainFact::DismissalRevoked { .. }
            | ChainFact::Dismissed { .. }
            | ChainFact::Pruned { .. }
            | ChainFact::PurseCloseStarted { .. }
            | ChainFact::DoubleSpendReported { .. }
            | ChainFact::PaymentDefaulted { .. }
            | ChainFact::DefaultCured { .. }
            | ChainFact::PurseCondemned { .. }
            | ChainFact::VoucherPresented { .. }
            | ChainFact::ChannelCloseRequested { .. }
            | ChainFact::Relayed { .. }
            | ChainFact::NonceCancelled { .. } => return None,
        })
    }

    /// The purse of which a payee was paid, where a promise may have been noted.
    pub const fn paying_purse(fact: &ChainFact) -> Option<PurseKey> {
        match fact {
            ChainFact::PaymentSettled { purse, .. }
            | ChainFact::PaymentMadeGood { purse, .. }
            | ChainFact::PaymentSettledFromCollateral { purse, .. } => Some(*purse),
            _ => None,
        }
    }
}

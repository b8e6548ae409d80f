//! A purse that this server signs for, and which payment it signs next.

use offpay_protocol::{AccountId, Amount, PurseKey, Reference, Timestamp, messages::Payment};
use thiserror::Error;

use super::operation::names;
use crate::{UserId, purse::KnownPurse};

names! {
    /// Who has a purse's device key.
    Keeper {
        /// This server, in its vault.
        Server = "server",
        /// The user's own phone: the server never saw it.
        Phone = "phone",
    }
}

/// A purse of a hosted user that is to be stored, before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPurse {
    /// Its key.
    pub purse: PurseKey,
    /// Whose it is.
    pub user: UserId,
    /// The account that opens it.
    pub account: AccountId,
    /// Who has its device key.
    pub keeper: Keeper,
}

/// A purse of a hosted user as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostedPurse {
    /// What was stored first.
    pub made: NewPurse,
    /// The first serial that was never handed out.
    pub next_serial: Amount,
    /// When it was stored.
    pub created_at: Timestamp,
}

impl HostedPurse {
    /// Whether it signs nothing any more: a restored database does not know which serials it gave out
    /// ([`RETIRED`]).
    pub fn is_retired(&self) -> bool {
        self.next_serial == RETIRED
    }
}

/// The next serial of a purse that signs nothing any more: no purse has funds beyond it.
pub const RETIRED: Amount = Amount::MAX;

/// Why a purse does not sign a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PayRefusal {
    /// Its opening is not final yet, or it was never opened.
    #[error("the purse is not open yet")]
    NotOpen,
    /// It is closing, or closed.
    #[error("the purse is closing")]
    Closing,
    /// The database was restored from a backup, and which serials the purse gave out since that was made is not known.
    #[error(
        "the purse signs nothing any more, since the server's database was restored from a backup: close it, and open another"
    )]
    Retired,
    /// There is not so much money left in it that is final.
    #[error("the purse has {available} left, which is less than {amount}")]
    InsufficientFunds {
        /// What is left.
        available: Amount,
        /// What was asked.
        amount: Amount,
    },
    /// Nothing is paid, or nobody.
    #[error("a payment pays something, to somebody")]
    Nothing,
}

impl PayRefusal {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::NotOpen)
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "purse_not_open",
            Self::Closing => "purse_closing",
            Self::Retired => "purse_retired",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::Nothing => "payment_nothing_paid",
        }
    }
}

/// The next payment of a purse: the serials from `next_serial` on, and no promise beyond its final funds.
///
/// `promised` is what the purse has promised this payee in all until now. As all serials below `next_serial` were
/// handed out by the one writer of the purse, its cumulatives add up to `next_serial`, and never to more than its
/// funds.
///
/// # Errors
///
/// [`PayRefusal`], and nothing was handed out.
pub fn plan(
    known: Option<&KnownPurse>,
    next_serial: Amount,
    promised: Amount,
    payee: AccountId,
    amount: Amount,
    reference: Reference,
) -> Result<Payment, PayRefusal> {
    let known = known.ok_or(PayRefusal::NotOpen)?;
    if known.closed || known.closes_at.is_some() {
        return Err(PayRefusal::Closing);
    }
    if amount.is_zero() || payee.is_zero() {
        return Err(PayRefusal::Nothing);
    }
    if next_serial == RETIRED {
        return Err(PayRefusal::Retired);
    }
    let available = known.finalized_funds.saturating_sub(next_serial);
    let short = PayRefusal::InsufficientFunds { available, amount };
    if amount > available {
        return Err(short);
    }
    let payment = Payment {
        payee,
        start: next_serial,
        amount,
        cumulative: promised.checked_add(amount).ok_or(short)?,
        reference,
    };
    payment
        .check_within(known.finalized_funds)
        .map_err(|_| short)?;
    Ok(payment)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use offpay_protocol::{Circle, conflict::conflict, payment_rules::promises_exceed};
    use proptest::prelude::*;

    use super::*;

    fn known(funds: u64) -> KnownPurse {
        KnownPurse {
            key: PurseKey::new([9; 20].into()),
            owner: AccountId::new([8; 20].into()),
            circle: Circle::ZERO,
            finalized_funds: funds.into(),
            funds: funds.into(),
            paid: Amount::ZERO,
            pledge: 1.into(),
            cover_count: 1,
            closes_at: None,
            defaulted: false,
            condemned: false,
            closed: false,
        }
    }

    fn payee(n: u8) -> AccountId {
        AccountId::new([n; 20].into())
    }

    fn ask(known: &KnownPurse, next: u64, amount: u64) -> Result<Payment, PayRefusal> {
        let reference = Reference::default();
        plan(
            Some(known),
            next.into(),
            Amount::ZERO,
            payee(1),
            amount.into(),
            reference,
        )
    }

    #[test]
    fn refusals() {
        let open = known(100);
        assert!(ask(&open, 40, 60).is_ok());
        let short = PayRefusal::InsufficientFunds {
            available: 60.into(),
            amount: 61.into(),
        };
        assert_eq!(ask(&open, 40, 61), Err(short));
        assert_eq!(ask(&open, 0, 0), Err(PayRefusal::Nothing));
        let retired = plan(
            Some(&open),
            RETIRED,
            Amount::ZERO,
            payee(1),
            1.into(),
            Reference::default(),
        );
        assert_eq!(retired, Err(PayRefusal::Retired));
        let closing = KnownPurse {
            closes_at: Some(Timestamp::MAX),
            ..open
        };
        assert_eq!(ask(&closing, 0, 1), Err(PayRefusal::Closing));
        let pending = KnownPurse {
            finalized_funds: Amount::ZERO,
            ..open
        };
        assert!(matches!(
            ask(&pending, 0, 1),
            Err(PayRefusal::InsufficientFunds { .. })
        ));
        let nobody = plan(
            None,
            Amount::ZERO,
            Amount::ZERO,
            payee(1),
            1.into(),
            Reference::default(),
        );
        assert_eq!(nobody, Err(PayRefusal::NotOpen));
    }

    proptest! {
        /// Invariant H1: whatever a hosted purse is asked, it never signs a conflict, and never promises more than it has.
        #[test]
        fn a_hosted_purse_never_lies(asked in prop::collection::vec((1_u8..5, 0_u64..40), 1..60)) {
            let purse = known(500);
            let (mut next, mut promised) = (Amount::ZERO, BTreeMap::<AccountId, Amount>::new());
            let mut signed = Vec::<Payment>::new();
            for (to, amount) in asked {
                let so_far = promised.get(&payee(to)).copied().unwrap_or_default();
                let planned = plan(
                    Some(&purse), next, so_far, payee(to), amount.into(), Reference::default(),
                );
                let Ok(payment) = planned else { continue };
                for other in &signed {
                    prop_assert_eq!(conflict(other, &payment), None);
                }
                next = next.checked_add(payment.amount).unwrap();
                promised.insert(payment.payee, payment.cumulative);
                signed.push(payment);
            }
            prop_assert!(!promises_exceed(promised.into_values(), purse.finalized_funds));
        }
    }
}

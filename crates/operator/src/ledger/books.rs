//! The accounts' totals, and what must hold of them.

use std::collections::BTreeMap;

use offpay_protocol::Amount;
use thiserror::Error;

use super::{LedgerAccount, Movement};

/// All that was ever debited and credited to an account.
///
/// Both only grow, so they are wider than an [`Amount`]; their difference is what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Totals {
    /// What went out.
    pub debits: u128,
    /// What came in.
    pub credits: u128,
}

impl Totals {
    /// What is there; `None` if more went out than came in, or it is beyond what a contract can hold.
    pub fn balance(&self) -> Option<Amount> {
        self.credits.checked_sub(self.debits).and_then(Amount::new)
    }

    /// What others owe, for a contra account; `None` if more came in than went out.
    pub fn owed(&self) -> Option<Amount> {
        self.debits.checked_sub(self.credits).and_then(Amount::new)
    }
}

/// Why a movement cannot be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BooksError {
    /// The totals of an account leave the range of the books (2^128): after 2^32 times all money there is.
    #[error("the totals of {0} leave the range of the books")]
    OutOfRange(LedgerAccount),
}

impl BooksError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        false
    }

    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange(_) => "books_out_of_range",
        }
    }
}

/// What is wrong with books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Imbalance {
    /// Debits and credits differ.
    #[error("all debits are {debits} and all credits {credits}")]
    Unbalanced {
        /// The sum of all debits.
        debits: u128,
        /// The sum of all credits.
        credits: u128,
    },
    /// More went out of an account than came in.
    #[error("{account} is below zero by {by}")]
    Overdrawn {
        /// The account.
        account: LedgerAccount,
        /// How far below zero.
        by: u128,
    },
    /// A contra account is above zero: more was settled than had been promised, or more left than came.
    #[error("{account} is above zero by {by}")]
    Overpaid {
        /// The account.
        account: LedgerAccount,
        /// How far above zero.
        by: u128,
    },
    /// An account's kept totals are not what its movements add up to.
    #[error("the kept totals of {account} are not what its movements add up to")]
    Miscounted {
        /// The account.
        account: LedgerAccount,
    },
}

/// The books: every account's totals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    accounts: BTreeMap<LedgerAccount, Totals>,
}

impl Books {
    /// Books with these totals, as they are kept somewhere.
    pub fn new(accounts: impl IntoIterator<Item = (LedgerAccount, Totals)>) -> Self {
        Self {
            accounts: accounts.into_iter().collect(),
        }
    }

    /// Enters a movement on both of its sides.
    ///
    /// # Errors
    ///
    /// [`BooksError`], and then nothing is entered.
    pub fn enter(&mut self, movement: &Movement) -> Result<(), BooksError> {
        let amount = movement.amount().get();
        let mut from = self.totals(movement.from());
        let mut to = self.totals(movement.to());
        from.debits = from
            .debits
            .checked_add(amount)
            .ok_or(BooksError::OutOfRange(movement.from()))?;
        to.credits = to
            .credits
            .checked_add(amount)
            .ok_or(BooksError::OutOfRange(movement.to()))?;
        self.accounts.insert(movement.from(), from);
        self.accounts.insert(movement.to(), to);
        Ok(())
    }

    /// An account's totals; zeros for one that nothing ever touched.
    pub fn totals(&self, account: LedgerAccount) -> Totals {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = (LedgerAccount, Totals)> + '_ {
        self.accounts
            .iter()
            .map(|(account, totals)| (*account, *totals))
    }

    /// Everything that is wrong with them. Nothing, in books that hold what happened.
    pub fn audit(&self) -> Vec<Imbalance> {
        let mut found = Vec::new();
        let (mut debits, mut credits) = (0_u128, 0_u128);
        for (account, totals) in self.accounts() {
            debits = debits.saturating_add(totals.debits);
            credits = credits.saturating_add(totals.credits);
            let (over, under) = (
                totals.credits.saturating_sub(totals.debits),
                totals.debits.saturating_sub(totals.credits),
            );
            if account.is_contra() && over > 0 {
                found.push(Imbalance::Overpaid { account, by: over });
            }
            if !account.is_contra() && under > 0 {
                found.push(Imbalance::Overdrawn { account, by: under });
            }
        }
        if debits != credits {
            found.push(Imbalance::Unbalanced { debits, credits });
        }
        found
    }

    /// Which accounts' totals differ from those of other books of the same history.
    pub fn compare(&self, other: &Self) -> Vec<Imbalance> {
        let names = self.accounts.keys().chain(other.accounts.keys());
        let differing = names.filter(|account| self.totals(**account) != other.totals(**account));
        let unique: std::collections::BTreeSet<_> = differing.copied().collect();
        unique
            .into_iter()
            .map(|account| Imbalance::Miscounted { account })
            .collect()
    }
}

use super::{PurseError, PurseState};
use crate::{AccountId, Amount, Timestamp};

/// What making good paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeGood {
    /// What left the owner's balance in all.
    pub total: Amount,
    /// Who was credited, and what.
    pub credited: Vec<(AccountId, Amount)>,
}

impl PurseState {
    /// `makeGood`: pays, out of the owner's balance and straight to the payees, all that is owed to the given pairs.
    /// Pairs that are not in default are passed over. All are paid, or none. `balance` is what the owner has.
    ///
    /// # Errors
    ///
    /// [`PurseError::PurseIsClosed`], [`PurseError::InsufficientBalance`], [`PurseError::MakeGoodTooDear`].
    pub fn make_good(
        &mut self,
        payees: &[AccountId],
        max: Amount,
        balance: Amount,
        now: Timestamp,
    ) -> Result<MadeGood, PurseError> {
        self.require_open()?;
        let mut after = self.clone();
        let mut left = balance;
        let mut made = MadeGood {
            total: Amount::ZERO,
            credited: Vec::new(),
        };
        for payee in payees {
            let mut pair = after.pair(*payee);
            let Some(default) = pair.in_default else {
                continue;
            };
            let owed = pair.owed();
            left = left
                .checked_sub(owed)
                .ok_or(PurseError::InsufficientBalance {
                    balance: left,
                    amount: owed,
                })?;
            if *payee == self.owner {
                // Nothing forbids a purse to pay its own owner: what is paid comes right back.
                left = left.checked_add(owed).unwrap_or(Amount::MAX);
            }
            made.total = made.total.checked_add(owed).unwrap_or(Amount::MAX);
            made.credited.push((*payee, owed));
            after.condemn_if_late(default, now);
            pair.paid = pair.presented;
            after.cure(&mut pair);
            after.pairs.insert(*payee, pair);
        }
        if made.total > max {
            return Err(PurseError::MakeGoodTooDear {
                needed: made.total,
                max,
            });
        }
        *self = after;
        Ok(made)
    }
}

use super::Side;
use crate::Amount;

/// What stands in a channel: deposits, and what each side has sent in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// What `a` put in.
    pub deposit_a: Amount,
    /// What `b` put in.
    pub deposit_b: Amount,
    /// What `a` has sent in all. In a one-way channel on-chain, what was claimed.
    pub from_a: Amount,
    /// What `b` has sent in all.
    pub from_b: Amount,
}

/// What a channel that closes pays to each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Credited to `a`.
    pub to_a: Amount,
    /// Credited to `b`.
    pub to_b: Amount,
}

impl Position {
    /// What a side could still send: its deposit, and what came in, less what went out. `None` if it sent more than it
    /// had.
    pub fn balance(&self, side: Side) -> Option<Amount> {
        let (deposit, received, sent) = match side {
            Side::A => (self.deposit_a, self.from_b, self.from_a),
            Side::B => (self.deposit_b, self.from_a, self.from_b),
        };
        let had = deposit.get().saturating_add(received.get());
        had.checked_sub(sent.get()).and_then(Amount::new)
    }

    /// What closing a two-way channel pays: `deposit(b) + from_a - from_b` to `b`, held between nothing and all, and
    /// the rest to `a`.
    ///
    /// `None` if the deposits together were 2^96 or more, which the contract does not let happen.
    pub fn payout(&self) -> Option<Payout> {
        let total = self.deposit_a.checked_add(self.deposit_b)?;
        let due_to_b = self
            .deposit_b
            .get()
            .saturating_add(self.from_a.get())
            .saturating_sub(self.from_b.get());
        let to_b = Amount::new(due_to_b).map_or(total, |due| due.min(total));
        Some(Payout {
            to_a: total.saturating_sub(to_b),
            to_b,
        })
    }

    /// What a voucher of a one-way channel credits to `b`: what it adds, up to the deposit.
    pub fn claimable(&self, cumulative: Amount) -> Amount {
        cumulative.min(self.deposit_a).saturating_sub(self.from_a)
    }

    /// What closing a one-way channel pays: to `a` what was not claimed, to `b` nothing, because claims were credited.
    pub fn payout_one_way(&self) -> Payout {
        Payout {
            to_a: self.deposit_a.saturating_sub(self.from_a),
            to_b: Amount::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(deposit_a: u64, deposit_b: u64, from_a: u64, from_b: u64) -> Position {
        Position {
            deposit_a: deposit_a.into(),
            deposit_b: deposit_b.into(),
            from_a: from_a.into(),
            from_b: from_b.into(),
        }
    }

    #[test]
    fn the_net_is_held_between_nothing_and_all() {
        for (position, to_a, to_b) in [
            (position(100, 50, 0, 0), 100, 50),
            (position(100, 50, 30, 10), 80, 70),
            (position(100, 50, 200, 0), 0, 150),
            (position(100, 50, 0, 60), 150, 0),
        ] {
            let payout = position.payout().unwrap();
            assert_eq!(
                (payout.to_a, payout.to_b),
                (Amount::from_u64(to_a), Amount::from_u64(to_b))
            );
        }
        let top = Position {
            deposit_b: Amount::MAX,
            from_a: Amount::MAX,
            ..position(0, 0, 0, 1)
        };
        assert_eq!(top.payout().unwrap().to_b, Amount::MAX);
        assert_eq!(
            Position {
                deposit_a: Amount::MAX,
                ..top
            }
            .payout(),
            None
        );
    }

    #[test]
    fn one_way_vouchers_are_credited_up_to_the_deposit() {
        let mut channel = position(100, 0, 0, 0);
        for (cumulative, credit) in [(30, 30), (30, 0), (20, 0), (90, 60), (150, 10), (200, 0)] {
            let claimed = channel.claimable(Amount::from_u64(cumulative));
            assert_eq!(claimed, Amount::from_u64(credit));
            channel.from_a = channel.from_a.checked_add(claimed).unwrap();
        }
        assert_eq!(channel.payout_one_way().to_a, Amount::ZERO);
    }

    proptest! {
        #[test]
        fn all_that_went_in_comes_out(a in 0u64..1000, b in 0u64..1000, sent in 0u64..3000, back in 0u64..3000) {
            let position = position(a, b, sent, back);
            let payout = position.payout().unwrap();
            prop_assert_eq!(payout.to_a.checked_add(payout.to_b), Some((a + b).into()));
            if let (Some(left), Some(right)) = (position.balance(Side::A), position.balance(Side::B)) {
                prop_assert_eq!((payout.to_a, payout.to_b), (left, right));
            }
        }

        /// Presenting a newer voucher of the other side never lowers what one gets.
        #[test]
        fn the_others_newer_voucher_is_worth_more(
            a in 0u64..1000, b in 0u64..1000, sent in 0u64..3000, back in 0u64..3000, more in 0u64..1000,
        ) {
            let old = position(a, b, sent, back).payout().unwrap();
            let new = position(a, b, sent + more, back).payout().unwrap();
            prop_assert!(new.to_b >= old.to_b);
            let new = position(a, b, sent, back + more).payout().unwrap();
            prop_assert!(new.to_a >= old.to_a);
        }
    }
}

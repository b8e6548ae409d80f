//! Vouchers of channels in the books: noted when they are signed or accepted, ended when the chain applies them.

use offpay_protocol::{Amount, ChannelId, channel::Side};

use super::{LedgerAccount, Movement};
use crate::follower::ChainFact;

/// What the books have noted of a channel's vouchers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// The cumulative of the newest voucher of `a`.
    pub from_a: Amount,
    /// The cumulative of the newest voucher of `b`.
    pub from_b: Amount,
    /// Only `a` pays, and what is claimed leaves at once.
    pub one_way: bool,
}

/// A voucher that adds `amount` to what `payer` has sent; `None` if it adds nothing.
pub fn vouched(channel: ChannelId, payer: Side, amount: Amount) -> Option<Movement> {
    Movement::new(
        LedgerAccount::Vouched(channel, payer),
        LedgerAccount::Due(channel, payer.other()),
        amount,
    )
}

/// The channel whose vouchers the fact applies.
pub const fn applied_in(fact: &ChainFact) -> Option<ChannelId> {
    match fact {
        ChainFact::VoucherClaimed { channel, .. } | ChainFact::ChannelClosed { channel, .. } => {
            Some(*channel)
        }
        _ => None,
    }
}

/// What was noted and is now applied on-chain. What the chain applies beyond it was signed for somebody else, and what
/// it does not apply stays noted: the books show what was lost.
pub fn applied(fact: &ChainFact, noted: &Noted) -> Vec<Movement> {
    match *fact {
        ChainFact::VoucherClaimed {
            channel,
            amount,
            from_a,
            ..
        } => {
            let before = from_a.saturating_sub(amount).min(noted.from_a);
            let now = from_a.min(noted.from_a).saturating_sub(before);
            ended(channel, Side::A, now).into_iter().collect()
        }
        // What a one-way channel paid was claimed before.
        ChainFact::ChannelClosed {
            channel,
            from_a,
            from_b,
            ..
        } if !noted.one_way => [
            ended(channel, Side::A, from_a.min(noted.from_a)),
            ended(channel, Side::B, from_b.min(noted.from_b)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        _ => Vec::new(),
    }
}

fn ended(channel: ChannelId, payer: Side, amount: Amount) -> Option<Movement> {
    vouched(channel, payer, amount).map(|noted| noted.reversed())
}

#[cfg(test)]
mod tests {
    use offpay_protocol::AccountId;

    use super::*;
    use crate::ledger::Books;

    fn id() -> ChannelId {
        ChannelId::new([3; 32].into())
    }

    fn account(byte: u8) -> AccountId {
        AccountId::new([byte; 20].into())
    }

    fn noted(from_a: u64, from_b: u64, one_way: bool) -> Noted {
        Noted {
            from_a: from_a.into(),
            from_b: from_b.into(),
            one_way,
        }
    }

    fn closed(from_a: u64, from_b: u64) -> ChainFact {
        ChainFact::ChannelClosed {
            channel: id(),
            a: account(1),
            b: account(2),
            from_a: from_a.into(),
            from_b: from_b.into(),
            to_a: 5.into(),
            to_b: 6.into(),
        }
    }

    fn claimed(amount: u64, from_a: u64) -> ChainFact {
        ChainFact::VoucherClaimed {
            channel: id(),
            b: account(2),
            amount: amount.into(),
            from_a: from_a.into(),
        }
    }

    /// Books in which these cumulatives were noted and these facts applied: what is left due to `a` and to `b`.
    fn left(noted: Noted, facts: &[ChainFact]) -> (u64, u64) {
        let mut books = Books::default();
        for (payer, amount) in [(Side::A, noted.from_a), (Side::B, noted.from_b)] {
            if let Some(movement) = vouched(id(), payer, amount) {
                books.enter(&movement).unwrap();
            }
        }
        for fact in facts {
            for movement in applied(fact, &noted) {
                books.enter(&movement).unwrap();
            }
        }
        assert_eq!(books.audit(), []);
        let due = |side| {
            let due = books.totals(LedgerAccount::Due(id(), side)).balance();
            u64::try_from(due.unwrap().get()).unwrap()
        };
        (due(Side::A), due(Side::B))
    }

    #[test]
    fn a_close_ends_what_it_applies_and_nothing_else() {
        let both = noted(30, 10, false);
        assert_eq!(left(both, &[]), (10, 30));
        assert_eq!(left(both, &[closed(30, 10)]), (0, 0));
        assert_eq!(left(both, &[closed(20, 0)]), (10, 10), "a stale close");
        assert_eq!(left(both, &[closed(90, 99)]), (0, 0), "vouchers of others");
    }

    #[test]
    fn claims_end_what_each_adds() {
        let one_way = noted(30, 0, true);
        let facts = [claimed(10, 10), claimed(15, 25)];
        assert_eq!(left(one_way, &facts), (0, 5));
        let all = [claimed(10, 10), claimed(20, 30), closed(30, 0)];
        assert_eq!(left(one_way, &all), (0, 0));
        assert_eq!(left(one_way, &[claimed(20, 20), claimed(40, 60)]), (0, 0));
    }
}

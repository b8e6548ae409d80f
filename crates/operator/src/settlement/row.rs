//! Whether presenting a payment would do anything.

use offpay_protocol::{Amount, Seconds, Timestamp, messages::Payment};

/// What the chain says of a purse and a payee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowState {
    /// All money that was ever put into the purse.
    pub funds: Amount,
    /// What was paid out of the funds.
    pub spent: Amount,
    /// Only the purse's tombstone is left.
    pub is_closed: bool,
    /// What the payee was credited.
    pub paid: Amount,
    /// The highest cumulative that was presented and could not be paid at once.
    pub presented: Amount,
    /// Since when the pair is in default, if it is.
    pub in_default_since: Option<Timestamp>,
}

/// What to do about a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Presenting it does something.
    Settle,
    /// It is paid: there is nothing to do but to wait until that is final.
    Paid,
    /// It is in default, and the settlement period has passed: the reservation is paid out of collateral.
    Claim,
    /// It is in default, and the payer can still make good, until then.
    InDefault(Timestamp),
    /// There is no such purse on the chain (any more): a reorg can bring it back.
    NoPurse,
    /// It spends serials that the purse does not have: a top-up can change that.
    BeyondFunds,
    /// The purse closed with the debt unpaid.
    Closed,
    /// It was in default, and everything that was reserved for it was paid: the rest is lost, unless the purse is
    /// topped up.
    Resolved,
}

/// What to do about a payment, as the contract would take it at `now`; `state` is `None` if there is no such purse.
pub fn judge(
    payment: &Payment,
    state: Option<&RowState>,
    settlement_period: Seconds,
    now: Timestamp,
) -> Verdict {
    let Some(state) = state else {
        return Verdict::NoPurse;
    };
    let target = payment.cumulative.max(state.presented);
    if state.paid >= target {
        return Verdict::Paid;
    }
    if state.is_closed {
        return Verdict::Closed;
    }
    let is_new = payment.cumulative > state.presented;
    let has_money = state.spent < state.funds;
    if let Some(since) = state.in_default_since
        && !has_money
        && !is_new
    {
        let claim_at = since.saturating_add(settlement_period);
        return if now > claim_at {
            Verdict::Claim
        } else {
            Verdict::InDefault(claim_at)
        };
    }
    let end = payment.start.checked_add(payment.amount);
    if end.is_none_or(|end| end > state.funds) {
        return Verdict::BeyondFunds;
    }
    if has_money || is_new {
        Verdict::Settle
    } else {
        Verdict::Resolved
    }
}

#[cfg(test)]
mod tests {
    use offpay_protocol::{AccountId, Reference};

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    fn verdict(cumulative: u64, state: RowState) -> Verdict {
        let payment = Payment {
            payee: AccountId::ZERO,
            start: 0u64.into(),
            amount: cumulative.into(),
            cumulative: cumulative.into(),
            reference: Reference::ZERO,
        };
        judge(
            &payment,
            Some(&state),
            Seconds::new(100).unwrap(),
            at(1_000),
        )
    }

    fn state(funds: u64, spent: u64, paid: u64, presented: u64, since: Option<u64>) -> RowState {
        RowState {
            funds: funds.into(),
            spent: spent.into(),
            is_closed: false,
            paid: paid.into(),
            presented: presented.into(),
            in_default_since: since.map(at),
        }
    }

    #[test]
    fn each_state_has_its_verdict() {
        assert_eq!(verdict(10, state(100, 0, 0, 0, None)), Verdict::Settle);
        assert_eq!(verdict(10, state(100, 10, 10, 0, None)), Verdict::Paid);
        assert_eq!(verdict(10, state(5, 0, 0, 0, None)), Verdict::BeyondFunds);
        // Nothing left: presenting it begins the default, and reserves its cover.
        assert_eq!(verdict(10, state(100, 100, 0, 0, None)), Verdict::Settle);
        assert_eq!(
            verdict(10, state(100, 100, 0, 10, Some(900))),
            Verdict::InDefault(at(1_000))
        );
        assert_eq!(
            verdict(10, state(100, 100, 0, 10, Some(899))),
            Verdict::Claim
        );
        // More was promised, or put in, since: both are presented again before anything is claimed.
        assert_eq!(
            verdict(20, state(100, 100, 0, 10, Some(899))),
            Verdict::Settle
        );
        assert_eq!(
            verdict(10, state(100, 90, 0, 10, Some(899))),
            Verdict::Settle
        );
        assert_eq!(verdict(10, state(100, 100, 4, 10, None)), Verdict::Resolved);
        let closed = RowState {
            is_closed: true,
            ..state(100, 100, 4, 0, None)
        };
        assert_eq!(verdict(10, closed), Verdict::Closed);
        assert_eq!(verdict(4, closed), Verdict::Paid);
    }
}

//! What the contract holds.

use alloy::primitives::U256;
use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, PurseKey, Timestamp,
    cover::{cover, payable_share},
};

use super::Contract;
use crate::{
    ChainError,
    bindings::OffPay::{
        balanceOfCall, channelOfCall, circleSizeCall, isMemberCall, isNonceUsedCall,
        membershipOfCall, paidToCall, pairOfCall, purseOfCall, securityOfCall,
    },
    convert::{amount, held, set, timestamp},
};

/// An account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Free money.
    pub balance: Amount,
    /// Security deposit, pledges included.
    pub collateral: Amount,
    /// The part of the collateral that is pledged to purses.
    pub pledged: Amount,
    /// Since when it has been registered, if it is.
    pub registered_at: Option<Timestamp>,
}

/// A payee's place in a circle: a member if `from <= t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// From when on it counts.
    pub from: Timestamp,
    /// When it stops to count, if a dismissal is pending or over.
    pub until: Option<Timestamp>,
}

/// A purse that was opened at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// Who opened it; zero once it is closed.
    pub owner: AccountId,
    /// Whose members may claim on the pledge.
    pub circle: Circle,
    /// All money that was ever put in. Once it is closed, what it paid.
    pub funds: Amount,
    /// What was paid out of the funds.
    pub paid: Amount,
    /// The collateral that stands behind it.
    pub pledge: Amount,
    /// Into how many covers the pledge is divided.
    pub cover_count: u16,
    /// When it can be closed, if it has begun to close.
    pub closes_at: Option<Timestamp>,
    /// A double spend was reported.
    pub reported: bool,
    /// Some payee was in default at some time.
    pub defaulted: bool,
    /// A default was not made good in time.
    pub condemned: bool,
    /// Only the tombstone is left.
    pub closed: bool,
    /// What all pairs in default reserve.
    pub reserved: Amount,
    /// What was paid from the pledge.
    pub paid_from_collateral: Amount,
    /// How many payees are in default.
    pub pairs_in_default: u64,
}

impl Purse {
    /// What is left of the funds.
    pub const fn rest(&self) -> Amount {
        self.funds.saturating_sub(self.paid)
    }
}

/// What passed between a purse and a payee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// What the payee was credited, out of funds, balance or collateral.
    pub paid: Amount,
    /// The highest cumulative that was presented and could not be paid in full at once.
    pub presented: Amount,
    /// Since when the pair is in default, if it is.
    pub in_default_since: Option<Timestamp>,
    /// What of the pledge is reserved for it.
    pub reserved: Amount,
    /// What it had from the pledge.
    pub from_collateral: Amount,
    /// Whether the payee was a member of the circle when it was presented in default.
    pub was_member: bool,
}

/// A channel that was opened at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What `a` put in; zero once it is closed.
    pub deposit_a: Amount,
    /// What `b` put in; zero once it is closed.
    pub deposit_b: Amount,
    /// What `a` has paid, as far as the contract knows.
    pub from_a: Amount,
    /// What `b` has paid, as far as the contract knows.
    pub from_b: Amount,
    /// When it can be finalized, if a close was requested.
    pub closes_at: Option<Timestamp>,
    /// Only the tombstone is left.
    pub closed: bool,
}

impl Contract {
    /// What the payee was credited from the purse in all: the proof of payment, here as the node tells it.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn paid_to(&self, purse: PurseKey, payee: AccountId) -> Result<Amount, ChainError> {
        held(
            self.view(paidToCall {
                purse: purse.into(),
                payee: payee.into(),
            })
            .await?,
        )
    }

    /// An account; one that never was is all zeros.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn account(&self, account: AccountId) -> Result<Account, ChainError> {
        let owner = account.into();
        let (balance, security) = tokio::try_join!(
            self.view(balanceOfCall { owner }),
            self.view(securityOfCall { owner })
        )?;
        Ok(Account {
            balance: held(balance)?,
            collateral: amount(security.collateral),
            pledged: amount(security.pledged),
            registered_at: set(security.registeredAt),
        })
    }

    /// A purse; `None` if none was ever opened with that key.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn purse(&self, key: PurseKey) -> Result<Option<Purse>, ChainError> {
        let state = self.view(purseOfCall { key: key.into() }).await?;
        if !state.open && !state.closed {
            return Ok(None);
        }
        Ok(Some(Purse {
            owner: state.owner.into(),
            circle: state.circle.into(),
            funds: amount(state.funds),
            paid: amount(state.paid),
            pledge: amount(state.pledge),
            cover_count: state.coverCount,
            closes_at: set(state.closesAt),
            reported: state.reported,
            defaulted: state.defaulted,
            condemned: state.condemned,
            closed: state.closed,
            reserved: amount(state.reserved),
            paid_from_collateral: amount(state.paidFromCollateral),
            pairs_in_default: state.pairsInDefault,
        }))
    }

    /// What passed between a purse and a payee.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn pair(&self, purse: PurseKey, payee: AccountId) -> Result<Pair, ChainError> {
        let state = self
            .view(pairOfCall {
                key: purse.into(),
                payee: payee.into(),
            })
            .await?;
        Ok(Pair {
            paid: held(state.paid)?,
            presented: amount(state.presented),
            in_default_since: set(state.inDefaultSince),
            reserved: amount(state.reserved),
            from_collateral: amount(state.fromCollateral),
            was_member: state.wasMember,
        })
    }

    /// What one payee can claim on a purse's pledge.
    pub fn cover_of(&self, purse: &Purse) -> Amount {
        let penalty = self.configuration().parameters.penalty(purse.circle);
        cover(purse.pledge, penalty, purse.cover_count)
    }

    /// What all payees together can claim on a purse's pledge.
    pub fn payable_share_of(&self, purse: &Purse) -> Amount {
        payable_share(
            purse.pledge,
            self.configuration().parameters.penalty(purse.circle),
        )
    }

    /// How many members a circle counts; 65535 stands for that many or more.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn circle_size(&self, circle: Circle) -> Result<u16, ChainError> {
        self.view(circleSizeCall {
            circle: circle.into(),
        })
        .await
    }

    /// A payee's place in a circle; `None` if it has none.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn membership(
        &self,
        circle: Circle,
        payee: AccountId,
    ) -> Result<Option<Membership>, ChainError> {
        let place = self
            .view(membershipOfCall {
                circle: circle.into(),
                payee: payee.into(),
            })
            .await?;
        let until = timestamp(place.until);
        Ok(set(place.until).map(|_| Membership {
            from: timestamp(place.from),
            until: (until < Timestamp::MAX).then_some(until),
        }))
    }

    /// Whether the payee can claim as a member of the circle now.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn is_member(&self, circle: Circle, payee: AccountId) -> Result<bool, ChainError> {
        self.view(isMemberCall {
            circle: circle.into(),
            payee: payee.into(),
        })
        .await
    }

    /// A channel; `None` if none was ever opened with that id.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn channel(&self, channel: ChannelId) -> Result<Option<Channel>, ChainError> {
        let state = self.view(channelOfCall { id: channel.into() }).await?;
        if !state.open && !state.closed {
            return Ok(None);
        }
        Ok(Some(Channel {
            deposit_a: amount(state.depositA),
            deposit_b: amount(state.depositB),
            from_a: amount(state.fromA),
            from_b: amount(state.fromB),
            closes_at: set(state.closesAt),
            closed: state.closed,
        }))
    }

    /// Whether a relay nonce was used or cancelled.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn is_nonce_used(&self, account: AccountId, nonce: U256) -> Result<bool, ChainError> {
        self.view(isNonceUsedCall {
            account: account.into(),
            nonce,
        })
        .await
    }
}

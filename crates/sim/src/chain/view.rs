//! What the contract says in a state.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use offpay_chain::bindings::{OffPay, Token};
use offpay_protocol::{AccountId, Amount, ChannelId, Circle, PurseKey, Timestamp};
use offpay_wallet::sync::{ChannelOnChain, CircleOnChain, PurseOnChain};

use super::{
    Chain, Outcome,
    evm::{self, Db, Moment},
    timestamp,
};

/// A look at one state.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    chain: &'a Chain,
    db: &'a Db,
    at: Moment,
}

impl<'a> View<'a> {
    pub(super) const fn new(chain: &'a Chain, db: &'a Db, at: Moment) -> Self {
        Self { chain, db, at }
    }

    /// The time of its block.
    pub fn time(&self) -> Timestamp {
        timestamp(self.at.time)
    }

    fn ask<C: SolCall>(&self, to: Address, call: &C) -> C::Return {
        let outcome = evm::call(
            self.db,
            self.at,
            Address::ZERO,
            to,
            call.abi_encode().into(),
        );
        let Outcome::Done { output, .. } = &outcome else {
            panic!("{} answers {outcome:?}", C::SIGNATURE);
        };
        C::abi_decode_returns(output)
            .unwrap_or_else(|error| panic!("{} answers {output}: {error}", C::SIGNATURE))
    }

    fn contract<C: SolCall>(&self, call: &C) -> C::Return {
        self.ask(self.chain.contract, call)
    }

    /// The contract's own tokens.
    pub fn holdings(&self) -> Amount {
        let account = self.chain.contract;
        amount(self.ask(self.chain.token, &Token::balanceOfCall { account }))
    }

    /// Tokens that somebody has outside the contract.
    pub fn wallet(&self, account: AccountId) -> Amount {
        let account = account.into();
        amount(self.ask(self.chain.token, &Token::balanceOfCall { account }))
    }

    /// An account's free balance.
    pub fn balance(&self, account: AccountId) -> Amount {
        amount(self.contract(&OffPay::balanceOfCall {
            owner: account.into(),
        }))
    }

    /// An account's security.
    pub fn security(&self, account: AccountId) -> OffPay::Security {
        self.contract(&OffPay::securityOfCall {
            owner: account.into(),
        })
    }

    /// A purse.
    pub fn purse(&self, purse: PurseKey) -> OffPay::PurseState {
        self.contract(&OffPay::purseOfCall { key: purse.into() })
    }

    /// A pair.
    pub fn pair(&self, purse: PurseKey, payee: AccountId) -> OffPay::PairState {
        self.contract(&OffPay::pairOfCall {
            key: purse.into(),
            payee: payee.into(),
        })
    }

    /// What a payee was credited from a purse.
    pub fn paid_to(&self, purse: PurseKey, payee: AccountId) -> Amount {
        amount(self.contract(&OffPay::paidToCall {
            purse: purse.into(),
            payee: payee.into(),
        }))
    }

    /// How many members a circle counts.
    pub fn circle_size(&self, circle: Circle) -> u16 {
        self.contract(&OffPay::circleSizeCall {
            circle: circle.into(),
        })
    }

    /// Whether a payee is a member of a circle.
    pub fn is_member(&self, circle: Circle, payee: AccountId) -> bool {
        self.contract(&OffPay::isMemberCall {
            circle: circle.into(),
            payee: payee.into(),
        })
    }

    /// A payee's place in a circle, as a wallet takes it in.
    pub fn membership(&self, circle: Circle, payee: AccountId) -> Option<CircleOnChain> {
        let place = self.contract(&OffPay::membershipOfCall {
            circle: circle.into(),
            payee: payee.into(),
        });
        let from: u64 = place.from.to();
        let until: u64 = place.until.to();
        (from != 0).then(|| CircleOnChain {
            from: timestamp(from),
            // The contract holds "no end" as its highest time.
            until: Some(timestamp(until))
                .filter(|_| place.until != alloy::primitives::aliases::U40::MAX),
        })
    }

    /// A purse as a wallet takes it in; `None` if there never was one.
    pub fn purse_on_chain(&self, purse: PurseKey) -> Option<PurseOnChain> {
        let state = self.purse(purse);
        (state.open || state.closed).then(|| PurseOnChain {
            owner: state.owner.into(),
            circle: state.circle.into(),
            funds: units(state.funds),
            paid: units(state.paid),
            pledge: units(state.pledge),
            cover_count: state.coverCount,
            closes_at: set(state.closesAt.to()),
            closed: state.closed,
        })
    }

    /// A channel as a wallet takes it in; of one that never was, nothing.
    pub fn channel(&self, id: ChannelId) -> ChannelOnChain {
        let state = self.contract(&OffPay::channelOfCall { id: id.into() });
        ChannelOnChain {
            deposit_a: units(state.depositA),
            deposit_b: units(state.depositB),
            from_a: units(state.fromA),
            from_b: units(state.fromB),
            closes_at: set(state.closesAt.to()),
            closed: state.closed,
        }
    }

    /// Whether a channel was opened, closed or not.
    pub fn knows_channel(&self, id: ChannelId) -> bool {
        let state = self.contract(&OffPay::channelOfCall { id: id.into() });
        state.open || state.closed
    }

    /// Since when a pair is in default.
    pub fn in_default_since(&self, purse: PurseKey, payee: AccountId) -> Option<Timestamp> {
        set(self.pair(purse, payee).inDefaultSince.to())
    }
}

fn set(seconds: u64) -> Option<Timestamp> {
    (seconds != 0).then(|| timestamp(seconds))
}

/// An amount in Solidity's words.
pub(crate) fn units(amount: alloy::primitives::aliases::U96) -> Amount {
    Amount::new(amount.to()).unwrap_or(Amount::MAX)
}

fn amount(word: U256) -> Amount {
    u128::try_from(word)
        .ok()
        .and_then(Amount::new)
        .unwrap_or(Amount::MAX)
}

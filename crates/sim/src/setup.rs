//! How a world begins.

use alloy::primitives::Address;
use offpay_chain::bindings::OffPay;
use offpay_protocol::{AccountId, Amount, Circle, PurseKey, Signature, cover::Parameters};
use offpay_wallet::records::PurseTerms;

use crate::{
    chain::{Chain, Outcome},
    operator::uint96,
    random::Random,
};

/// The least collateral of a registered account.
pub const HEALTHY: u64 = 100;

/// Free money of everybody who has a purse: an honest payer can pay what it overspent.
pub const SAVINGS: u64 = 20_000;

/// How a world begins.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Honest payers.
    pub payers: u64,
    /// Honest payees.
    pub payees: u64,
    /// Accounts of the cheat.
    pub accomplices: u64,
    /// How many of them are members from the beginning.
    pub admitted: u64,
    /// Whose members claim: the open circle, or one of its own.
    pub is_open_circle: bool,
    /// The terms of every purse.
    pub terms: PurseSetup,
}

/// The terms of a purse.
#[derive(Clone, Copy, Debug)]
pub struct PurseSetup {
    /// Whose members claim.
    pub circle: Circle,
    /// Its funds.
    pub funds: u64,
    /// Its pledge.
    pub pledge: u64,
    /// Into how many covers.
    pub cover_count: u16,
}

impl Setup {
    /// A beginning that the seed chooses.
    pub fn any(random: &mut Random) -> Self {
        let accomplices = random.below(4);
        let is_open_circle = random.chance(15);
        let circle = if is_open_circle {
            Circle::OPEN
        } else {
            Circle::new(Address::repeat_byte(0xcc))
        };
        Self {
            payers: random.between(1, 2),
            payees: random.between(1, 3),
            accomplices,
            admitted: random.between(0, accomplices),
            is_open_circle,
            terms: PurseSetup {
                circle,
                funds: random.between(50, 600),
                pledge: random.between(50, 3_000),
                cover_count: u16::try_from(random.between(1, 8)).unwrap_or(1),
            },
        }
    }

    /// The contract's parameters.
    pub fn parameters() -> Parameters {
        Parameters::standard(Amount::from_u64(HEALTHY))
    }
}

impl PurseSetup {
    /// As a wallet takes them.
    pub fn order(&self) -> PurseTerms {
        PurseTerms {
            circle: self.circle,
            cover_count: self.cover_count,
            funds: Amount::from_u64(self.funds),
            pledge: Amount::from_u64(self.pledge),
        }
    }

    /// What an account begins with, all in all.
    pub const fn wealth(&self) -> u64 {
        HEALTHY
            .saturating_add(self.pledge)
            .saturating_add(self.pledge)
            .saturating_add(self.funds)
            .saturating_add(SAVINGS)
    }

    /// Collateral for this purse and one more, for whoever loses a phone.
    pub const fn collateral(&self) -> u64 {
        HEALTHY
            .saturating_add(self.pledge)
            .saturating_add(self.pledge)
    }

    /// Opens a purse of an account that has nothing yet.
    ///
    /// # Panics
    ///
    /// If the contract refuses.
    pub fn open(&self, chain: &mut Chain, owner: AccountId, key: PurseKey, consent: &Signature) {
        self.enrol(chain, owner);
        let outcome = chain.send_now(owner, &self.opening(key, consent));
        assert!(outcome.is_done(), "opening a purse: {outcome:?}");
    }

    /// Registers an account with collateral and savings.
    ///
    /// # Panics
    ///
    /// If the contract refuses.
    pub fn enrol(&self, chain: &mut Chain, owner: AccountId) {
        chain.fund(owner, self.wealth());
        let collateral = self.collateral();
        let register = OffPay::registerCall {
            collateral: uint96(Amount::from_u64(collateral)),
        };
        let deposit = OffPay::depositCall {
            amount: uint96(Amount::from_u64(self.wealth().saturating_sub(collateral))),
        };
        done(&chain.send_now(owner, &register));
        done(&chain.send_now(owner, &deposit));
    }

    /// The call that opens a purse.
    pub fn opening(&self, key: PurseKey, consent: &Signature) -> OffPay::openPurseCall {
        OffPay::openPurseCall {
            key: key.into(),
            funds: uint96(Amount::from_u64(self.funds)),
            pledge: uint96(Amount::from_u64(self.pledge)),
            coverCount: self.cover_count,
            circle: self.circle.into(),
            keySignature: consent.to_compact().into(),
        }
    }
}

fn done(outcome: &Outcome) {
    assert!(outcome.is_done(), "setting up: {outcome:?}");
}

//! Somebody who signs whatever pays: with the key in its own hands and accounts of its own to pay to.

use std::collections::BTreeMap;

use offpay_chain::bindings::OffPay;
use offpay_protocol::{
    AccountId, Amount, PurseKey, Reference, Signable as _, Signed, SigningKey,
    messages::{Payment, PurseOpening},
};

use crate::{chain::Chain, operator::uint96, random::Random, setup::PurseSetup};

/// A cheat.
#[derive(Debug)]
pub struct Cheat {
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: PurseKey,
    /// Accounts of its own.
    pub accomplices: Vec<AccountId>,
    device: SigningKey,
    promised: BTreeMap<AccountId, u64>,
}

impl Cheat {
    /// A cheat with these terms, and a purse on-chain.
    ///
    /// # Panics
    ///
    /// If the contract does not let it open the purse.
    pub fn new(
        chain: &mut Chain,
        random: &mut Random,
        terms: &PurseSetup,
        accomplices: u64,
    ) -> Self {
        let [owner, device] = [key(random), key(random)];
        let account = AccountId::from(owner.address());
        let cheat = Self {
            account,
            purse: device.address().into(),
            accomplices: (0..accomplices)
                .map(|_| AccountId::from(key(random).address()))
                .collect(),
            device,
            promised: BTreeMap::new(),
        };
        let signature = PurseOpening { owner: account }
            .sign(&chain.domain(), &cheat.device)
            .expect("a key signs");
        terms.open(chain, account, cheat.purse, &signature);
        cheat
    }

    /// Promises a payee something, from the first serial on: each payee sees its own payments only.
    pub fn sign(
        &mut self,
        chain: &Chain,
        payee: AccountId,
        amount: u64,
        excess: u64,
        reference: Reference,
    ) -> Option<Signed<Payment>> {
        let promised = self.promised.entry(payee).or_default();
        let start = promised.saturating_add(excess);
        let cumulative = start.saturating_add(amount);
        let payment = Payment {
            payee,
            start: Amount::from_u64(start),
            amount: Amount::from_u64(amount),
            cumulative: Amount::from_u64(cumulative),
            reference,
        };
        let funds = chain.at_head().purse_on_chain(self.purse)?.funds;
        payment.check_within(funds).ok()?;
        *promised = cumulative;
        let signature = payment.sign(&chain.domain(), &self.device).ok()?;
        Some(Signed {
            domain: chain.domain(),
            message: payment,
            signature,
        })
    }

    /// All serials that it has not promised an accomplice yet.
    pub fn unpromised(&self, funds: Amount, accomplice: AccountId) -> u64 {
        let promised = self.promised.get(&accomplice).copied().unwrap_or_default();
        u64::try_from(funds.get())
            .unwrap_or(u64::MAX)
            .saturating_sub(promised)
    }

    /// Takes its balance and what collateral is free, and tries to take what is pledged besides.
    pub fn cash_in(&self, chain: &mut Chain) {
        let view = chain.at_head();
        let balance = view.balance(self.account);
        let security = view.security(self.account);
        let free = security.collateral.saturating_sub(security.pledged);
        chain.send(
            self.account,
            &OffPay::withdrawCall {
                to: self.account.into(),
                amount: uint96(balance),
            },
        );
        chain.send(
            self.account,
            &OffPay::withdrawCollateralCall {
                to: self.account.into(),
                amount: free,
            },
        );
        chain.send(
            self.account,
            &OffPay::withdrawCollateralCall {
                to: self.account.into(),
                amount: security.collateral,
            },
        );
    }
}

fn key(random: &mut Random) -> SigningKey {
    loop {
        if let Ok(key) = SigningKey::from_bytes(&random.bytes()) {
            return key;
        }
    }
}

//! An honest person with a phone: the real wallet, on a storage that can crash, be copied and be lost.

use std::collections::BTreeSet;

use offpay_protocol::{
    AccountId, Amount, ChannelId, PaymentId, PurseKey, Seconds, SigningKey, Timestamp,
};
use offpay_store::testing::{Fault, Faulty, Injector, MemoryStorage};
use offpay_wallet::{
    Deployment, Token, Wallet,
    keys::{KdfCost, Password},
    records::Records,
    settings::Settings,
    wallet::{NewIdentity, NewWalletOrder},
};

use crate::{
    chain::{Chain, timestamp},
    random::Random,
};

const PIN: &str = "2468";

/// A wallet on a phone.
pub type Phone = Wallet<Faulty<MemoryStorage>>;

/// An honest person.
#[derive(Debug)]
pub struct Person {
    /// For the trace.
    pub name: String,
    /// The owner's key.
    pub key: SigningKey,
    /// The account.
    pub account: AccountId,
    /// How far the phone's clock is off, in seconds.
    pub skew: i64,
    /// How long the phone is without a network at most, in seconds; dates are kept besides.
    pub offline_for: u64,
    /// Payments that were shown to somebody.
    pub shown: BTreeSet<PaymentId>,
    /// Payments of which the verdict was shown.
    pub told: BTreeSet<PaymentId>,
    /// Every purse of this account, as its owner finds them on-chain.
    pub purses: Vec<PurseKey>,
    /// The phone was lost, or restored from an old copy: what it had overspent has to be looked for on-chain.
    pub has_come_back: bool,
    /// Copies of the phone's storage.
    pub images: Vec<Records>,
    disk: MemoryStorage,
    injector: Injector,
    wallet: Option<Phone>,
}

impl Person {
    /// Somebody with a new wallet.
    pub fn new(name: &str, chain: &Chain, random: &mut Random, now: u64) -> Self {
        let key = loop {
            if let Ok(key) = SigningKey::from_bytes(&random.bytes()) {
                break key;
            }
        };
        let account = AccountId::from(key.address());
        let skew = i64::try_from(random.below(7_200))
            .unwrap_or(0)
            .saturating_sub(3_600);
        let mut person = Self {
            name: name.into(),
            key,
            account,
            skew,
            offline_for: random.between(3_600, 30 * 3_600),
            shown: BTreeSet::new(),
            told: BTreeSet::new(),
            purses: Vec::new(),
            has_come_back: false,
            images: Vec::new(),
            disk: MemoryStorage::new(),
            injector: Injector::none(),
            wallet: None,
        };
        person.new_phone(chain, random, now);
        person
    }

    /// Sets up a phone with the owner's key and nothing else on it.
    ///
    /// # Panics
    ///
    /// If a wallet cannot be made in an empty storage.
    pub fn new_phone(&mut self, chain: &Chain, random: &mut Random, now: u64) {
        self.disk = MemoryStorage::new();
        self.injector = Injector::none();
        let order = NewWalletOrder {
            deployment: Deployment {
                domain: chain.domain(),
                parameters: chain.parameters,
                token: Token {
                    symbol: "OFFPAY".into(),
                    decimals: 0,
                },
            },
            identity: NewIdentity::Owner(self.key.clone()),
            name: self.name.clone(),
            settings: settings(),
            cost: KdfCost::FOR_TESTS,
        };
        let storage = Faulty::new(self.disk.clone(), self.injector.clone());
        let wallet = Wallet::create(
            storage,
            order,
            &Password::new(PIN),
            &random.entropy(),
            self.clock(now),
        );
        self.wallet = Some(wallet.expect("a wallet in an empty storage"));
    }

    /// What the phone's clock says.
    pub fn clock(&self, now: u64) -> Timestamp {
        timestamp(now.saturating_add_signed(self.skew))
    }

    /// What is stored on the phone.
    pub fn records(&self) -> Records {
        self.disk.records()
    }

    /// The wallet, for looking.
    ///
    /// # Panics
    ///
    /// Never: a phone that was switched off is switched on at once.
    pub fn wallet(&self) -> &Phone {
        self.wallet.as_ref().expect("the phone is on")
    }

    /// Does something with the wallet. If the app dies over it, it is opened again.
    pub fn act<T, E>(
        &mut self,
        now: u64,
        act: impl FnOnce(&mut Phone) -> Result<T, E>,
    ) -> Result<T, E> {
        let wallet = self.wallet.as_mut().expect("the phone is on");
        let done = act(wallet);
        if self.injector.is_crashed() {
            self.restart(now, Injector::none());
        }
        done
    }

    /// The next `call`th write goes wrong in this way.
    pub fn plan_fault(&mut self, call: u64, fault: Fault, now: u64) {
        self.restart(now, Injector::at(call.max(1), fault));
    }

    /// Closes the app and opens it again.
    fn restart(&mut self, now: u64, injector: Injector) {
        self.injector = injector;
        self.wallet = None;
        let storage = Faulty::new(self.disk.clone(), self.injector.clone());
        let mut wallet = Wallet::open(storage).expect("a wallet that was stored opens");
        wallet
            .unlock(&Password::new(PIN), self.clock(now))
            .expect("the PIN opens it");
        self.wallet = Some(wallet);
    }

    /// Loses a payment that was accepted: a bug that is planted.
    pub(crate) fn forget(&mut self, id: PaymentId, now: u64) {
        let mut records = self.disk.records();
        records.received.remove(&id);
        self.disk = MemoryStorage::image(records);
        self.restart(now, Injector::none());
    }

    /// Loses the newest voucher that was accepted: a bug that is planted.
    pub(crate) fn forget_voucher(&mut self, channel: ChannelId, now: u64) {
        let mut records = self.disk.records();
        if let Some(channel) = records.channels.get_mut(&channel) {
            channel.newest_received = None;
            channel.received = Amount::ZERO;
        }
        self.disk = MemoryStorage::image(records);
        self.restart(now, Injector::none());
    }

    /// Hands out the last serials once more: a bug that is planted.
    pub(crate) fn rewind(&mut self, amount: Amount, now: u64) {
        let mut records = self.disk.records();
        for purse in records.purses.values_mut() {
            purse.next_serial = purse.next_serial.saturating_sub(amount);
        }
        self.disk = MemoryStorage::image(records);
        self.restart(now, Injector::none());
    }

    /// Copies the phone's storage.
    pub fn copy_phone(&mut self) {
        self.images.push(self.disk.records());
    }

    /// Puts an old copy of its storage on the phone.
    pub fn restore_phone(&mut self, image: usize, now: u64) {
        let Some(records) = self.images.get(image) else {
            return;
        };
        self.disk = MemoryStorage::image(records.clone());
        self.has_come_back = true;
        let records = self.disk.records();
        // What was shown since is on no phone any more.
        self.shown.retain(|id| records.made.contains_key(id));
        self.told.retain(|id| records.received.contains_key(id));
        self.restart(now, Injector::none());
    }
}

/// Nothing but the protocol decides what is accepted: limits are the owner's own.
fn settings() -> Settings {
    let mut settings = Settings::cautious(1_000_000u64.into());
    settings.idle_limit = Seconds::days(3_650);
    settings.acceptance.limits.least_cover_count = 1;
    settings.acceptance.limits.uncovered = 300u64.into();
    settings
}

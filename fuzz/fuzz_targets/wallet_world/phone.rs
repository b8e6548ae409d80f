//! A wallet on a disk that can fail.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use offpay_protocol::{AccountId, Domain, Seconds, SigningKey, Timestamp, cover::Parameters, wire::OperatorCard};
use offpay_wallet::{
    Deployment, Entropy, State, Token, Wallet,
    keys::{KdfCost, Password},
    records::{FinalizedBlock, Records},
    settings::Settings,
    storage::{Entry, Storage, StorageError},
    sync::Answer,
    wallet::{NewIdentity, NewWalletOrder},
};

const PIN: &str = "2468";
const BEGAN: u64 = super::NOW;

/// What stays when the app dies.
#[derive(Clone, Default)]
pub struct Disk {
    records: Rc<RefCell<Records>>,
    /// How many writes until one goes wrong, and whether it is carried out.
    fault: Rc<Cell<Option<(u8, bool)>>>,
}

impl Storage for Disk {
    fn load(&mut self) -> Result<Records, StorageError> {
        Ok(self.records.borrow().clone())
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        let fails = match self.fault.get() {
            Some((0, is_written)) => Some(is_written),
            other => {
                self.fault.set(other.map(|(left, is_written)| (left - 1, is_written)));
                None
            }
        };
        if fails != Some(false) {
            self.records.borrow_mut().apply(entry)?;
        }
        if fails.is_some() {
            self.fault.set(None);
            return Err(StorageError::Medium(Box::from("the disk")));
        }
        Ok(())
    }
}

/// A wallet on a disk.
pub struct Phone {
    disk: Disk,
    wallet: Wallet<Disk>,
}

/// The deployment of everybody.
pub fn deployment() -> Deployment {
    Deployment {
        domain: Domain::new(31_337, [0xff; 20].into()),
        parameters: Parameters::standard(100u64.into()),
        token: Token { symbol: "OFFPAY".into(), decimals: 6 },
    }
}

/// A key of bytes that are all the same.
pub fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).expect("it is below the curve's order")
}

/// Never the same twice.
pub fn entropy() -> Entropy {
    thread_local!(static DRAWN: Cell<u64> = const { Cell::new(0) });
    let drawn = DRAWN.with(|drawn| drawn.replace(drawn.get().wrapping_add(1)));
    let mut bytes = [0x55; 32];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    Entropy::new(bytes)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).expect("a time")
}

/// A wallet that trusts the operator and is synced: made once, and copied.
fn beginning(byte: u8) -> Records {
    let mut settings = Settings::cautious(1_000_000u64.into());
    settings.idle_limit = Seconds::days(3_650);
    settings.spending = Default::default();
    settings.acceptance.limits.least_cover_count = 1;
    settings.acceptance.limits.uncovered = 300u64.into();
    let order = NewWalletOrder {
        deployment: deployment(),
        identity: NewIdentity::Owner(key(byte)),
        name: "Somebody".into(),
        settings,
        cost: KdfCost::FOR_TESTS,
    };
    let disk = Disk::default();
    let mut wallet = Wallet::create(disk.clone(), order, &Password::new(PIN), &entropy(), at(BEGAN))
        .unwrap_or_else(|error| panic!("{error}"));
    let card = OperatorCard {
        domain: deployment().domain,
        operator: key(0x0e).address().into(),
        url: "https://operator.example".into(),
        name: "Operator".into(),
    };
    wallet.trust_operator(&card, at(BEGAN)).expect("it is new");
    let block = FinalizedBlock { number: BEGAN / 12, hash: [7; 32].into(), time: at(BEGAN), nodes: 2 };
    wallet.learn(Answer::Synced(block), at(BEGAN)).expect("it is the first");
    drop(wallet);
    disk.records.take()
}

impl Phone {
    /// Somebody's.
    pub fn new(byte: u8) -> Self {
        thread_local!(static MADE: [Records; 2] = [beginning(1), beginning(2)]);
        let records = MADE.with(|made| made[usize::from(byte) - 1].clone());
        let disk = Disk { records: Rc::new(RefCell::new(records)), fault: Rc::default() };
        let wallet = opened(&disk, at(BEGAN));
        Self { disk, wallet }
    }

    /// The wallet.
    pub fn wallet(&mut self) -> &mut Wallet<Disk> {
        &mut self.wallet
    }

    /// Whose it is.
    pub fn account(&self) -> AccountId {
        self.wallet.state().account()
    }

    /// What is stored.
    pub fn records(&self) -> Records {
        self.disk.records.borrow().clone()
    }

    /// One of the next writes goes wrong; or the app is closed and opened.
    pub fn break_write(&mut self, how: u8, now: Timestamp) {
        if how < 64 {
            self.wallet = opened(&self.disk, now);
        } else {
            self.disk.fault.set(Some((how & 3, how & 4 != 0)));
        }
    }

    /// An app that does not know what became of a write is opened again.
    pub fn reopen_if_dead(&mut self, now: Timestamp) {
        if self.wallet.state().records().number != self.disk.records.borrow().number {
            self.wallet = opened(&self.disk, now);
        }
    }

    /// What is looked up is what would be looked up after opening it anew.
    pub fn assert_reopens(&self) {
        let reopened = State::new(self.records());
        assert_eq!(reopened.as_ref(), Some(self.wallet.state()), "it knows something else than what it stored");
    }
}

fn opened(disk: &Disk, now: Timestamp) -> Wallet<Disk> {
    let mut wallet = Wallet::open(disk.clone()).unwrap_or_else(|error| panic!("{error}"));
    let unlocked = wallet.unlock(&Password::new(PIN), now);
    assert!(unlocked.is_ok(), "{unlocked:?}");
    wallet
}

//! The books against a model of the contract: whatever happens and is taken back, they say what the model holds.

use std::collections::BTreeMap;

use offpay_protocol::{AccountId, Amount, ChannelId, PurseKey};
use proptest::prelude::*;

use super::*;

const TREASURY: AccountId = AccountId::new(alloy_primitives::Address::repeat_byte(0xee));

fn owner(n: u8) -> AccountId {
    AccountId::new([n; 20].into())
}

fn purse(n: u8) -> PurseKey {
    PurseKey::new([n | 0x80; 20].into())
}

fn units(units: u128) -> Amount {
    Amount::new(units).unwrap()
}

/// What the contract would hold, written down without double entry.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    balance: BTreeMap<AccountId, u128>,
    collateral: BTreeMap<AccountId, u128>,
    /// Owner, rest of the funds, pledge, promised and unsettled by payee; all zero once closed.
    purses: BTreeMap<PurseKey, (AccountId, u128, u128, BTreeMap<AccountId, u128>)>,
    tokens: u128,
}

#[derive(Clone, Debug)]
enum Step {
    Deposit(u8, u16),
    Withdraw(u8, u16),
    Transfer(u8, u8, u16),
    Lock(u8, u16),
    Unlock(u8, u16),
    Open(u8, u8, u16, u16),
    TopUp(u8, u16),
    Promise(u8, u8, u16),
    Settle(u8, u8, u16),
    Claim(u8, u8, u16),
    Close(u8, bool),
    /// So many of the last facts are taken back, newest first.
    Reorg(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 1_u8..4;
    let key = 1_u8..5;
    prop_oneof![
        (who.clone(), 1_u16..1000).prop_map(|(a, n)| Step::Deposit(a, n)),
        (who.clone(), 1_u16..1000).prop_map(|(a, n)| Step::Withdraw(a, n)),
        (who.clone(), who.clone(), 1_u16..1000).prop_map(|(a, b, n)| Step::Transfer(a, b, n)),
        (who.clone(), 1_u16..1000).prop_map(|(a, n)| Step::Lock(a, n)),
        (who.clone(), 1_u16..1000).prop_map(|(a, n)| Step::Unlock(a, n)),
        (who.clone(), key.clone(), 0_u16..500, 1_u16..500)
            .prop_map(|(a, k, n, p)| Step::Open(a, k, n, p)),
        (key.clone(), 1_u16..500).prop_map(|(k, n)| Step::TopUp(k, n)),
        (key.clone(), who.clone(), 1_u16..300).prop_map(|(k, p, n)| Step::Promise(k, p, n)),
        (key.clone(), who.clone(), 1_u16..300).prop_map(|(k, p, n)| Step::Settle(k, p, n)),
        (key.clone(), who.clone(), 1_u16..300).prop_map(|(k, p, n)| Step::Claim(k, p, n)),
        (key, any::<bool>()).prop_map(|(k, c)| Step::Close(k, c)),
        (1_u8..8).prop_map(Step::Reorg),
    ]
}

impl Model {
    fn take(map: &mut BTreeMap<AccountId, u128>, who: AccountId, n: u128) -> Option<()> {
        let held = map.entry(who).or_default();
        *held = held.checked_sub(n)?;
        Some(())
    }

    /// Does what the contract would do; `None` where it would refuse.
    fn run(&mut self, step: &Step) -> Option<Fact> {
        let n = |n: u16| u128::from(n);
        Some(match *step {
            Step::Deposit(a, amount) => {
                *self.balance.entry(owner(a)).or_default() += n(amount);
                self.tokens += n(amount);
                Fact::Deposited {
                    owner: owner(a),
                    amount: units(n(amount)),
                }
            }
            Step::Withdraw(a, amount) => {
                Self::take(&mut self.balance, owner(a), n(amount))?;
                self.tokens -= n(amount);
                Fact::Withdrawn {
                    owner: owner(a),
                    amount: units(n(amount)),
                }
            }
            Step::Transfer(a, b, amount) => {
                Self::take(&mut self.balance, owner(a), n(amount))?;
                *self.balance.entry(owner(b)).or_default() += n(amount);
                Fact::Transferred {
                    from: owner(a),
                    to: owner(b),
                    amount: units(n(amount)),
                }
            }
            Step::Lock(a, amount) => {
                Self::take(&mut self.balance, owner(a), n(amount))?;
                *self.collateral.entry(owner(a)).or_default() += n(amount);
                Fact::CollateralDeposited {
                    owner: owner(a),
                    amount: units(n(amount)),
                    from_balance: true,
                }
            }
            Step::Unlock(a, amount) => {
                Self::take(&mut self.collateral, owner(a), n(amount))?;
                self.tokens -= n(amount);
                Fact::CollateralWithdrawn {
                    owner: owner(a),
                    amount: units(n(amount)),
                }
            }
            Step::Open(a, k, funds, pledge) => {
                if self.purses.contains_key(&purse(k)) {
                    return None;
                }
                Self::take(&mut self.balance, owner(a), n(funds))?;
                Self::take(&mut self.collateral, owner(a), n(pledge))?;
                let terms = (owner(a), n(funds), n(pledge), BTreeMap::new());
                self.purses.insert(purse(k), terms);
                Fact::PurseOpened {
                    purse: purse(k),
                    owner: owner(a),
                    funds: units(n(funds)),
                    pledge: units(n(pledge)),
                }
            }
            Step::TopUp(k, amount) => {
                let (whose, rest, ..) = self.purses.get_mut(&purse(k))?;
                if whose.is_zero() {
                    return None;
                }
                Self::take(&mut self.balance, *whose, n(amount))?;
                *rest += n(amount);
                Fact::PurseToppedUp {
                    purse: purse(k),
                    owner: *whose,
                    amount: units(n(amount)),
                }
            }
            Step::Promise(k, p, amount) => {
                let (_, rest, _, promised) = self.purses.get_mut(&purse(k))?;
                if promised.values().sum::<u128>() + n(amount) > *rest {
                    return None;
                }
                *promised.entry(owner(p)).or_default() += n(amount);
                Fact::Promised {
                    purse: purse(k),
                    payee: owner(p),
                    amount: units(n(amount)),
                }
            }
            Step::Settle(k, p, amount) => {
                let (_, rest, _, promised) = self.purses.get_mut(&purse(k))?;
                Self::take(promised, owner(p), n(amount))?;
                *rest = rest.checked_sub(n(amount))?;
                *self.balance.entry(owner(p)).or_default() += n(amount);
                Fact::Settled {
                    purse: purse(k),
                    payee: owner(p),
                    amount: units(n(amount)),
                    promised: true,
                }
            }
            Step::Claim(k, p, amount) => {
                let (_, _, pledge, promised) = self.purses.get_mut(&purse(k))?;
                Self::take(promised, owner(p), n(amount))?;
                *pledge = pledge.checked_sub(n(amount))?;
                *self.balance.entry(owner(p)).or_default() += n(amount);
                Fact::PaidFromCollateral {
                    purse: purse(k),
                    payee: owner(p),
                    amount: units(n(amount)),
                    promised: true,
                }
            }
            Step::Close(k, condemned) => {
                let (whose, rest, pledge, promised) = self.purses.get_mut(&purse(k))?;
                if whose.is_zero() || promised.values().any(|owed| *owed > 0) {
                    return None;
                }
                let (was, left, pledged) = (*whose, *rest, *pledge);
                (*whose, *rest, *pledge) = (AccountId::ZERO, 0, 0);
                *self.balance.entry(was).or_default() += left;
                let gets = if condemned {
                    self.balance.entry(TREASURY).or_default()
                } else {
                    self.collateral.entry(was).or_default()
                };
                *gets += pledged;
                Fact::PurseClosed {
                    purse: purse(k),
                    owner: was,
                    treasury: TREASURY,
                    rest: units(left),
                    released: units(if condemned { 0 } else { pledged }),
                    forfeited: units(if condemned { pledged } else { 0 }),
                }
            }
            Step::Reorg(_) => return None,
        })
    }

    fn check(&self, books: &Books) {
        let held = |account| books.totals(account).balance().unwrap().get();
        for (who, amount) in &self.balance {
            assert_eq!(held(LedgerAccount::Balance(*who)), *amount);
        }
        for (who, amount) in &self.collateral {
            assert_eq!(held(LedgerAccount::Collateral(*who)), *amount);
        }
        let mut claimed = BTreeMap::<AccountId, u128>::new();
        for (key, (_, rest, pledge, promised)) in &self.purses {
            assert_eq!(held(LedgerAccount::Purse(*key)), *rest);
            assert_eq!(held(LedgerAccount::Pledge(*key)), *pledge);
            let owed = books.totals(LedgerAccount::Promised(*key)).owed().unwrap();
            assert_eq!(owed.get(), promised.values().sum::<u128>());
            for (payee, amount) in promised {
                *claimed.entry(*payee).or_default() += amount;
            }
        }
        for (payee, amount) in claimed {
            assert_eq!(held(LedgerAccount::Claimed(payee)), amount);
        }
        let outside = books.totals(LedgerAccount::Outside).owed().unwrap();
        assert_eq!(outside.get(), self.tokens);
        assert_eq!(books.audit(), []);
    }
}

proptest! {
    /// Invariants L1 and L2: the books balance after every step of any history, with any part of it taken back, and
    /// hold what the contract holds.
    #[test]
    fn books_hold_what_happened(steps in prop::collection::vec(step(), 1..120)) {
        let mut books = Books::default();
        let mut history = vec![Model::default()];
        let mut entered: Vec<Vec<Movement>> = Vec::new();
        for step in &steps {
            if let Step::Reorg(depth) = step {
                for _ in 0..*depth {
                    let Some(movements) = entered.pop() else { break };
                    history.pop();
                    for movement in movements.iter().rev() {
                        books.enter(&movement.reversed()).unwrap();
                    }
                }
            } else {
                let mut next = history.last().unwrap().clone();
                let Some(fact) = next.run(step) else { continue };
                let movements = fact.movements();
                for movement in &movements {
                    books.enter(movement).unwrap();
                    assert_eq!(books.audit(), [], "overdrawn within one fact");
                }
                entered.push(movements);
                history.push(next);
            }
            history.last().unwrap().check(&books);
        }
    }
}

#[test]
fn names_are_read_back() {
    let channel = ChannelId::new([7; 32].into());
    for account in [
        LedgerAccount::Outside,
        LedgerAccount::Balance(owner(1)),
        LedgerAccount::Collateral(owner(1)),
        LedgerAccount::Pledge(purse(1)),
        LedgerAccount::Purse(purse(1)),
        LedgerAccount::Channel(channel),
        LedgerAccount::Promised(purse(1)),
        LedgerAccount::Claimed(owner(1)),
        LedgerAccount::Vouched(channel, Side::A),
        LedgerAccount::Due(channel, Side::B),
    ] {
        assert_eq!(account.to_string().parse(), Ok(account));
    }
    for text in [
        "",
        "outside/",
        "balance",
        "balance/0x1",
        "purse/",
        "else/0x",
        "due/0x0707070707070707070707070707070707070707070707070707070707070707",
        "due/0x0707070707070707070707070707070707070707070707070707070707070707/c",
    ] {
        assert_eq!(text.parse::<LedgerAccount>(), Err(NotAnAccount), "{text:?}");
    }
}

#[test]
fn nothing_moves_nowhere() {
    let a = LedgerAccount::Balance(owner(1));
    assert_eq!(Movement::new(a, a, units(1)), None);
    assert_eq!(Movement::new(a, LedgerAccount::Outside, Amount::ZERO), None);
}

#[test]
fn an_audit_finds_what_is_wrong() {
    let mut books = Books::default();
    let a = LedgerAccount::Balance(owner(1));
    let out = Movement::new(a, LedgerAccount::Outside, units(5)).unwrap();
    books.enter(&out).unwrap();
    let overdrawn = Imbalance::Overdrawn { account: a, by: 5 };
    let overpaid = Imbalance::Overpaid {
        account: LedgerAccount::Outside,
        by: 5,
    };
    assert_eq!(books.audit(), [overpaid, overdrawn]);

    let lost = Books::new([(
        a,
        Totals {
            debits: 0,
            credits: 5,
        },
    )]);
    assert_eq!(
        lost.audit(),
        [Imbalance::Unbalanced {
            debits: 0,
            credits: 5
        }]
    );
    assert_eq!(
        lost.compare(&Books::default()),
        [Imbalance::Miscounted { account: a }]
    );
}

#[test]
fn the_end_of_the_books_is_an_error() {
    let mut books = Books::new([(
        LedgerAccount::Outside,
        Totals {
            debits: u128::MAX,
            credits: 0,
        },
    )]);
    let before = books.clone();
    let more = Movement::new(
        LedgerAccount::Outside,
        LedgerAccount::Balance(owner(1)),
        units(1),
    );
    assert_eq!(
        books.enter(&more.unwrap()),
        Err(BooksError::OutOfRange(LedgerAccount::Outside))
    );
    assert_eq!(books, before);
}

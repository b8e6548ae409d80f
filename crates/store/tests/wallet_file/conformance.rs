//! One suite for every storage: it loads what the wallet's own records make of the same entries.

use offpay_store::{WalletFile, testing::MemoryStorage};
use offpay_wallet::{
    records::Records,
    storage::{Entry, Storage, StorageError},
    use_case::UseCase,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::entries::{create, forbidden, made, one_of_each, purse, units, write};

/// A storage that can be closed and opened again.
trait Reopen: Sized {
    type Storage: Storage;

    fn new() -> Self;

    fn open(&self) -> Self::Storage;
}

struct InMemory(MemoryStorage);

impl Reopen for InMemory {
    type Storage = MemoryStorage;

    fn new() -> Self {
        Self(MemoryStorage::new())
    }

    fn open(&self) -> MemoryStorage {
        self.0.clone()
    }
}

struct InFile(TempDir);

impl Reopen for InFile {
    type Storage = WalletFile;

    fn new() -> Self {
        Self(
            tempfile::tempdir_in("/dev/shm")
                .or_else(|_| tempfile::tempdir())
                .unwrap(),
        )
    }

    fn open(&self) -> WalletFile {
        WalletFile::open(self.0.path().join("wallet.db")).unwrap()
    }
}

/// After every single entry, in the same session and in the next, it is what the records say.
fn loads_what_was_recorded<R: Reopen>() {
    let place = R::new();
    let mut expected = Records::default();
    assert_eq!(place.open().load().unwrap(), expected, "a new one is empty");
    for use_case in one_of_each() {
        let number = expected.number + 1;
        let time = offpay_protocol::Timestamp::new(1_000 + number).unwrap();
        let entry = Entry {
            number,
            time,
            use_case,
        };
        expected.apply(&entry).unwrap();
        let mut storage = place.open();
        storage
            .record(&entry)
            .unwrap_or_else(|error| panic!("{error}: {entry:?}"));
        assert_eq!(storage.load().unwrap(), expected, "{entry:?}");
        drop(storage);
        assert_eq!(place.open().load().unwrap(), expected, "{entry:?}");
    }
    // Nothing of it was an accident of emptiness.
    assert!(expected.profile.is_some() && expected.synced.is_some());
    assert!(!expected.vouchers.is_empty() && !expected.evidence.is_empty());
    assert!(expected.purses.values().all(|purse| purse.retired));
}

/// What breaks a rule is refused as a whole, and leaves no trace.
fn refuses_what_breaks_a_rule<R: Reopen>() {
    let place = R::new();
    let mut storage = place.open();
    let early = write(&mut storage, UseCase::PreparePurse(purse(1))).unwrap_err();
    assert!(
        matches!(early, StorageError::Inconsistent { .. }),
        "{early}"
    );
    for use_case in one_of_each() {
        write(&mut storage, use_case).unwrap();
    }
    let before = storage.load().unwrap();
    for use_case in forbidden() {
        let refused = write(&mut storage, use_case.clone());
        assert!(
            matches!(refused, Err(StorageError::Inconsistent { .. })),
            "{refused:?} {use_case:?}"
        );
        assert_eq!(storage.load().unwrap(), before, "{use_case:?}");
    }
}

/// Entries follow one another: a second writer is seen, whoever it is.
fn refuses_what_does_not_follow<R: Reopen>() {
    let place = R::new();
    let mut storage = place.open();
    write(&mut storage, create()).unwrap();
    let last = storage.load().unwrap().number;
    for number in [0, last, last + 2, u64::MAX] {
        let time = offpay_protocol::Timestamp::new(5_000).unwrap();
        let entry = Entry {
            number,
            time,
            use_case: UseCase::PreparePurse(purse(1)),
        };
        let refused = storage.record(&entry).unwrap_err();
        assert!(
            matches!(refused, StorageError::OutOfSequence { last: known, .. } if known == last),
            "{refused}"
        );
    }
    assert!(storage.load().unwrap().purses.is_empty());
}

/// Time never goes back, whatever an entry says.
fn keeps_the_highest_time<R: Reopen>() {
    let place = R::new();
    let mut storage = place.open();
    write(&mut storage, create()).unwrap();
    let highest = storage.load().unwrap().time;
    let time = offpay_protocol::Timestamp::new(3).unwrap();
    storage
        .record(&Entry {
            number: 2,
            time,
            use_case: UseCase::PreparePurse(purse(1)),
        })
        .unwrap();
    assert_eq!(storage.load().unwrap().time, highest);
}

macro_rules! suite {
    ($name:ident, $storage:ty) => {
        mod $name {
            use super::*;

            #[test]
            fn loads_what_was_recorded() {
                super::loads_what_was_recorded::<$storage>();
            }

            #[test]
            fn refuses_what_breaks_a_rule() {
                super::refuses_what_breaks_a_rule::<$storage>();
            }

            #[test]
            fn refuses_what_does_not_follow() {
                super::refuses_what_does_not_follow::<$storage>();
            }

            #[test]
            fn keeps_the_highest_time() {
                super::keeps_the_highest_time::<$storage>();
            }
        }
    };
}

suite!(in_memory, InMemory);
suite!(in_a_file, InFile);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Payments of all sizes, honest and not: the file takes and refuses what the records do, and ends up the same.
    #[test]
    fn file_and_memory_agree(tries in prop::collection::vec((1u8..3, 0u64..40, 0u64..20, any::<bool>()), 1..40)) {
        let (file, memory) = (InFile::new(), InMemory::new());
        let (mut file, mut memory) = (file.open(), memory.open());
        for storage in [&mut file as &mut dyn Storage, &mut memory] {
            let mut storage = storage;
            write(&mut storage, create()).unwrap();
            write(&mut storage, UseCase::PreparePurse(purse(1))).unwrap();
            write(&mut storage, UseCase::PreparePurse(purse(2))).unwrap();
        }
        for (place, (which, start, amount, follow)) in (0u8..).zip(tries) {
            let key = offpay_protocol::PurseKey::new(alloy_primitives::Address::repeat_byte(which));
            let next = memory.load().unwrap().purses[&key].next_serial;
            let start = if follow { u64::try_from(next.get()).unwrap() } else { start };
            let payment = UseCase::RecordPayment(Box::new(made(place, which, start, amount)));
            let in_file = write(&mut file, payment.clone()).is_ok();
            let in_memory = write(&mut memory, payment).is_ok();
            prop_assert_eq!(in_file, in_memory);
            prop_assert_eq!(in_file, amount > 0 && units(start) == next);
        }
        prop_assert_eq!(file.load().unwrap(), memory.load().unwrap());
    }
}

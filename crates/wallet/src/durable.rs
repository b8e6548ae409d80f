//! Stored before shown: what leaves the wallet is a type that only a successful write hands out.

use core::ops::Deref;

use crate::storage::{Entry, Storage, StorageError};

/// Something that is stored, and may therefore be shown to a person or a peer.
///
/// There is no way to make one but [`Unstored::store`] and reading back what the storage holds: a payment that is not
/// stored cannot be shown, because it cannot be had.
///
/// ```compile_fail
/// // The field is private: nobody makes one by hand.
/// let shown = offpay_wallet::Durable("a payment that is not stored");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    /// Wraps what was just read out of the stored records. Callers hand in nothing else.
    pub(crate) fn from_records(value: T) -> Self {
        Self(value)
    }

    /// The thing itself.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// A part or another form of the same thing, as stored as the whole.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Durable<U> {
        Durable(part(self.0))
    }
}

impl<T> Deref for Durable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A decision that is not stored yet: an entry for the storage, and what may leave once it is in there.
///
/// A shell whose storage is asynchronous (IndexedDB) writes the [`entry`](Self::entry) itself, waits until it is
/// durable, and then calls [`store`](Self::store) with a storage that confirms it.
///
/// ```compile_fail
/// fn peek(unstored: offpay_wallet::Unstored<u8>) -> u8 {
///     unstored.value // private: only a write gives it out
/// }
/// ```
#[derive(Debug)]
#[must_use = "what is not stored did not happen"]
pub struct Unstored<T> {
    // Boxed: what is decided travels in enums.
    entry: Box<Entry>,
    value: T,
}

impl<T> Unstored<T> {
    pub(crate) fn new(entry: Entry, value: T) -> Self {
        Self {
            entry: Box::new(entry),
            value,
        }
    }

    /// What is to be written.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Writes the entry. Only then is the value to be had.
    ///
    /// # Errors
    ///
    /// What the storage says. The write may have happened or not: read the records again before deciding anything else.
    pub fn store<S: Storage + ?Sized>(
        self,
        storage: &mut S,
    ) -> Result<(Durable<T>, Entry), StorageError> {
        storage.record(&self.entry)?;
        Ok((Durable(self.value), *self.entry))
    }
}

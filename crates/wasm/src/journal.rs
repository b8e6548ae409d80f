//! A storage that writes nothing itself: it collects the entry, and the page makes it durable.

use std::{cell::RefCell, rc::Rc};

use offpay_wallet::{
    records::Records,
    storage::{Entry, Storage, StorageError},
};

/// Entries that were decided and are not durable yet.
pub(crate) type Outbox = Rc<RefCell<Vec<Entry>>>;

/// See the crate's documentation: the engine gives nothing out while an entry is in the outbox.
#[derive(Debug)]
pub(crate) struct Journal {
    loaded: Option<Records>,
    last: u64,
    outbox: Outbox,
}

impl Journal {
    pub(crate) fn new(loaded: Records, outbox: Outbox) -> Self {
        Self {
            last: loaded.number,
            loaded: Some(loaded),
            outbox,
        }
    }
}

impl Storage for Journal {
    /// Once. Whoever has to read again opens a new engine over what is really stored.
    fn load(&mut self) -> Result<Records, StorageError> {
        self.loaded.take().ok_or(StorageError::Inconsistent {
            what: "an engine reads its storage once",
        })
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        if self.last.checked_add(1) != Some(entry.number) {
            return Err(StorageError::OutOfSequence {
                number: entry.number,
                last: self.last,
            });
        }
        self.last = entry.number;
        self.outbox.borrow_mut().push(entry.clone());
        Ok(())
    }
}

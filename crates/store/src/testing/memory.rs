use std::{cell::RefCell, rc::Rc};

use offpay_wallet::{
    records::Records,
    storage::{Entry, Storage, StorageError},
};

/// A storage in memory. Clones share it, so that a test can "reopen" it and look into it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    shared: Rc<RefCell<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    records: Records,
    entries: Vec<Entry>,
}

impl MemoryStorage {
    /// A storage with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A storage that holds these records, and no entries: an image of another one.
    pub fn image(records: Records) -> Self {
        Self {
            shared: Rc::new(RefCell::new(Shared {
                records,
                entries: Vec::new(),
            })),
        }
    }

    /// What is stored.
    pub fn records(&self) -> Records {
        self.shared.borrow().records.clone()
    }

    /// Every entry, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.shared.borrow().entries.clone()
    }
}

impl Storage for MemoryStorage {
    fn load(&mut self) -> Result<Records, StorageError> {
        Ok(self.records())
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        let mut shared = self.shared.borrow_mut();
        shared.records.apply(entry)?;
        shared.entries.push(entry.clone());
        Ok(())
    }
}

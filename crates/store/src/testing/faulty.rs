use std::{cell::Cell, rc::Rc};

use offpay_wallet::{
    records::Records,
    storage::{Entry, Storage, StorageError},
};

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written, and the caller is told so by an error.
    FailBefore,
    /// It is written, and the caller is told that it failed: a lost acknowledgement.
    FailAfter,
    /// The process dies before anything is written.
    CrashBefore,
    /// The process dies after it was written, before it can say so.
    CrashAfter,
}

/// Says at which call what goes wrong, and counts. Shared by the test and the storage.
#[derive(Clone, Debug, Default)]
pub struct Injector {
    calls: Rc<Cell<u64>>,
    planned: Rc<Cell<Option<(u64, Fault)>>>,
    crashed: Rc<Cell<bool>>,
}

impl Injector {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// `fault` at the `call`th write from now on, counted from 1.
    pub fn at(call: u64, fault: Fault) -> Self {
        let injector = Self::default();
        injector.planned.set(Some((call, fault)));
        injector
    }

    /// How many writes were asked for.
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }

    /// Whether the process is dead: nothing works any more until the storage is wrapped anew.
    pub fn is_crashed(&self) -> bool {
        self.crashed.get()
    }

    fn next(&self) -> Option<Fault> {
        let call = self.calls.get() + 1;
        self.calls.set(call);
        self.planned
            .get()
            .filter(|(planned, _)| *planned == call)
            .map(|(_, fault)| fault)
    }
}

/// A storage that fails at a chosen call.
#[derive(Debug)]
pub struct Faulty<S> {
    storage: S,
    injector: Injector,
}

impl<S> Faulty<S> {
    /// `storage`, with what `injector` plans.
    pub fn new(storage: S, injector: Injector) -> Self {
        Self { storage, injector }
    }

    fn check_alive(&self) -> Result<(), StorageError> {
        if self.injector.is_crashed() {
            Err(injected())
        } else {
            Ok(())
        }
    }
}

fn injected() -> StorageError {
    StorageError::Medium("injected by a test".into())
}

impl<S: Storage> Storage for Faulty<S> {
    fn load(&mut self) -> Result<Records, StorageError> {
        self.check_alive()?;
        self.storage.load()
    }

    fn record(&mut self, entry: &Entry) -> Result<(), StorageError> {
        self.check_alive()?;
        let fault = self.injector.next();
        let Some(fault) = fault else {
            return self.storage.record(entry);
        };
        if matches!(fault, Fault::FailAfter | Fault::CrashAfter) {
            self.storage.record(entry)?;
        }
        if matches!(fault, Fault::CrashBefore | Fault::CrashAfter) {
            self.injector.crashed.set(true);
        }
        Err(injected())
    }
}

//! The state machine: what is stored, and what can be looked up in it.

use offpay_protocol::{AccountId, Timestamp};

use crate::{
    deployment::Deployment,
    durable::Unstored,
    profile::{Identity, Profile},
    records::Records,
    settings::Settings,
    storage::{Entry, StorageError},
    use_case::UseCase,
};

mod index;

pub(crate) use index::Index;

/// A wallet that exists: its records, and indexes over them.
///
/// Decisions are methods on `&State` that return an [`Unstored`] value: they change nothing. [`State::apply`] changes
/// it, with an entry that the storage has taken. [`Wallet`](crate::Wallet) does both in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    records: Records,
    profile: Profile,
    settings: Settings,
    pub(crate) index: Index,
}

impl State {
    /// The state that these records mean; `None` if no wallet was created in them.
    pub fn new(records: Records) -> Option<Self> {
        let profile = records.profile.clone()?;
        let settings = records.settings?;
        let index = Index::of(&records);
        Some(Self {
            records,
            profile,
            settings,
            index,
        })
    }

    /// Takes in an entry that is stored.
    ///
    /// # Errors
    ///
    /// See [`Records::apply`].
    pub fn apply(&mut self, entry: &Entry) -> Result<(), StorageError> {
        self.records.apply(entry)?;
        match &entry.use_case {
            UseCase::Create(_)
            | UseCase::ChangePassword(_)
            | UseCase::ChangeSettings(_)
            | UseCase::RecordAttestation(_) => {
                if let (Some(profile), Some(settings)) =
                    (&self.records.profile, self.records.settings)
                {
                    self.profile = profile.clone();
                    self.settings = settings;
                }
            }
            use_case => self.index.apply(use_case, &self.records),
        }
        Ok(())
    }

    /// All that is stored.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Which contract the wallet is for.
    pub fn deployment(&self) -> &Deployment {
        &self.profile.deployment
    }

    /// Whose wallet it is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Who acts through it.
    pub fn identity(&self) -> &Identity {
        &self.profile.identity
    }

    /// The account that is paid, and that owns the purses.
    pub fn account(&self) -> AccountId {
        self.profile.identity.account()
    }

    /// What the owner set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time that counts: the device's, or the highest ever seen if that is later. A clock that is put back makes no
    /// request valid again and no certificate fresh.
    pub fn time(&self, device: Timestamp) -> Timestamp {
        device.max(self.records.time)
    }

    /// A decision of now.
    pub(crate) fn decided<T>(&self, use_case: UseCase, time: Timestamp, value: T) -> Unstored<T> {
        let entry = Entry {
            number: self.next_number(),
            time: self.time(time),
            use_case,
        };
        Unstored::new(entry, value)
    }

    /// The number of the next entry.
    pub(crate) fn next_number(&self) -> u64 {
        self.records.number.saturating_add(1)
    }
}

use thiserror::Error;

/// A promise that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{invariant}: {what}")]
pub struct Failure {
    /// Which one, by its number in `docs/invariants.md` or the section of the protocol that makes it.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl Failure {
    /// What is said of a broken promise.
    pub fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self {
            invariant,
            what: what.into(),
        }
    }
}

/// Fails unless it holds.
pub(crate) fn holds(
    invariant: &'static str,
    it_holds: bool,
    what: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if it_holds {
        Ok(())
    } else {
        Err(Failure::new(invariant, what()))
    }
}

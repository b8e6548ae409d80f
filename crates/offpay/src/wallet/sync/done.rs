//! What a sync has done so far.

use offpay_protocol::{PaymentId, PurseKey, Timestamp};
use offpay_wallet::{records::FinalizedBlock, sync::Task};

/// What a sync has done so far.
#[derive(Debug, Default)]
pub(super) struct Done {
    tasks: Vec<Task>,
    /// The block that it is in step with.
    pub(super) block: Option<FinalizedBlock>,
    /// Payments and vouchers that were handed in.
    pub(super) handed_in: Vec<PaymentId>,
    /// Payments that an operator cleared, and settles.
    pub(super) cleared: Vec<PaymentId>,
    /// Own purses whose certificate was renewed.
    pub(super) certified: Vec<PurseKey>,
    /// Own purses whose certificate should be renewed.
    pub(super) certificates_needed: Vec<PurseKey>,
    /// Own purses that owe, and until when making good costs nothing more.
    pub(super) in_default: Vec<(PurseKey, Timestamp)>,
    /// What went wrong, in words.
    pub(super) failed: Vec<String>,
    /// How many codes were taken, once they were.
    pub(super) taken: Option<usize>,
}

/// What carrying out a task came to.
pub(super) enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// A payment or voucher is on its way.
    HandedIn(PaymentId),
    /// An operator cleared a payment, and settles it.
    Cleared(PaymentId),
    /// An operator gave a fresh certificate.
    Certified(PurseKey),
    /// Only an operator can do that, and none did.
    NeedsCertificate(PurseKey),
    /// The owner has to make good until then.
    InDefault(PurseKey, Timestamp),
}

impl Done {
    /// Whether a task was tried already.
    pub(super) fn knows(&self, task: &Task) -> bool {
        self.tasks.contains(task)
    }

    /// Keeps what came of a task.
    pub(super) fn note(&mut self, task: Task, outcome: anyhow::Result<Outcome>) {
        match outcome {
            Ok(Outcome::Done) => {}
            Ok(Outcome::HandedIn(id)) => self.handed_in.push(id),
            Ok(Outcome::Cleared(id)) => self.cleared.push(id),
            Ok(Outcome::Certified(purse)) => self.certified.push(purse),
            Ok(Outcome::NeedsCertificate(purse)) => self.certificates_needed.push(purse),
            Ok(Outcome::InDefault(purse, until)) => self.in_default.push((purse, until)),
            Err(error) => self.failed.push(format!("{error:#}")),
        }
        self.tasks.push(task);
    }

    /// Reads everything once more, in a newer block.
    pub(super) fn forget_reading(&mut self) {
        self.tasks.retain(super::send::is_sent);
        self.failed.clear();
        self.certificates_needed.clear();
        self.in_default.clear();
    }
}

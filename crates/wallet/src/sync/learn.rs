use offpay_protocol::Timestamp;

use super::{Answer, SyncError};
use crate::{
    State, Unstored, Wallet, records::FinalizedBlock, storage::Storage, use_case::UseCase,
};

/// What an answer changes; `None` if it says nothing new.
pub(super) type Learned = Result<Option<UseCase>, SyncError>;

impl State {
    /// Checks an answer, and says what is to be stored of it.
    ///
    /// # Errors
    ///
    /// See [`SyncError`].
    pub fn learn(&self, answer: Answer, now: Timestamp) -> Result<Option<Unstored<()>>, SyncError> {
        // What a finalized block says of the time is a clock as well.
        let time = match block_of(&answer) {
            Some(block) => {
                self.check_not_lagging(block)?;
                now.max(block.time)
            }
            None => now,
        };
        let use_case = match answer {
            Answer::Synced(block) => Some(UseCase::RecordSync(block)),
            Answer::Purse(view) => self.learn_own_purse(&view)?,
            Answer::Payer(view) => self.learn_payer(&view),
            Answer::Membership { circle, place, at } => self.learn_membership(circle, place, at),
            Answer::Registration { registered_at, at } => {
                self.learn_registration(registered_at, at)
            }
            Answer::Channel {
                channel,
                on_chain,
                at,
            } => self.learn_channel(channel, on_chain, at)?,
            Answer::Paid(paid) => return self.learn_paid(&paid, now),
            Answer::InDefault {
                purse,
                payee,
                since,
                ..
            } => self.learn_default(purse, payee, since),
            Answer::HandedIn {
                purse,
                payee,
                cumulative,
                transaction,
            } => self.learn_hand_in(purse, payee, cumulative, transaction, now),
            Answer::Certificate(renewed) => return Ok(self.renew_certificate(renewed, now)?),
            Answer::Revocations {
                list,
                statement,
                signature,
            } => self.learn_revocations(&list, statement, &signature)?,
            Answer::Cleared(clearance) => self.learn_clearance(clearance)?,
            Answer::OperatorKey(rotation) => self.learn_operator_key(&rotation)?,
        };
        Ok(use_case.map(|use_case| self.decided(use_case, time, ())))
    }

    /// A node that answers for an older block than another one did lags behind, or lies.
    pub(super) fn check_not_lagging(&self, block: &FinalizedBlock) -> Result<(), SyncError> {
        match self.records().synced {
            Some(known) if block.number < known.number => Err(SyncError::Lagging {
                found: block.number,
                known: known.number,
            }),
            _ => Ok(()),
        }
    }
}

fn block_of(answer: &Answer) -> Option<&FinalizedBlock> {
    match answer {
        Answer::Synced(at)
        | Answer::Membership { at, .. }
        | Answer::Registration { at, .. }
        | Answer::Channel { at, .. }
        | Answer::InDefault { at, .. } => Some(at),
        Answer::Purse(view) | Answer::Payer(view) => Some(&view.at),
        Answer::Paid(_)
        | Answer::HandedIn { .. }
        | Answer::Certificate(_)
        | Answer::Cleared(_)
        | Answer::Revocations { .. }
        | Answer::OperatorKey(_) => None,
    }
}

impl<S: Storage> Wallet<S> {
    /// Takes in what the network answered, after checking it. Says whether it was news.
    ///
    /// # Errors
    ///
    /// See [`SyncError`].
    pub fn learn(&mut self, answer: Answer, now: Timestamp) -> Result<bool, SyncError> {
        self.prepare(now)?;
        match self.state().learn(answer, now)? {
            None => Ok(false),
            Some(unstored) => {
                self.commit(unstored)?;
                Ok(true)
            }
        }
    }
}

//! What the operator does by hand, and what they are shown: every action leaves a row that stays.

use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};
use serde_json::Value;

use crate::outbox::{Purpose, StoredTransaction};

/// Something that the operator does, to be written with the change itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAction {
    /// Who: the name of the token that was used.
    pub actor: String,
    /// What: a stable name such as `user.freeze`.
    pub action: &'static str,
    /// To what: a user's id, a transaction's number.
    pub subject: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// More, for programs. Never a secret.
    pub details: Value,
    /// The request's id, which is in the log as well.
    pub request: String,
}

/// Something that the operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its number: a cursor.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// More, for programs.
    pub details: Value,
    /// The request's id.
    pub request: String,
}

/// What a purse owes a payee, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedPair {
    /// The purse.
    pub purse: PurseKey,
    /// The payee.
    pub payee: AccountId,
    /// The highest cumulative that can be presented.
    pub cumulative: Amount,
    /// What the chain has paid of it for good.
    pub settled: Amount,
    /// When the oldest payment came that is not settled.
    pub since: Timestamp,
    /// The purse is one of a hosted user.
    pub is_hosted: bool,
    /// Two payments of the purse conflict.
    pub is_double_spent: bool,
    /// The transaction that settles it, if one is on its way.
    pub transaction: Option<i64>,
    /// Why it is left alone, if it is.
    pub why: Option<String>,
    /// Until when it is left alone.
    pub aside_until: Option<Timestamp>,
}

impl OwedPair {
    /// What is owed.
    pub fn owed(&self) -> Amount {
        self.cumulative.saturating_sub(self.settled)
    }
}

/// Which transactions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionFilter {
    /// In no block, though put in before this time.
    Stuck(Timestamp),
    /// In no block.
    Waiting,
    /// Failed.
    Failed,
    /// All of them.
    All,
}

/// A transaction in a list, with its newest signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTransaction {
    /// The transaction.
    pub transaction: StoredTransaction,
    /// How often it was signed.
    pub attempts: u64,
    /// Its nonce, if it has one.
    pub nonce: Option<u64>,
    /// The most that it offers for a unit of gas, in wei.
    pub fee: Option<u64>,
    /// When it was last handed to a node.
    pub sent_at: Option<Timestamp>,
}

/// What came of trying a transaction again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It was waiting to be signed, and is looked at now.
    Queued,
    /// The bytes that were signed are handed to the nodes again.
    SentAgain,
    /// It had never been signed, and stands in the queue again.
    Requeued,
    /// It had reverted: the same work stands in the queue under this number.
    PutInAgain(i64),
    /// Nothing was done.
    No(NotRetried),
}

/// Why a transaction is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRetried {
    /// There is none with that number.
    Unknown,
    /// It is in a block, and did what it should.
    Done,
    /// What failed to be settled or claimed is planned anew by settlement, after looking at the chain.
    PlannedBySettlement,
    /// The same work was put in again since, with this number.
    PutInSince(i64),
    /// The block in which it reverted is not final: a reorg can still make it succeed.
    NotFinal,
    /// What the user signed is over, or was used up: only they can ask for it again.
    SignedByUser,
}

/// What came of giving a transaction up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abandoned {
    /// It had never been signed, and never will be.
    Yes,
    /// There is none with that number.
    Unknown,
    /// It was signed: whoever saw the bytes can bring it into a block, so it cannot be taken back. Its nonce.
    Signed(u64),
    /// It is over already.
    Over,
}

/// What came of wanting a signed transaction replaced by one that does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// Whichever of the two the chain takes first, it takes no other. The nonce of both.
    Yes(u64),
    /// There is none with that number.
    Unknown,
    /// It was never signed: it can be given up as it is.
    NotSigned,
    /// It is in a block, or over.
    Over,
}

/// Gas that was spent in a day on one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GasDay {
    /// The day: its first second, in UTC.
    pub day: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// In how many transactions.
    pub transactions: u64,
    /// How much gas.
    pub gas: u128,
    /// What it cost, in wei.
    pub wei: u128,
}

/// What relayed operations paid in a day, in base units of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeDay {
    /// The day: its first second, in UTC.
    pub day: Timestamp,
    /// How many operations paid.
    pub operations: u64,
    /// What they paid.
    pub fees: u128,
}

/// How many users there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserCounts {
    /// All that are not deleted.
    pub users: u64,
    /// Those whose keys are kept here.
    pub hosted: u64,
    /// Those that are frozen.
    pub frozen: u64,
}

/// The first second of a day in UTC.
pub fn day_of(time: Timestamp) -> Timestamp {
    const DAY: u64 = 24 * 60 * 60;
    let into = time.get().checked_rem(DAY).unwrap_or(0);
    Timestamp::new(time.get().saturating_sub(into)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        let at = |seconds| Timestamp::new(seconds).unwrap();
        assert_eq!(day_of(at(0)), at(0));
        assert_eq!(day_of(at(86_399)), at(0));
        assert_eq!(day_of(at(86_400)), at(86_400));
        assert_eq!(day_of(at(1_795_000_000)), at(1_794_960_000));
    }
}

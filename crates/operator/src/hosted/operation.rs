//! What a hosted user asked for that needs the chain: signed once, sent until it is final or can never run.

use core::{fmt, str::FromStr};

use offpay_protocol::{AccountId, Amount, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{UserId, outbox::TransactionState};

/// An operation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub Uuid);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OperationId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use names;

names! {
    /// What is done. Names are stable: they stand in the database and in the API.
    OperationKind {
        /// The faucet gives tokens to the wallet's own address.
        Faucet = "faucet",
        /// Tokens at the wallet's own address become balance.
        Deposit = "deposit",
        /// Balance becomes collateral and funds of a new purse, in one.
        Setup = "setup",
        /// Balance becomes collateral.
        AddCollateral = "add_collateral",
        /// Collateral that is not pledged leaves the contract.
        WithdrawCollateral = "withdraw_collateral",
        /// A purse is opened.
        OpenPurse = "open_purse",
        /// Balance is added to a purse.
        TopUpPurse = "top_up_purse",
        /// Collateral is pledged to a purse.
        AddPledge = "add_pledge",
        /// A purse begins to close.
        ClosePurse = "close_purse",
        /// What a purse owes is paid out of the balance.
        MakeGood = "make_good",
        /// Balance leaves the contract.
        Withdraw = "withdraw",
        /// Balance goes to another account.
        Transfer = "transfer",
        /// A payee is admitted to the account's circle.
        Admit = "admit",
        /// A payee is dismissed from the account's circle.
        Dismiss = "dismiss",
        /// A wallet of one's own signed it.
        Relay = "relay",
        /// A channel is opened.
        OpenChannel = "open_channel",
        /// Balance is added to a channel.
        FundChannel = "fund_channel",
        /// A channel begins to close.
        CloseChannel = "close_channel",
        /// A channel is closed as both sides agreed.
        CloseTogether = "close_together",
        /// The other side's newest voucher is shown to the contract.
        PresentVoucher = "present_voucher",
        /// A channel whose time has come is paid out.
        FinalizeChannel = "finalize_channel",
    }
}

names! {
    /// How far an operation is.
    OperationState {
        /// Signed, stored and on its way.
        Pending = "pending",
        /// In a block that is not final.
        Mined = "mined",
        /// In a final block.
        Final = "final",
        /// It did not go through; what was signed could still run until it is void.
        Failing = "failing",
        /// It did not go through, and what was signed is void.
        Failed = "failed",
    }
}

/// How far the transaction of an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Its state.
    pub state: TransactionState,
    /// The block that it is in.
    pub block: Option<u64>,
}

/// How much of the chain was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The newest block.
    pub head: u64,
    /// The newest final one.
    pub finalized: u64,
    /// Its time.
    pub finalized_at: Timestamp,
}

impl OperationState {
    /// How far it is, by its transaction and what of the chain was followed.
    ///
    /// Who sends can be ahead of who follows: an operation is as far as the chain is shown, so that whoever reads that
    /// it is final finds its money where it went.
    ///
    /// Everybody who saw a relay that failed can bring it again until its deadline has passed in a final block: until
    /// then it has not failed for good, and the money that it would move is not offered for something else.
    pub fn follow(transaction: Reached, void_after: Timestamp, chain: Shown) -> Self {
        let shown_up_to = |block: u64| transaction.block.is_none_or(|at| at <= block);
        match transaction.state {
            TransactionState::Queued | TransactionState::Sent => Self::Pending,
            TransactionState::Final if shown_up_to(chain.finalized) => Self::Final,
            TransactionState::Mined | TransactionState::Final if shown_up_to(chain.head) => {
                Self::Mined
            }
            TransactionState::Mined | TransactionState::Final => Self::Pending,
            TransactionState::Failed if chain.finalized_at > void_after => Self::Failed,
            TransactionState::Failed => Self::Failing,
        }
    }

    /// Whether nothing changes it any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Final | Self::Failed)
    }

    /// Whether the money that it moves still has to be kept for it: the chain does not show that it moved.
    pub const fn holds_money(self) -> bool {
        matches!(self, Self::Pending | Self::Failing)
    }

    /// What a user is told when an operation comes to this state.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Pending => "operation.pending",
            Self::Mined => "operation.mined",
            Self::Final => "operation.final",
            Self::Failing => "operation.failing",
            Self::Failed => "operation.failed",
        }
    }
}

/// An operation that is to be stored together with the transaction that does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOperation {
    /// Its name.
    pub id: OperationId,
    /// Whose it is.
    pub user: UserId,
    /// What is done.
    pub kind: OperationKind,
    /// The account that acts.
    pub account: AccountId,
    /// What it is mainly about.
    pub amount: Amount,
    /// What the operator gets for it, out of the balance.
    pub fee: Amount,
    /// What leaves the balance, the fee included.
    pub spends_balance: Amount,
    /// What leaves the collateral that is not pledged.
    pub spends_collateral: Amount,
    /// More for the API. Never a secret.
    pub details: serde_json::Value,
    /// The last second of the chain at which what was signed can run.
    pub void_after: Timestamp,
    /// The name of the request that asked for it, if it has one: no second operation is stored under it.
    pub once: Option<[u8; 32]>,
}

/// An operation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What was stored first.
    pub asked: NewOperation,
    /// The transaction that does it.
    pub transaction: i64,
    /// How far it is.
    pub state: OperationState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    #[test]
    fn names_are_read_back() {
        for kind in OperationKind::ALL {
            assert_eq!(OperationKind::named(kind.name()), Some(*kind));
        }
        for state in OperationState::ALL {
            assert_eq!(OperationState::named(state.name()), Some(*state));
        }
        assert_eq!(OperationState::named("done"), None);
    }

    fn shown(head: u64, finalized: u64, finalized_at: u64) -> Shown {
        Shown {
            head,
            finalized,
            finalized_at: at(finalized_at),
        }
    }

    fn reached(state: TransactionState, block: Option<u64>) -> Reached {
        Reached { state, block }
    }

    #[test]
    fn a_failed_relay_is_void_after_its_deadline_and_not_before() {
        let follow = |finalized_at| {
            let failed = reached(TransactionState::Failed, None);
            OperationState::follow(failed, at(100), shown(9, 7, finalized_at))
        };
        assert_eq!(follow(99), OperationState::Failing);
        assert_eq!(
            follow(100),
            OperationState::Failing,
            "it runs at its deadline"
        );
        assert_eq!(follow(101), OperationState::Failed);
        assert!(OperationState::Failing.holds_money());
        assert!(!OperationState::Failed.holds_money());
    }

    #[test]
    fn a_reorg_takes_it_back() {
        let follow =
            |state, block| OperationState::follow(reached(state, block), at(100), shown(9, 7, 50));
        assert_eq!(
            follow(TransactionState::Mined, Some(9)),
            OperationState::Mined
        );
        assert_eq!(
            follow(TransactionState::Queued, None),
            OperationState::Pending
        );
        assert!(follow(TransactionState::Final, Some(7)).is_over());
        assert!(!follow(TransactionState::Mined, Some(7)).is_over());
    }

    /// **O130**.
    #[test]
    fn o130_an_operation_is_as_far_as_the_chain_is_shown() {
        let follow = |state, head, finalized| {
            OperationState::follow(reached(state, Some(8)), at(100), shown(head, finalized, 50))
        };
        for (head, finalized, mined, is_final) in [
            (7, 5, OperationState::Pending, OperationState::Pending),
            (8, 7, OperationState::Mined, OperationState::Mined),
            (9, 8, OperationState::Mined, OperationState::Final),
        ] {
            assert_eq!(follow(TransactionState::Mined, head, finalized), mined);
            assert_eq!(follow(TransactionState::Final, head, finalized), is_final);
        }
        assert!(OperationState::Pending.holds_money(), "until it is shown");
    }
}

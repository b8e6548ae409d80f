//! What can be so on the chain.

use alloy_primitives::U256;
use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, PaymentId, PurseKey, Reference, Timestamp,
    messages::ChannelTerms,
};
use serde::{Deserialize, Serialize};

use super::Subject;

/// Something that the contract did, complete: it names everybody whose money moved, and by how much.
///
/// Names and fields are stable: they stand in the database and in the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // The fields are those of the contract's events, in the protocol's words.
pub enum ChainFact {
    /// Tokens of `from` were added to the balance of `owner`.
    Deposited {
        owner: AccountId,
        from: AccountId,
        amount: Amount,
    },
    /// Balance of `owner` left the contract.
    Withdrawn {
        owner: AccountId,
        to: AccountId,
        amount: Amount,
    },
    /// Balance moved inside the contract.
    Transferred {
        from: AccountId,
        to: AccountId,
        amount: Amount,
    },
    /// Collateral was added, out of the balance or by tokens.
    CollateralDeposited {
        owner: AccountId,
        amount: Amount,
        from_balance: bool,
    },
    /// Unpledged collateral left the contract.
    CollateralWithdrawn {
        owner: AccountId,
        to: AccountId,
        amount: Amount,
    },
    /// The account became registered, or is no longer.
    RegistrationChanged {
        owner: AccountId,
        registered_at: Option<Timestamp>,
    },
    /// The payee is a member of the circle from `from` on.
    Admitted {
        circle: Circle,
        payee: AccountId,
        from: Timestamp,
        circle_size: u16,
    },
    /// A dismissal that did not count yet was taken back.
    DismissalRevoked { circle: Circle, payee: AccountId },
    /// The payee stops being a member at `until`.
    Dismissed {
        circle: Circle,
        payee: AccountId,
        until: Timestamp,
    },
    /// A membership that had ended no longer counts.
    Pruned {
        circle: Circle,
        payee: AccountId,
        circle_size: u16,
    },
    /// A purse was opened: `funds` out of the owner's balance, `pledge` of its collateral.
    PurseOpened {
        purse: PurseKey,
        owner: AccountId,
        circle: Circle,
        funds: Amount,
        pledge: Amount,
        cover_count: u16,
    },
    /// Balance of the owner was added; `funds` is what the purse has had in all.
    PurseToppedUp {
        purse: PurseKey,
        owner: AccountId,
        amount: Amount,
        funds: Amount,
    },
    /// More collateral was pledged; `pledge` is all of it.
    PledgeAdded {
        purse: PurseKey,
        owner: AccountId,
        amount: Amount,
        pledge: Amount,
    },
    /// The purse began to close.
    PurseCloseStarted {
        purse: PurseKey,
        closes_at: Timestamp,
    },
    /// The purse closed: `rest` went to the owner's balance, `released` of its pledge became free, `forfeited` of it
    /// went to the treasury's balance.
    PurseClosed {
        purse: PurseKey,
        owner: AccountId,
        treasury: AccountId,
        rest: Amount,
        released: Amount,
        forfeited: Amount,
    },
    /// Two conflicting payments of the purse were shown.
    DoubleSpendReported {
        purse: PurseKey,
        first: PaymentId,
        second: PaymentId,
    },
    /// `amount` was credited to the payee's balance out of the purse's funds: `cumulative` in all. A packed batch does
    /// not say what for.
    PaymentSettled {
        purse: PurseKey,
        payee: AccountId,
        amount: Amount,
        cumulative: Amount,
        reference: Option<Reference>,
    },
    /// The pair is in default since `since`: `presented` was shown, `reserved` is set aside for it.
    PaymentDefaulted {
        purse: PurseKey,
        payee: AccountId,
        presented: Amount,
        reserved: Amount,
        since: Timestamp,
        was_member: bool,
    },
    /// A pair in default was paid in full.
    DefaultCured { purse: PurseKey, payee: AccountId },
    /// The owner made good out of its balance: `amount` more for the payee, `cumulative` in all.
    PaymentMadeGood {
        purse: PurseKey,
        owner: AccountId,
        payee: AccountId,
        amount: Amount,
        cumulative: Amount,
    },
    /// The default was resolved with `amount` (maybe nothing) out of the owner's collateral: `cumulative` in all.
    PaymentSettledFromCollateral {
        purse: PurseKey,
        owner: AccountId,
        payee: AccountId,
        amount: Amount,
        cumulative: Amount,
    },
    /// A default was not made good in time: the pledge will not be returned.
    PurseCondemned { purse: PurseKey },
    /// A channel was opened, with `deposit` out of the balance of `terms.a`.
    ChannelOpened {
        channel: ChannelId,
        terms: ChannelTerms,
        deposit: Amount,
    },
    /// `from` (a or b) added to its deposit.
    ChannelFunded {
        channel: ChannelId,
        from: AccountId,
        amount: Amount,
    },
    /// A voucher of a one-way channel credited `amount` to `b`: `from_a` in all.
    VoucherClaimed {
        channel: ChannelId,
        b: AccountId,
        amount: Amount,
        from_a: Amount,
    },
    /// The newest vouchers of a two-way channel that the contract has seen.
    VoucherPresented {
        channel: ChannelId,
        from_a: Amount,
        from_b: Amount,
    },
    /// A party asked to close the channel.
    ChannelCloseRequested {
        channel: ChannelId,
        by: AccountId,
        closes_at: Timestamp,
    },
    /// The channel closed: `to_a` and `to_b` were credited.
    ChannelClosed {
        channel: ChannelId,
        a: AccountId,
        b: AccountId,
        from_a: Amount,
        from_b: Amount,
        to_a: Amount,
        to_b: Amount,
    },
    /// The account's signed calls were run.
    Relayed { account: AccountId, nonce: U256 },
    /// The account gave up a nonce.
    NonceCancelled { account: AccountId, nonce: U256 },
}

impl ChainFact {
    /// The subjects whose state it changes. None twice.
    pub fn subjects(&self) -> Vec<Subject> {
        use Subject::{Account, Channel, Circle, Member, Pair, Purse};
        let mut touched = match self {
            Self::Deposited { owner, .. }
            | Self::Withdrawn { owner, .. }
            | Self::CollateralDeposited { owner, .. }
            | Self::CollateralWithdrawn { owner, .. }
            | Self::RegistrationChanged { owner, .. } => vec![Account(*owner)],
            Self::Transferred { from, to, .. } => vec![Account(*from), Account(*to)],
            Self::Admitted { circle, payee, .. } | Self::Pruned { circle, payee, .. } => {
                vec![Member(*circle, *payee), Circle(*circle)]
            }
            Self::DismissalRevoked { circle, payee } | Self::Dismissed { circle, payee, .. } => {
                vec![Member(*circle, *payee)]
            }
            Self::PurseOpened { purse, owner, .. }
            | Self::PurseToppedUp { purse, owner, .. }
            | Self::PledgeAdded { purse, owner, .. } => vec![Purse(*purse), Account(*owner)],
            Self::PurseCloseStarted { purse, .. }
            | Self::DoubleSpendReported { purse, .. }
            | Self::PurseCondemned { purse } => vec![Purse(*purse)],
            Self::PurseClosed {
                purse,
                owner,
                treasury,
                ..
            } => {
                vec![Purse(*purse), Account(*owner), Account(*treasury)]
            }
            Self::PaymentSettled { purse, payee, .. } => {
                vec![Purse(*purse), Pair(*purse, *payee), Account(*payee)]
            }
            Self::PaymentDefaulted { purse, payee, .. } => {
                vec![Purse(*purse), Pair(*purse, *payee)]
            }
            Self::DefaultCured { purse, payee } => vec![Pair(*purse, *payee)],
            Self::PaymentMadeGood {
                purse,
                owner,
                payee,
                ..
            } => {
                vec![Pair(*purse, *payee), Account(*owner), Account(*payee)]
            }
            Self::PaymentSettledFromCollateral {
                purse,
                owner,
                payee,
                ..
            } => vec![
                Purse(*purse),
                Pair(*purse, *payee),
                Account(*owner),
                Account(*payee),
            ],
            Self::ChannelOpened { channel, terms, .. } => vec![Channel(*channel), Account(terms.a)],
            Self::ChannelFunded { channel, from, .. } => vec![Channel(*channel), Account(*from)],
            Self::VoucherClaimed { channel, b, .. } => vec![Channel(*channel), Account(*b)],
            Self::VoucherPresented { channel, .. }
            | Self::ChannelCloseRequested { channel, .. } => {
                vec![Channel(*channel)]
            }
            Self::ChannelClosed { channel, a, b, .. } => {
                vec![Channel(*channel), Account(*a), Account(*b)]
            }
            // Whether a nonce was used is asked of the contract: nobody works with them all.
            Self::Relayed { .. } | Self::NonceCancelled { .. } => Vec::new(),
        };
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

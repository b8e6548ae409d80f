//! What the followed chain says.

use core::future::Future;

use offpay_protocol::{AccountId, ChannelId, Circle, PurseKey, Timestamp};

use super::StorageError;
use crate::{
    event::NewEvent,
    follower::{
        AccountState, Advance, BlockRef, ChainEntry, ChannelState, Cursor, Deployed, Followed,
        MemberState, PairState, PurseState, RollBack, State, Subject,
    },
    purse::KnownPurse,
};

/// The chain's head and what led to it, in one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The head that it goes on from. If it is not the stored one, nothing is written.
    pub from: BlockRef,
    /// The blocks that it goes over, in their order; the last is the new head. In final ranges, that one is enough.
    pub blocks: Vec<BlockRef>,
    /// Facts and states.
    pub advance: Advance,
    /// Whether the new head is final. Only where the old head was.
    pub is_final: bool,
}

/// What following the chain writes. One follower writes at a time.
pub trait FollowerStorage {
    /// How far the chain was followed; `None` before [`start_chain`](Self::start_chain).
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_cursor(&self) -> impl Future<Output = Result<Option<Cursor>, StorageError>> + Send;

    /// Which deployment is followed; `None` before [`start_chain`](Self::start_chain).
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_deployed(&self)
    -> impl Future<Output = Result<Option<Deployed>, StorageError>> + Send;

    /// Begins to follow a deployment, from a final block before which nothing happened.
    ///
    /// # Errors
    ///
    /// [`StorageError::Refused`] if one is followed already.
    fn start_chain(
        &self,
        deployed: &Deployed,
        from: BlockRef,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The blocks that can still be taken back, newest first, and the newest final one after them.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_blocks(&self) -> impl Future<Output = Result<Vec<BlockRef>, StorageError>> + Send;

    /// Head and final states; nothing for a subject that has none.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn followed(
        &self,
        subjects: &[Subject],
    ) -> impl Future<Output = Result<Vec<(Subject, Followed)>, StorageError>> + Send;

    /// The channel whose id begins like this, if one is known.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_with_prefix(
        &self,
        prefix: [u8; 20],
    ) -> impl Future<Output = Result<Option<ChannelId>, StorageError>> + Send;

    /// Facts that are so, of blocks above `above` up to `to`, in their order.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn live_entries(
        &self,
        above: u64,
        to: u64,
    ) -> impl Future<Output = Result<Vec<ChainEntry>, StorageError>> + Send;

    /// Goes forward. `events` are for the log. Says whether it did: not if another follower moved the head meanwhile.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn go_forward(
        &self,
        forward: &Forward,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Makes everything up to a block final; `states` are the final states that change. Says whether it did.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn make_final(
        &self,
        from: BlockRef,
        to: BlockRef,
        states: &[(Subject, Option<State>)],
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Goes back from the stored head `from` to the block `to`. Says whether it did.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn go_back(
        &self,
        from: BlockRef,
        to: BlockRef,
        back: &RollBack,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}

/// What the followed chain says. Head states unless it says otherwise: they can be taken back.
pub trait ChainStorage: FollowerStorage + Sync {
    /// Facts that came and went after `cursor` (0 for all), oldest first, at most `limit`. The order is the order of
    /// commits. Consumers keep their own cursor.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_entries_after(
        &self,
        cursor: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ChainEntry>, StorageError>> + Send;

    /// Facts about one subject that are so, newest first, at most `limit`, of entries before `before` (`i64::MAX` for
    /// the newest).
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn facts_of(
        &self,
        subject: Subject,
        before: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ChainEntry>, StorageError>> + Send;

    /// The purses of an account, closed ones too.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn purses_of(
        &self,
        owner: AccountId,
    ) -> impl Future<Output = Result<Vec<KnownPurse>, StorageError>> + Send;

    /// The purses that are closing and not closed: what a revocation list holds, besides what this operator knows.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn closing_purses(&self) -> impl Future<Output = Result<Vec<KnownPurse>, StorageError>> + Send;

    /// The payees of a purse that were ever paid or presented on-chain.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn pairs_of(
        &self,
        purse: PurseKey,
    ) -> impl Future<Output = Result<Vec<(AccountId, PairState)>, StorageError>> + Send;

    /// The pairs in default, those that began first at first.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn defaults(
        &self,
    ) -> impl Future<Output = Result<Vec<(PurseKey, AccountId, PairState)>, StorageError>> + Send;

    /// The channels that an account has a side in, closed ones too.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channels_of(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<(ChannelId, ChannelState)>, StorageError>> + Send;

    /// The members of a circle, pending and dismissed ones too.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn members_of(
        &self,
        circle: Circle,
    ) -> impl Future<Output = Result<Vec<(AccountId, MemberState)>, StorageError>> + Send;

    /// One subject's head and final state.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn followed_one(
        &self,
        subject: Subject,
    ) -> impl Future<Output = Result<Followed, StorageError>> + Send {
        async move {
            let found = self.followed(&[subject]).await?;
            Ok(found
                .first()
                .map(|(_, followed)| *followed)
                .unwrap_or_default())
        }
    }

    /// A purse.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn purse(
        &self,
        key: PurseKey,
    ) -> impl Future<Output = Result<Option<KnownPurse>, StorageError>> + Send {
        async move {
            Ok(known_purse(
                key,
                &self.followed_one(Subject::Purse(key)).await?,
            ))
        }
    }

    /// A purse as it is in the newest final block: what a certificate states.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn final_purse(
        &self,
        key: PurseKey,
    ) -> impl Future<Output = Result<Option<PurseState>, StorageError>> + Send {
        async move {
            Ok(
                match self.followed_one(Subject::Purse(key)).await?.finalized {
                    Some(State::Purse(state)) => Some(state),
                    _ => None,
                },
            )
        }
    }

    /// What passed between a purse and a payee.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_pair(
        &self,
        purse: PurseKey,
        payee: AccountId,
    ) -> impl Future<Output = Result<PairState, StorageError>> + Send {
        async move {
            Ok(
                match self.followed_one(Subject::Pair(purse, payee)).await?.head {
                    Some(State::Pair(state)) => state,
                    _ => PairState::default(),
                },
            )
        }
    }

    /// An account, at the head and in the newest final block.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn chain_account(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<(AccountState, AccountState), StorageError>> + Send {
        async move {
            let of = |state| match state {
                Some(State::Account(state)) => state,
                _ => AccountState::default(),
            };
            let followed = self.followed_one(Subject::Account(account)).await?;
            Ok((of(followed.head), of(followed.finalized)))
        }
    }

    /// A payee's place in a circle other than the open one.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn membership(
        &self,
        circle: Circle,
        payee: AccountId,
    ) -> impl Future<Output = Result<Option<MemberState>, StorageError>> + Send {
        async move {
            Ok(
                match self
                    .followed_one(Subject::Member(circle, payee))
                    .await?
                    .head
                {
                    Some(State::Member(state)) => Some(state),
                    _ => None,
                },
            )
        }
    }

    /// How many members a circle counts, at the head and in the newest final block. The open one has 65535, always.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn circle_sizes(
        &self,
        circle: Circle,
    ) -> impl Future<Output = Result<(u16, u16), StorageError>> + Send {
        async move {
            if circle.is_open() {
                return Ok((u16::MAX, u16::MAX));
            }
            let of = |state| match state {
                Some(State::Circle(state)) => state.size,
                _ => 0,
            };
            let followed = self.followed_one(Subject::Circle(circle)).await?;
            Ok((of(followed.head), of(followed.finalized)))
        }
    }

    /// A channel.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel(
        &self,
        channel: ChannelId,
    ) -> impl Future<Output = Result<Option<ChannelState>, StorageError>> + Send {
        async move {
            Ok(
                match self.followed_one(Subject::Channel(channel)).await?.head {
                    Some(State::Channel(state)) => Some(state),
                    _ => None,
                },
            )
        }
    }
}

/// A purse as the rest of the operator speaks of it. Funds that are not final yet are told apart.
pub fn known_purse(key: PurseKey, followed: &Followed) -> Option<KnownPurse> {
    let Some(State::Purse(head)) = followed.head else {
        return None;
    };
    let finalized_funds = match followed.finalized {
        // The funds of a purse only fall when it closes.
        Some(State::Purse(state)) => state.funds.min(head.funds),
        _ => offpay_protocol::Amount::ZERO,
    };
    Some(KnownPurse {
        key,
        owner: head.owner,
        circle: head.circle,
        finalized_funds,
        funds: head.funds,
        paid: head.paid,
        pledge: head.pledge,
        cover_count: head.cover_count,
        closes_at: head.closes_at,
        defaulted: head.defaulted,
        condemned: head.condemned,
        closed: head.closed,
    })
}

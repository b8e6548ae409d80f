//! Handing a slot over to another database.
//!
//! The source marks it as leaving, and records nothing more of it; its rows are copied, compared and owned by the target in
//! one transaction; the source lets go. Every step can be run again, and whoever was stopped between two of them goes on
//! by running all of them again. There is no moment at which both own it: the target does only after the source does not.

use offpay_operator::{
    follower::Deployed,
    slots::Slot,
    storage::{FollowerStorage as _, SlotStorage as _, StorageError},
};
use offpay_protocol::{Seconds, Timestamp};
use thiserror::Error;

use super::{
    super::{Database, columns::time, connect::BEGIN_LOCKED, error::storage, read, write},
    copy,
    put::Put as _,
    read::{SettlingColumns, slot_rows},
};

/// A transaction of the source's settles it: the target leaves it alone for so long, and then looks at the chain.
const ON_ITS_WAY: Seconds = match Seconds::new(600) {
    Some(time) => time,
    None => Seconds::DAY,
};

/// Why a slot is not moved.
#[derive(Debug, Error)]
pub enum MoveError {
    /// A database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The slot is on its way elsewhere.
    #[error("slot {slot} is on its way to {to}: move it there first, with the same command")]
    OnItsWay {
        /// Which.
        slot: Slot,
        /// Where to.
        to: String,
    },
    /// The source does not have it.
    #[error("slot {slot} is not at the shard that it is to be moved from, but at {at}")]
    NotThere {
        /// Which.
        slot: Slot,
        /// Where it is, as far as the source knows.
        at: String,
    },
    /// A database is another shard than it is named.
    #[error(
        "the database that is given for the shard {named} is not this shard's, but that of {is}"
    )]
    WrongShard {
        /// As it is named.
        named: String,
        /// What it says.
        is: String,
    },
    /// It never leaves the home shard.
    #[error(
        "slot {0} holds purses of hosted users, which stay with their accounts at the home shard"
    )]
    StaysHome(Slot),
    /// The target follows another contract: it knows nothing of the purses.
    #[error(
        "the target is of the contract {} on chain {}, the source of {} on chain {}: give the target's servers the same \
         deployment.json, and a new database",
        .target.contract, .target.chain_id, .from.contract, .from.chain_id
    )]
    OtherContract {
        /// The target's.
        target: Deployed,
        /// The source's.
        from: Deployed,
    },
    /// The target has followed the chain less far than the source.
    #[error(
        "the target has followed the chain to block {target}, the source to {source_block}: start the target's servers, and wait"
    )]
    Behind {
        /// The target's newest final block.
        target: u64,
        /// The source's.
        source_block: u64,
    },
    /// What arrived is not what was sent. The target's transaction was rolled back.
    #[error("slot {0}: what the target has is not what the source has; nothing was handed over")]
    Different(Slot),
}

impl MoveError {
    /// Whether the same command can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Behind { .. } => true,
            _ => false,
        }
    }

    /// A name that stays the same.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Storage(error) => error.code(),
            Self::OnItsWay { .. } => "slot_on_its_way",
            Self::NotThere { .. } => "slot_not_there",
            Self::WrongShard { .. } => "wrong_shard",
            Self::StaysHome(_) => "slot_stays_home",
            Self::OtherContract { .. } => "other_contract",
            Self::Behind { .. } => "target_behind",
            Self::Different(_) => "slot_differs",
        }
    }
}

/// What arrived is not what was sent.
#[derive(Debug, Error)]
#[error("what arrived is not what was sent")]
struct Differs;

/// The slot went on to somewhere else since the source was read.
#[derive(Debug, Error)]
#[error("the slot has been moved on meanwhile: list the slots, and begin anew")]
struct MovedOn;

/// How much was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MovedRows {
    /// Purses.
    pub purses: usize,
    /// Cleared payments.
    pub payments: usize,
    /// Payments that are kept.
    pub kept: usize,
    /// Pairs of purse and payee.
    pub pairs: usize,
    /// Purses with evidence of a double spend.
    pub stopped: usize,
}

/// One slot on its way from one database to another.
#[derive(Debug)]
pub struct Moving<'a> {
    from: &'a Database,
    to: &'a Database,
    /// The target's name.
    name: &'a str,
    slot: Slot,
}

type Standing = (String, String, i64);

impl Database {
    /// `state shard epoch` of a slot.
    async fn standing(&self, slot: Slot) -> Result<Standing, StorageError> {
        read!(self, |pool| sqlx::query_as(
            "SELECT state, shard, epoch FROM slots WHERE slot = $1"
        )
        .bind(i64::from(slot.number()))
        .fetch_one(pool)
        .await)
        .map_err(storage)
    }
}

impl<'a> Moving<'a> {
    /// A slot of `from` that is to be of `to`, which is the shard of this name.
    pub const fn new(from: &'a Database, to: &'a Database, name: &'a str, slot: Slot) -> Self {
        Self {
            from,
            to,
            name,
            slot,
        }
    }

    /// All steps. What was done before is not done again.
    ///
    /// # Errors
    ///
    /// [`MoveError`]; run again, it goes on where it was.
    pub async fn run(&self, now: Timestamp) -> Result<MovedRows, MoveError> {
        self.check().await?;
        self.copy_ahead().await?;
        self.leave().await?;
        let moved = self.take_over(now).await?;
        self.let_go().await?;
        Ok(moved)
    }

    /// Whether it may be moved: nothing is changed.
    ///
    /// # Errors
    ///
    /// [`MoveError`].
    pub async fn check(&self) -> Result<(), MoveError> {
        let is = match self.to.shard().await? {
            Some(own) if own == self.name => None,
            Some(own) => Some(own),
            None => Some("no shard: start its servers first".to_owned()),
        };
        if let Some(is) = is {
            let named = self.name.to_owned();
            return Err(MoveError::WrongShard { named, is });
        }
        let (slot, from) = (self.slot, self.from);
        if slot.stays_home() || from.has_hosted_purses(slot).await? {
            return Err(MoveError::StaysHome(slot));
        }
        let contracts = (
            from.chain_deployed().await?,
            self.to.chain_deployed().await?,
        );
        if let (Some(source), Some(target)) = contracts
            && source != target
        {
            let from = source;
            return Err(MoveError::OtherContract { target, from });
        }
        // A purse that the target does not know as closing is one that it would clear for.
        let final_block = |cursor: Option<offpay_operator::follower::Cursor>| {
            cursor.map_or(0, |cursor| cursor.finalized.number)
        };
        let source_block = final_block(from.chain_cursor().await?);
        let target = final_block(self.to.chain_cursor().await?);
        if target < source_block {
            return Err(MoveError::Behind {
                target,
                source_block,
            });
        }
        Ok(())
    }

    /// Copies the cleared payments that there are by now, while the slot is cleared for as before; how many.
    ///
    /// # Errors
    ///
    /// [`MoveError`].
    pub async fn copy_ahead(&self) -> Result<u64, MoveError> {
        Ok(copy::payments(self.from, self.to, self.slot).await?)
    }

    /// The source records nothing more of it. Commits that passed before are waited for.
    ///
    /// # Errors
    ///
    /// [`MoveError`].
    pub async fn leave(&self) -> Result<(), MoveError> {
        let (state, shard, _) = self.from.standing(self.slot).await?;
        match state.as_str() {
            "owned" => {}
            "leaving" if shard == self.name => return Ok(()),
            "leaving" => {
                let slot = self.slot;
                return Err(MoveError::OnItsWay { slot, to: shard });
            }
            _ if shard == self.name => return Ok(()),
            _ => {
                let slot = self.slot;
                return Err(MoveError::NotThere { slot, at: shard });
            }
        }
        let slot = i64::from(self.slot.number());
        write!(self.from, BEGIN_LOCKED, |tx| {
            // Every commit of clearing holds this row: it waits for them, and later ones find another version.
            tx.raise_map().await?;
            sqlx::query(
                "UPDATE slots SET state = 'leaving', shard = $1, epoch = epoch + 1 \
                 WHERE slot = $2 AND state = 'owned'",
            )
            .bind(self.name)
            .bind(slot)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
        })?;
        Ok(())
    }

    /// Copies what is missing, compares all of it, and makes the target the owner, in one transaction.
    ///
    /// # Errors
    ///
    /// [`MoveError`]; nothing was handed over then.
    pub async fn take_over(&self, now: Timestamp) -> Result<MovedRows, MoveError> {
        let (state, shard, epoch) = self.from.standing(self.slot).await?;
        if shard != self.name || state == "owned" {
            let slot = self.slot;
            return Err(MoveError::NotThere { slot, at: shard });
        }
        if state == "gone" {
            return Ok(MovedRows::default());
        }
        copy::payments(self.from, self.to, self.slot).await?;
        let rows = read!(self.from, |pool| slot_rows!(pool, self.slot));
        let moved = MovedRows {
            purses: rows.heads.len(),
            payments: rows.payments.len(),
            kept: rows.kept.len(),
            pairs: rows.pairs.len(),
            stopped: rows.evidence.len(),
        };
        let mut arrives = rows;
        for settling in &mut arrives.settling {
            set_aside(settling, now);
        }
        let slot = i64::from(self.slot.number());
        let taken = write!(self.to, BEGIN_LOCKED, |tx| {
            tx.raise_map().await?;
            let (state, known): (String, i64) =
                sqlx::query_as("SELECT state, epoch FROM slots WHERE slot = $1")
                    .bind(slot)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(storage)?;
            if known < epoch {
                tx.put_rows(&arrives).await?;
                let there = slot_rows!(&mut *tx, self.slot);
                if there != arrives {
                    return Err(StorageError::Refused(Differs.into()));
                }
                sqlx::query(
                    "UPDATE slots SET state = 'owned', shard = $1, epoch = $2 WHERE slot = $3",
                )
                .bind(self.name)
                .bind(epoch)
                .bind(slot)
                .execute(&mut *tx)
                .await
                .map_err(storage)?;
            } else if known > epoch || state != "owned" {
                return Err(StorageError::Refused(MovedOn.into()));
            }
        });
        match taken {
            Err(StorageError::Refused(why)) if why.is::<Differs>() => {
                Err(MoveError::Different(self.slot))
            }
            taken => {
                taken?;
                Ok(moved)
            }
        }
    }

    /// The source forgets what it is not to settle and decide on any more. Payments stay: other payments' clearances are
    /// proven with them.
    ///
    /// # Errors
    ///
    /// [`MoveError`].
    pub async fn let_go(&self) -> Result<(), MoveError> {
        let (_, _, epoch) = self.from.standing(self.slot).await?;
        let (state, _, taken) = self.to.standing(self.slot).await?;
        // Never before the target has it.
        if taken < epoch || (state != "owned" && taken == epoch) {
            let (slot, at) = (self.slot, state);
            return Err(MoveError::NotThere { slot, at });
        }
        let slot = i64::from(self.slot.number());
        let (first, last) = self.slot.keys();
        write!(self.from, BEGIN_LOCKED, |tx| {
            tx.raise_map().await?;
            let done = sqlx::query(
                "UPDATE slots SET state = 'gone' WHERE slot = $1 AND state = 'leaving' AND epoch = $2",
            )
            .bind(slot)
            .bind(epoch)
            .execute(&mut *tx)
            .await
            .map_err(storage)?;
            if done.rows_affected() == 1 {
                for statement in [
                    "DELETE FROM pairs WHERE purse >= $1 AND purse <= $2",
                    "DELETE FROM kept_payments WHERE purse >= $1 AND purse <= $2",
                    "DELETE FROM double_spends WHERE purse >= $1 AND purse <= $2",
                    "DELETE FROM purse_heads WHERE purse >= $1 AND purse <= $2",
                    "DELETE FROM settling WHERE purse >= $1 AND purse <= $2 AND transaction_number IS NULL",
                ] {
                    sqlx::query(statement)
                        .bind(first.to_vec())
                        .bind(last.to_vec())
                        .execute(&mut *tx)
                        .await
                        .map_err(storage)?;
                }
            }
        })?;
        Ok(())
    }
}

/// What a transaction of the source's is to settle.
fn set_aside(settling: &mut SettlingColumns, now: Timestamp) {
    let (_, _, _, _, why, until, on_its_way) = settling;
    if *on_its_way == 1 {
        *why = Some("moved".to_owned());
        *until = Some(time(now.saturating_add(ON_ITS_WAY)));
        *on_its_way = 0;
    }
}

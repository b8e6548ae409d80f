//! What the rest of the server sees of the followed chain without asking the database.

use std::{collections::BTreeSet, sync::Arc};

use offpay_operator::follower::{Alarm, Cursor};
use offpay_protocol::Timestamp;
use tokio::sync::watch;

/// How far the chain was followed, and what is wrong with it. Clones share it.
#[derive(Clone, Debug)]
pub struct FollowedChain(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    cursor: watch::Sender<Option<Cursor>>,
    alarms: watch::Sender<BTreeSet<Alarm>>,
}

impl Default for FollowedChain {
    fn default() -> Self {
        Self(Arc::new(Shared {
            cursor: watch::Sender::new(None),
            alarms: watch::Sender::new(BTreeSet::new()),
        }))
    }
}

impl FollowedChain {
    /// How far it was followed; `None` until the follower has looked for the first time.
    pub fn cursor(&self) -> Option<Cursor> {
        *self.0.cursor.borrow()
    }

    /// The time of the newest block that was followed: what the contract's deadlines are counted in.
    pub fn time(&self) -> Option<Timestamp> {
        self.cursor().map(|cursor| cursor.head.time)
    }

    /// Wakes whenever the head or the newest final block moves, also back: then there may be new entries in the log
    /// of facts. Facts are in the database before it wakes.
    pub fn subscribe(&self) -> watch::Receiver<Option<Cursor>> {
        self.0.cursor.subscribe()
    }

    /// What is wrong now.
    pub fn alarms(&self) -> BTreeSet<Alarm> {
        self.0.alarms.borrow().clone()
    }

    pub(crate) fn moved(&self, cursor: Cursor) {
        self.0.cursor.send_if_modified(|before| {
            let moved = *before != Some(cursor);
            *before = Some(cursor);
            moved
        });
    }

    /// Raises or ends an alarm; says whether that changed anything.
    pub(super) fn set_alarm(&self, alarm: Alarm, on: bool) -> bool {
        self.0.alarms.send_if_modified(|alarms| {
            if on {
                alarms.insert(alarm)
            } else {
                alarms.remove(&alarm)
            }
        })
    }
}

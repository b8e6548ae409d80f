//! What is wrong, told once when it begins and once when it is over.

use std::collections::BTreeMap;

use offpay_operator::{
    event::{Audience, NewEvent},
    follower::Alarm,
    storage::{EventStorage as _, StorageError},
};
use offpay_protocol::{Seconds, Timestamp};
use offpay_store::Database;

use super::FollowedChain;

/// The alarms of one follower.
#[derive(Debug)]
pub(super) struct Alarms {
    database: Database,
    chain: FollowedChain,
    /// Since when something that may pass by itself has been so.
    since: BTreeMap<Alarm, Timestamp>,
}

impl Alarms {
    pub(super) const fn new(database: Database, chain: FollowedChain) -> Self {
        Self {
            database,
            chain,
            since: BTreeMap::new(),
        }
    }

    /// An alarm is on, or it is not.
    pub(super) async fn set(
        &self,
        alarm: Alarm,
        on: bool,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if !self.chain.set_alarm(alarm, on) {
            return Ok(());
        }
        let node = alarm.node().map_or(String::new(), |node| node.to_string());
        metrics::gauge!("offpay_chain_alarm", "alarm" => alarm.name(), "node" => node).set(if on {
            1.0
        } else {
            0.0
        });
        if on {
            tracing::error!(alarm = alarm.name(), node = alarm.node(), "alarm");
        } else {
            tracing::info!(alarm = alarm.name(), node = alarm.node(), "alarm over");
        }
        let event = NewEvent {
            audience: Audience::Operator,
            kind: if on {
                "chain.alarm"
            } else {
                "chain.alarm_over"
            },
            body: serde_json::json!({ "alarm": alarm.name(), "node": alarm.node() }),
        };
        let stored = self.database.append_events(&[event], now).await;
        if stored.is_err() {
            // To be told anew: an alarm that nobody was told of is none.
            self.chain.set_alarm(alarm, !on);
        }
        stored
    }

    /// The same for what may pass by itself: an alarm only after `grace`.
    pub(super) async fn set_after(
        &mut self,
        alarm: Alarm,
        on: bool,
        grace: Seconds,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if !on {
            self.since.remove(&alarm);
            return self.set(alarm, false, now).await;
        }
        let since = *self.since.entry(alarm).or_insert(now);
        if now.since(since) >= grace {
            self.set(alarm, true, now).await?;
        }
        Ok(())
    }
}

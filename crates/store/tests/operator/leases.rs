//! Leases, and writes that come after another server took over.

use std::time::Duration;

use offpay_operator::{
    event::{Audience, NewEvent},
    storage::{EventStorage as _, LeaseStorage as _, StorageError},
};
use offpay_protocol::Timestamp;
use offpay_store::testing::{Engine, TestDatabase};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

fn event() -> [NewEvent; 1] {
    [NewEvent {
        audience: Audience::Operator,
        kind: "x",
        body: serde_json::json!({}),
    }]
}

#[tokio::test]
async fn one_holds_a_lease_and_another_takes_it_when_it_is_over() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let hold = async |name, holder: &str, lasts, at_once| {
            let held = test.database.hold_lease(name, holder, lasts, at_once).await;
            held.unwrap()
        };
        assert_eq!(hold("x", "one", LONG, false).await, Some(1), "{engine:?}");
        assert_eq!(hold("x", "two", LONG, false).await, None, "{engine:?}");
        assert_eq!(
            hold("y", "two", LONG, false).await,
            Some(1),
            "another lease"
        );
        assert_eq!(hold("x", "one", SHORT, false).await, Some(1), "renewed");
        tokio::time::sleep(SHORT * 2).await;
        assert_eq!(
            hold("x", "one", SHORT, false).await,
            Some(1),
            "nobody took it"
        );
        tokio::time::sleep(SHORT * 2).await;
        assert_eq!(hold("x", "two", LONG, false).await, Some(2), "{engine:?}");
        assert_eq!(hold("x", "one", LONG, false).await, None, "{engine:?}");
        // Who does not hold it cannot give it back; who does, can.
        test.database.release_lease("x", "one").await.unwrap();
        assert_eq!(hold("x", "one", LONG, false).await, None, "{engine:?}");
        test.database.release_lease("x", "two").await.unwrap();
        assert_eq!(hold("x", "one", LONG, false).await, Some(3), "{engine:?}");
        assert_eq!(hold("x", "two", LONG, true).await, Some(4), "at once");
    }
}

/// **O111**: the token is checked in the transaction of each write.
#[tokio::test]
async fn o111_what_an_old_holder_writes_is_refused() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let now = Timestamp::new(1_700_000_000).unwrap();
        let hold = async |holder: &str| {
            let held = test.database.hold_lease("x", holder, LONG, true).await;
            held.unwrap().unwrap()
        };
        let old = test.database.fenced("x", hold("one").await);
        old.append_events(&event(), now).await.unwrap();
        let new = test.database.fenced("x", hold("two").await);
        let refused = old.append_events(&event(), now).await.unwrap_err();
        assert!(
            matches!(refused, StorageError::Refused(_)),
            "{engine:?}: {refused}"
        );
        assert!(
            refused.to_string().contains("another server took over"),
            "{refused}"
        );
        new.append_events(&event(), now).await.unwrap();
        test.database.append_events(&event(), now).await.unwrap();
        let events = test.database.events_after(None, 0, 10).await.unwrap();
        assert_eq!(
            events.len(),
            3,
            "{engine:?}: nothing of the old holder's last write"
        );
    }
}

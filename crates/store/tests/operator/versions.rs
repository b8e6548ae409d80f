//! Programs of two versions on one database: tables that a newer one brought up to date, and what an older one does on them.

use offpay_operator::{
    event::{Audience, NewEvent},
    storage::EventStorage as _,
};
use offpay_protocol::Timestamp;
use offpay_store::{
    Database,
    operator::OpenError,
    testing::{Engine, TestDatabase},
};

/// A migration that this program does not know.
const NEWER: i64 = 999_999;

#[tokio::test(flavor = "multi_thread")]
async fn o143_tables_of_a_newer_program_are_worked_on_as_long_as_they_allow_it() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        let newer = format!(
            "ALTER TABLE events ADD COLUMN newer BIGINT; \
             INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT {NEWER}, 'newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1"
        );
        test.execute(&newer).await.unwrap();
        // One that ran before goes on, and one that starts now does as well.
        let started = Database::open(&test.url).await.unwrap();
        for database in [&test.database, &started] {
            let event = NewEvent {
                audience: Audience::Operator,
                kind: "test",
                body: serde_json::json!({}),
            };
            let at = Timestamp::new(1).unwrap();
            database.append_events(&[event], at).await.unwrap();
        }
        let events = started.events_after(None, 0, 10).await.unwrap();
        assert_eq!(events.len(), 2, "{engine:?}");

        // The next one takes away something that this program needs.
        test.execute(&format!("UPDATE tables_for SET oldest = {NEWER}"))
            .await
            .unwrap();
        let refused = Database::open(&test.url).await;
        assert!(
            matches!(refused, Err(OpenError::TooOld { needed: NEWER, .. })),
            "{engine:?}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_this_programs_are_refused() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        // A migration in the middle that this program does not have.
        test.execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 0, 'stray', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await
        .unwrap();
        let refused = Database::open(&test.url).await;
        assert!(
            matches!(refused, Err(OpenError::Migrate(_))),
            "{engine:?}: {refused:?}"
        );
    }
}

//! The database is copied while payments are cleared, and brought back.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use offpay_store::{
    Database,
    backup::{self, BackupError},
    testing::{Engine, PostgresServer},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ADMIN, User, audit, server_on, units};

/// Another place of the same engine, where nothing is.
async fn elsewhere(engine: Engine, folder: &std::path::Path) -> String {
    match engine {
        Engine::Sqlite => format!("sqlite:{}", folder.join("restored.db").display()),
        Engine::Postgres => PostgresServer::shared()
            .unwrap()
            .new_database()
            .await
            .unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o95_a_copy_made_under_load_has_all_that_was_acknowledged_before_it() {
    for engine in Engine::ALL {
        let mut server = server_on(engine, |_| {}).await;
        let (ana, _) = User::ready(&server, "ana").await;
        let (ben, _) = User::ready(&server, "ben").await;
        let url = server.local.config.database.url.read().unwrap();
        let copy = server.folder.path().join("copy");

        // Ana pays and pays; what was acknowledged before the copy began has to be in it.
        let acknowledged: Arc<Mutex<Vec<Value>>> = Arc::default();
        let done = Arc::new(AtomicBool::new(false));
        let paying = {
            let (client, url) = (server.client().clone(), server.url("/v1/pay"));
            let (token, acknowledged, done) =
                (ana.token.clone(), acknowledged.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let body = json!({ "to": "@ben", "amount": "1000" });
                    let sent = client.post(&url).bearer_auth(&token).json(&body).send();
                    let answer = sent.await.unwrap();
                    assert_eq!(answer.status(), StatusCode::CREATED);
                    let paid: Value = answer.json().await.unwrap();
                    acknowledged.lock().unwrap().push(paid["id"].clone());
                }
            })
        };
        while acknowledged.lock().unwrap().len() < 5 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let before = acknowledged.lock().unwrap().clone();
        let holds = backup::back_up(&url, &copy).await.unwrap();
        assert!(holds.payments >= i64::try_from(before.len()).unwrap());
        assert!(holds.last_cleared_at.is_some(), "{engine:?}");
        let again = backup::back_up(&url, &copy).await;
        assert!(matches!(again, Err(BackupError::Exists(_))), "{engine:?}");
        let count = before.len();
        while acknowledged.lock().unwrap().len() < count + 3 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        done.store(true, Ordering::SeqCst);
        paying.await.unwrap();
        server.stop().await;
        server.finalize().await.unwrap();

        let full = backup::restore(&url, &copy, false).await;
        assert!(
            matches!(full, Err(BackupError::NotEmpty | BackupError::Exists(_))),
            "{engine:?}: {full:?}"
        );
        let place = elsewhere(engine, server.folder.path()).await;
        let nonsense = server.folder.path().join("nonsense");
        std::fs::write(&nonsense, "not a database, but long enough to be read").unwrap();
        let refused = backup::restore(&place, &nonsense, false).await;
        assert!(
            matches!(refused, Err(BackupError::NotABackup)),
            "{engine:?}"
        );
        let restored = backup::restore(&place, &copy, false).await.unwrap();
        assert_eq!(restored.holds, holds, "{engine:?}");
        assert!(restored.findings.is_empty(), "{:?}", restored.findings);
        assert_eq!(restored.retired, 2, "{engine:?}: Ana's purse and Ben's");

        server.local.config.database.url = place.as_str().into();
        server.start_again().await.unwrap();
        let history = ben.get(&server, "/v1/history?limit=200").await;
        let known: Vec<&Value> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|payment| &payment["id"])
            .collect();
        for id in &before {
            assert!(known.contains(&id), "{engine:?}: {id} is lost");
        }
        // The chain went on meanwhile, and is caught up with.
        let head = server.contract().node().block_time().await.unwrap();
        offpay_server::testing::eventually("the chain is caught up with", || async {
            (server.app().chain.time()? >= head).then_some(())
        })
        .await;
        assert_eq!(audit(&server).await["clean"], true, "{engine:?}");
        // Which serials were given out since the copy is not known: the purse signs nothing any more.
        let body = json!({ "to": "@ben", "amount": "1000" });
        let refused = ana.post(&server, "/v1/pay", &body).await;
        assert_eq!(refused.code(), "purse_retired", "{}", refused.text);
        let account = ana.account(&server).await;
        assert_eq!(account["purses"][0]["retired"], true, "{engine:?}");
        // Nor does it take money that it could not pay out.
        let funds = format!(
            "/v1/purses/{}/funds",
            account["purses"][0]["purse"].as_str().unwrap()
        );
        let refused = ana
            .post(&server, &funds, &json!({ "amount": "1000" }))
            .await;
        assert_eq!(refused.code(), "purse_retired", "{}", refused.text);
        assert_eq!(units(&account["purses"][0]["available"]), 0, "{engine:?}");
        let overview = server.get("/v1/admin/overview", Some(ADMIN)).await.unwrap();
        // One that was signed and not yet cleared when the copy was made is cleared after it.
        let cleared: i64 = overview.body["payments"].as_str().unwrap().parse().unwrap();
        assert!(
            cleared >= holds.payments && cleared <= holds.payments + 1,
            "{engine:?}: {cleared} of {}",
            holds.payments
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_newer_and_nothing_damaged_is_brought_back() {
    for engine in Engine::ALL {
        let test = offpay_store::testing::TestDatabase::new(engine)
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        // A backup leaves the tables' version as it is.
        test.run("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 12")
            .await
            .unwrap();
        let holds = backup::back_up(&test.url, &copy).await.unwrap();
        assert_eq!(holds.schema, 9000, "{engine:?}");
        let place = elsewhere(engine, folder.path()).await;
        let refused = backup::restore(&place, &copy, false).await;
        assert!(
            matches!(refused, Err(BackupError::Newer { found: 9000, .. })),
            "{engine:?}: {refused:?}"
        );
        // Nothing was put there: a good copy goes to the same place.
        test.run("UPDATE _sqlx_migrations SET version = 12 WHERE version = 9000")
            .await
            .unwrap();
        let good = folder.path().join("good");
        backup::back_up(&test.url, &good).await.unwrap();
        let mut bytes = std::fs::read(&good).unwrap();
        let middle = bytes.len() / 2;
        let end = (middle + 4096).min(bytes.len());
        bytes[middle..end].fill(0xa5);
        let bad = folder.path().join("bad");
        std::fs::write(&bad, bytes).unwrap();
        let damaged = backup::restore(&place, &bad, false).await;
        assert!(damaged.is_err(), "{engine:?}");
        let restored = backup::restore(&place, &good, true).await.unwrap();
        assert_eq!(restored.retired, 0);
        let database = Database::open(&place).await.unwrap();
        database.close().await;
    }
}

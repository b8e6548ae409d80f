//! The operator goes through the books, and takes them along.

use offpay_store::testing::Engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ADMIN, ONE, User, audit, server_on, settle};

/// The lines of an export.
async fn export(server: &offpay_server::testing::TestServer, path: &str) -> Vec<Value> {
    let answer = server
        .get(&format!("/v1/admin/export/{path}"), Some(ADMIN))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn o94_every_account_is_compared_and_every_line_exported() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let (ana, _) = User::ready(&server, "ana").await;
        let (ben, _) = User::ready(&server, "ben").await;
        let paid = ana
            .post(
                &server,
                "/v1/pay",
                &json!({ "to": "@ben", "amount": ONE.to_string() }),
            )
            .await;
        assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text);
        settle(&server, &paid.body).await;
        ben.account_when(&server, "settled", |account| {
            account["balance"]["final"] == ONE.to_string()
        })
        .await;
        let whole = audit(&server).await;
        assert_eq!(whole.get("next"), None);

        // The same in pages of two.
        let (mut compared, mut pages, mut next) = (0, 0, Some(String::new()));
        while let Some(cursor) = next {
            let cursor = if pages == 0 {
                String::new()
            } else {
                format!("&cursor={cursor}")
            };
            let page = server
                .get(&format!("/v1/admin/audit?limit=2{cursor}"), Some(ADMIN))
                .await
                .unwrap();
            assert_eq!(page.body["clean"], true, "{engine:?}: {}", page.text);
            compared += page.body["compared"].as_u64().unwrap();
            pages += 1;
            next = page.body["next"].as_str().map(str::to_owned);
        }
        assert!(pages > 3, "{engine:?}");
        assert_eq!(compared, whole["compared"].as_u64().unwrap(), "{engine:?}");

        let moved = export(&server, "ledger").await;
        assert!(moved.len() > 5, "{engine:?}");
        let behind = moved[2]["cursor"].as_str().unwrap();
        let rest = export(&server, &format!("ledger?cursor={behind}")).await;
        assert_eq!(rest, moved[3..], "{engine:?}: it goes on behind the cursor");
        for line in &moved {
            assert!(line["amount"].as_str().unwrap().parse::<u128>().unwrap() > 0);
        }
        let last = moved.last().unwrap()["cursor"].as_str().unwrap();
        assert!(
            export(&server, &format!("ledger?cursor={last}"))
                .await
                .is_empty()
        );

        let payments = export(&server, "payments").await;
        assert_eq!(payments.len(), 1, "{engine:?}");
        assert_eq!(payments[0]["id"], paid.body["id"]);
        assert_eq!(payments[0]["amount"], ONE.to_string());
        let last = payments[0]["cursor"].as_str().unwrap();
        let rest = export(&server, &format!("payments?cursor={last}")).await;
        assert!(rest.is_empty(), "{engine:?}");
        let operations = export(&server, "operations").await;
        let kinds: Vec<_> = operations.iter().map(|line| line["kind"].clone()).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "setup").count(), 2);
        assert!(operations.iter().all(|line| line["state"] == "final"));
        let events = export(&server, "events").await;
        assert!(events.iter().any(|line| line["kind"] == "operation.final"));

        let csv = server
            .get("/v1/admin/export/payments?format=csv", Some(ADMIN))
            .await
            .unwrap();
        let mut lines = csv.text.split("\r\n");
        let head: Vec<_> = lines.next().unwrap().split(',').collect();
        let cells: Vec<_> = lines.next().unwrap().split(',').collect();
        let place = head.iter().position(|name| *name == "amount").unwrap();
        assert_eq!(cells[place], ONE.to_string(), "{engine:?}: {}", csv.text);
        for (path, code) in [
            ("secrets", "not_found"),
            ("ledger?format=xml", "invalid_request"),
            ("ledger?cursor=-1", "invalid_request"),
            ("ledger?cursor=1_1", "invalid_request"),
            ("ledger?cursor=999999", "invalid_request"),
            ("payments?cursor=1", "invalid_request"),
            ("payments?cursor=1_x", "invalid_request"),
            ("payments?cursor=999999_1", "invalid_request"),
        ] {
            let path = format!("/v1/admin/export/{path}");
            let refused = server.get(&path, Some(ADMIN)).await.unwrap();
            assert_eq!(refused.code(), code, "{path}");
        }
        let log = server.get("/v1/admin/log", Some(ADMIN)).await.unwrap();
        assert_eq!(log.body["items"][0]["action"], "books.export");
        assert_eq!(log.body["items"][0]["actor"], "operator");
    }
}

//! The OpenAPI document is valid and complete, and there is a page to read it.

use std::{fs, path::Path};

use offpay_server::testing::TestServer;
use reqwest::StatusCode;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole() {
    let server = TestServer::start().await.unwrap();
    let answer = server.get("/openapi.json", None).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let document = &answer.body;
    assert_eq!(document["openapi"].as_str().unwrap(), "3.1.0");
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap();
            assert!(
                names.insert(name.to_owned()),
                "{place}: {name} is used twice"
            );
            assert!(
                operation["summary"].is_string() || operation["description"].is_string(),
                "{place} does not say what it does"
            );
            assert!(
                operation["responses"]["default"].is_object(),
                "{place}: no problems"
            );
            let tags = operation["tags"].as_array().map_or(0, Vec::len);
            assert_eq!(tags, 1, "{place}: not one tag");
            let takes_key = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"));
            // A payment has an id: it is the same however often it is sent.
            if path.starts_with("/v1/payments") {
                assert!(!takes_key, "{place}: needs no idempotency key");
            } else {
                let needs_key = method == "post" && path.starts_with("/v1/");
                assert_eq!(takes_key, needs_key, "{place}: its idempotency key");
            }
        }
    }
    let mut references = Vec::new();
    gather(document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} is not there"
        );
    }
}

fn gather(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|value| gather(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, references)),
        _ => {}
    }
}

/// Endpoints come into the document by `routes!`. What is added by `route` is in none, so only these may be.
#[test]
fn every_endpoint_is_in_the_document() {
    let pages = ["docs.rs", "metrics.rs", "problems.rs"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes");
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let name = path.file_name().unwrap().to_str().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                pages.contains(&name) || !text.contains(".route("),
                "{name} adds an endpoint that is not in the document: use routes!"
            );
        }
    }
    assert!(files > 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_needs_nobody_else() {
    let server = TestServer::start().await.unwrap();
    let page = server.get("/docs/", None).await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("https://"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'"));
    let script = server
        .get("/docs/swagger-ui-bundle.js", None)
        .await
        .unwrap();
    assert_eq!(script.status, StatusCode::OK);
    let start = server
        .get("/docs/swagger-initializer.js", None)
        .await
        .unwrap();
    assert!(start.text.contains("/openapi.json"));
}

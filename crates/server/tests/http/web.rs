//! The web app's files, what it is told of its network, and the node that it asks through the server.

use std::fs;

use offpay_protocol::wire::{Code, OperatorCard};
use offpay_server::testing::TestServer;
use offpay_store::testing::Engine;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// A built app, as far as a server can tell.
fn app() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    for (name, text) in [
        ("index.html", "<p>the app"),
        ("sw.js", "the service worker"),
        ("assets/app-1f2e.js", "the script"),
        ("assets/app-1f2e.js.br", "compressed"),
        ("assets/app-1f2e.js.gz", "compressed too"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn server() -> (TestServer, tempfile::TempDir) {
    let folder = app();
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.web.folder = Some(folder.path().to_owned());
        config.web.nodes = vec!["https://node.example/v2".to_owned()];
        config.web.currency = Some("EUR".to_owned());
        config.web.currency_per_token = Some("0.92".to_owned());
    })
    .await
    .unwrap();
    (server, folder)
}

async fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = server.client().get(server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Invariant W20.
#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_served_with_a_strict_policy() {
    let (server, _folder) = server().await;
    let page = [("accept", "text/html")];
    for path in [
        "/",
        "/index.html",
        "/pay/somebody",
        "/sw.js",
        "/assets/app-1f2e.js",
    ] {
        let answer = get(&server, path, &page).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.ends_with("connect-src 'self' https://node.example"),
            "{policy}"
        );
        assert!(
            policy.contains("require-trusted-types-for 'script'"),
            "{policy}"
        );
        for loose in ["unsafe-inline", "'unsafe-eval'", "*"] {
            assert!(!policy.contains(loose), "{path}: {policy}");
        }
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    let start = get(&server, "/pay/somebody", &page).await;
    assert_eq!(start.headers()["cache-control"], "no-cache");
    assert_eq!(start.text().await.unwrap(), "<p>the app");
    let script = get(&server, "/assets/app-1f2e.js", &[("accept-encoding", "br")]).await;
    assert_eq!(script.headers()["content-encoding"], "br");
    assert!(
        script.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let tag = script.headers()["etag"].to_str().unwrap().to_owned();
    let again = get(&server, "/assets/app-1f2e.js", &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_stays_an_error() {
    let (server, _folder) = server().await;
    let page = [("accept", "text/html")];
    for path in [
        "/v1/nothing",
        "/assets/gone-77aa.js",
        "/../Cargo.toml",
        "/assets/../../secret",
    ] {
        let answer = get(&server, path, &page).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(
            status == StatusCode::NOT_FOUND || !text.contains("[package]"),
            "{path}: {text}"
        );
        assert!(
            path.contains("..") || text.contains("\"not_found\""),
            "{path}: {text}"
        );
    }
    let programs = get(&server, "/nothing", &[("accept", "application/json")]).await;
    assert_eq!(programs.status(), StatusCode::NOT_FOUND);
    let post = server
        .client()
        .post(server.url("/index.html"))
        .send()
        .await
        .unwrap();
    assert_eq!(post.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_behind_one_address_loads_the_app() {
    let folder = app();
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.web.folder = Some(folder.path().to_owned());
        config.http.requests_per_minute = 3;
    })
    .await
    .unwrap();
    for _ in 0..20 {
        assert_eq!(get(&server, "/", &[]).await.status(), StatusCode::OK);
    }
    let answers = [(); 5].map(|()| server.get("/problems", None));
    let mut limited = 0;
    for answer in answers {
        limited += u32::from(answer.await.unwrap().status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(limited, 2, "endpoints are counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_app_a_page_says_how_to_get_it() {
    let server = TestServer::start().await.unwrap();
    let answer = server
        .send(Method::GET, "/", None, None, &[("accept", "text/html")])
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    if !server.app().web.is_built() {
        assert!(answer.text.contains("make run"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_told_its_network() {
    let (server, _folder) = server().await;
    let told = server.get("/offpay.json", None).await.unwrap();
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let network = &told.body;
    let domain = &network["deployment"]["domain"];
    assert_eq!(domain["chainId"], json!(server.local.deployment.chain_id));
    let contract = server.contract().address().to_string().to_lowercase();
    assert_eq!(
        domain["verifyingContract"].as_str().unwrap().to_lowercase(),
        contract
    );
    assert_eq!(
        network["deployment"]["parameters"]["closeDelay"],
        json!(604_800)
    );
    assert_eq!(
        network["rpc"],
        json!(["/v1/rpc", "https://node.example/v2"])
    );
    assert_eq!(
        network["currency"],
        json!({ "code": "EUR", "perToken": "0.92" })
    );
    let card = network["operator"]["card"].as_str().unwrap();
    let Code::Operator(OperatorCard { operator, .. }) = Code::parse(card).unwrap() else {
        panic!("{card} is no card");
    };
    let signs = server.get("/v1/operator", None).await.unwrap().body["operator"].clone();
    assert_eq!(json!(operator), signs);
}

async fn ask(server: &TestServer, body: String) -> (StatusCode, Value) {
    let answer = server
        .client()
        .post(server.url("/v1/rpc"))
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap())
}

fn question(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// Invariant W21.
#[tokio::test(flavor = "multi_thread")]
async fn the_node_answers_what_wallets_ask_and_nothing_else() {
    let server = TestServer::start().await.unwrap();
    let chain = question(7, "eth_chainId", &json!([]));
    let (status, said) = ask(&server, chain.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        said,
        json!({ "jsonrpc": "2.0", "id": 7, "result": "0x7a69" })
    );

    let contract = server.contract().address();
    let rich = json!([contract, "0x1"]);
    let batch = json!([
        question(0, "eth_getBlockByNumber", &json!(["finalized", false])),
        question(1, "anvil_setBalance", &rich),
        question(2, "eth_call", &json!([{ "to": contract, "data": "0xdeadbeef" }, "latest"])),
        question(3, "eth_getTransactionReceipt", &json!([format!("0x{}", "11".repeat(32))])),
        question(4, "eth_getProof", &json!([contract, [format!("0x{}", "00".repeat(32))], "latest"])),
        { "jsonrpc": "2.0", "method": "eth_chainId" },
        "nonsense",
    ]);
    let (status, said) = ask(&server, batch.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(said[0]["result"]["hash"].is_string(), "{said}");
    assert_eq!(said[1]["error"]["code"], json!(-32_601), "{said}");
    assert!(
        said[2]["error"]["message"].is_string(),
        "the contract reverts: {said}"
    );
    assert_eq!(
        said[3],
        json!({ "jsonrpc": "2.0", "id": 3, "result": null })
    );
    assert!(said[4]["result"]["accountProof"].is_array(), "{said}");
    assert_eq!(said[5]["error"]["code"], json!(-32_600), "{said}");
    assert_eq!(said[6]["error"]["code"], json!(-32_600), "{said}");
    let balance = server.contract().node().gas_money(contract).await.unwrap();
    assert!(balance.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_have_limits() {
    let (server, _folder) = server().await;
    let one = question(0, "eth_chainId", &json!([]));
    let many = |count| Value::from(vec![one.clone(); count]).to_string();
    let (status, problem) = ask(&server, many(51)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
    let long = question(0, "eth_chainId", &json!(["x".repeat(70_000)])).to_string();
    let (status, problem) = ask(&server, long).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
    let (status, _) = ask(&server, "{".to_owned()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_of_a_batch_counts() {
    let server = TestServer::start_with(Engine::Sqlite, |config| {
        config.web.questions_per_minute = 60;
    })
    .await
    .unwrap();
    let batch = Value::from(vec![question(0, "eth_chainId", &json!([])); 50]).to_string();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&server, batch.clone()).await.0.as_u16());
    }
    // Of 60 in a minute, 50 and then the rest at once; what is beyond has to wait.
    assert_eq!(statuses, [200, 200, 429]);
}

//! Users to test with.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    storage::EventStorage as _,
};
use offpay_server::testing::TestServer;
use serde_json::json;

pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

pub(crate) async fn register(server: &TestServer, handle: &str) -> User {
    let body = json!({ "handle": handle, "password": "a long enough password" });
    let answer = server.post("/v1/users", None, &body).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text);
    User {
        id: answer.body["user"].as_str().unwrap().parse().unwrap(),
        token: answer.body["token"].as_str().unwrap().to_owned(),
    }
}

/// Something happens to a user.
pub(crate) async fn happen(server: &TestServer, user: &User, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let event = NewEvent {
            audience: Audience::User(user.id),
            kind: "test.happened",
            body: json!({ "number": number }),
        };
        let app = server.app();
        app.database
            .append_events(&[event], app.now())
            .await
            .unwrap();
    }
}

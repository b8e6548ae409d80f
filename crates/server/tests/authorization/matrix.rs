//! Each endpoint, as everybody.

use std::collections::BTreeSet;

use offpay_operator::identity::Scope;
use offpay_server::testing::{Answer, TestServer};

use crate::{
    actors::{
        OPERATOR, ended_session, freeze, hosted, is_let_in, pass, revoked_token, server, token,
        with_own_key,
    },
    bodies,
    table::{Row, Who, endpoints, rows},
};

/// What was expected and did not happen.
struct Findings(Vec<String>);

impl Findings {
    fn expect(&mut self, row: &Row, whom: &str, answer: &Answer, codes: &[&str]) {
        if !codes.contains(&answer.code()) {
            self.0.push(format!(
                "{} {} as {whom}: {} {} instead of {codes:?}",
                row.method,
                row.path,
                answer.status,
                answer.code()
            ));
        }
    }

    fn let_in(&mut self, row: &Row, whom: &str, answer: &Answer) {
        if !is_let_in(answer) {
            self.0.push(format!(
                "{} {} as {whom}: not let in: {}",
                row.method, row.path, answer.text
            ));
        }
    }
}

async fn ask(
    server: &TestServer,
    row: &Row,
    token: Option<&str>,
    headers: &[(&str, &str)],
) -> Answer {
    ask_circle(server, row, None, token, headers).await
}

async fn ask_circle(
    server: &TestServer,
    row: &Row,
    circle: Option<&str>,
    token: Option<&str>,
    headers: &[(&str, &str)],
) -> Answer {
    let body = bodies::body(row, server.app().now().get());
    let method = row.method.parse().unwrap();
    let path = bodies::path(row, circle);
    server
        .send(method, &path, token, body.as_ref(), headers)
        .await
        .unwrap()
}

fn all_but(scope: Option<Scope>) -> Vec<Scope> {
    let others = Scope::ALL.into_iter();
    others.filter(|one| Some(*one) != scope).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_has_a_row_and_every_row_an_endpoint() {
    let server = server().await;
    let served: BTreeSet<_> = endpoints(&server).await.into_iter().collect();
    let described: BTreeSet<_> = rows()
        .into_iter()
        .map(|row| (row.method, row.path))
        .collect();
    let missing: Vec<_> = served.difference(&described).collect();
    assert!(
        missing.is_empty(),
        "docs/authorization.md says nothing of {missing:#?}"
    );
    let gone: Vec<_> = described.difference(&served).collect();
    assert!(gone.is_empty(), "nothing serves {gone:#?}");
    assert!(served.len() > 90);
}

/// What opens nothing, opens nothing: no token, one that is over, and the other kind's.
async fn nobody(server: &TestServer, row: &Row, found: &mut Findings, over: &[String; 2]) {
    let answer = ask(server, row, None, &[]).await;
    if row.who == Who::Anybody {
        found.let_in(row, "nobody", &answer);
        return;
    }
    found.expect(row, "nobody", &answer, &["unauthorized"]);
    let refused: &[&str] = match row.who {
        // Of users' tokens it says that they are none of the operator's, whether they are good or not.
        Who::Operator => &["forbidden"],
        _ => &["unauthorized"],
    };
    for (token, whom) in over.iter().zip(["an ended session", "a revoked token"]) {
        let answer = ask(server, row, Some(token), &[]).await;
        found.expect(row, whom, &answer, refused);
    }
    let answer = ask(server, row, Some("opa_for-test"), &[]).await;
    found.expect(row, "a made-up operator", &answer, &["unauthorized"]);
    if matches!(row.who, Who::User | Who::Fresh | Who::Circle) {
        let answer = ask(server, row, Some(OPERATOR), &[]).await;
        found.expect(row, "the operator", &answer, &["unauthorized"]);
    }
}

/// Tokens of too little scope, and of enough.
async fn tokens(server: &TestServer, row: &Row, found: &mut Findings) {
    let user = hosted(server).await;
    let (_, others) = token(server, &user, &all_but(row.scope)).await;
    let answer = ask(server, row, Some(&others), &[]).await;
    let refused: &[&str] = match (row.who, row.scope) {
        (_, Some(_)) => &["scope_missing"],
        (Who::Operator, None) => &["forbidden"],
        // It may be told first that it has the wrong scopes; none would do.
        (_, None) => &["forbidden", "scope_missing"],
    };
    found.expect(row, "a token without the scope", &answer, refused);
    if let Some(scope) = row.scope.filter(|_| row.who != Who::Circle) {
        let (_, enough) = token(server, &user, &[scope]).await;
        let answer = ask(server, row, Some(&enough), &[]).await;
        found.let_in(row, "a token with the scope", &answer);
    }
}

/// A user who is frozen, one who holds the key, one led here by another page; then one of whom nothing is wrong.
async fn users(server: &TestServer, row: &Row, found: &mut Findings) {
    let frozen = hosted(server).await;
    freeze(server, &frozen).await;
    let answer = ask(server, row, Some(&frozen.session), &[]).await;
    if row.frozen {
        found.let_in(row, "who is frozen", &answer);
    } else {
        found.expect(row, "who is frozen", &answer, &["account_frozen"]);
    }

    let own = with_own_key(server).await;
    let answer = ask(server, row, Some(&own.session), &[]).await;
    if row.own_key {
        found.let_in(row, "who holds the key", &answer);
    } else {
        found.expect(row, "who holds the key", &answer, &["forbidden"]);
    }

    let user = hosted(server).await;
    let cookie = format!("__Host-offpay={}", user.session);
    if row.method != "GET" {
        let from = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-site")];
        let answer = ask(server, row, None, &from).await;
        // What is the operator's looks at no cookie at all.
        found.expect(row, "another page", &answer, &["forbidden"]);
    }
    let from = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let answer = ask(server, row, None, &from).await;
    found.let_in(row, "a page of ours", &answer);
    let user = hosted(server).await;
    let answer = ask(server, row, Some(&user.session), &[]).await;
    found.let_in(row, "a user", &answer);
}

async fn operators(server: &TestServer, row: &Row, found: &mut Findings) {
    let answer = ask(server, row, Some(OPERATOR), &[]).await;
    found.let_in(row, "the operator", &answer);
    if row.who == Who::Operator {
        for user in [hosted(server).await, with_own_key(server).await] {
            let answer = ask(server, row, Some(&user.session), &[]).await;
            found.expect(row, "a user", &answer, &["forbidden"]);
            let cookie = format!("__Host-offpay={}", user.session);
            let from = [
                ("cookie", cookie.as_str()),
                ("sec-fetch-site", "same-origin"),
            ];
            let answer = ask(server, row, None, &from).await;
            found.expect(row, "a user's page", &answer, &["unauthorized"]);
        }
    }
}

/// Who runs a circle, and who would like to.
async fn circles(server: &TestServer, row: &Row, found: &mut Findings) {
    let (owner, other) = (hosted(server).await, hosted(server).await);
    let circle = Some(owner.account.as_str());
    let answer = ask_circle(server, row, circle, Some(&owner.session), &[]).await;
    found.let_in(row, "who runs the circle", &answer);
    let (_, app) = token(server, &owner, &[Scope::Manage]).await;
    let answer = ask_circle(server, row, circle, Some(&app), &[]).await;
    found.let_in(row, "an app of who runs the circle", &answer);
    let (_, app) = token(server, &owner, &all_but(row.scope)).await;
    let answer = ask_circle(server, row, circle, Some(&app), &[]).await;
    found.expect(
        row,
        "its app without the scope",
        &answer,
        &["scope_missing"],
    );
    let answer = ask_circle(server, row, circle, Some(&other.session), &[]).await;
    found.expect(row, "who does not run the circle", &answer, &["forbidden"]);
    let own = with_own_key(server).await;
    let answer = ask_circle(server, row, Some(&own.account), Some(&own.session), &[]).await;
    found.expect(row, "who holds the circle's key", &answer, &["forbidden"]);
    freeze(server, &owner).await;
    let answer = ask_circle(server, row, circle, Some(&owner.session), &[]).await;
    found.expect(row, "who is frozen", &answer, &["account_frozen"]);

    let operators = server.get("/v1/circles/own", None).await.unwrap().body;
    let operators = operators["circle"].as_str().unwrap();
    let answer = ask_circle(server, row, Some(operators), Some(OPERATOR), &[]).await;
    found.let_in(row, "the operator", &answer);
    let answer = ask_circle(server, row, Some(operators), Some(&other.session), &[]).await;
    found.expect(
        row,
        "a user, of the operator's circle",
        &answer,
        &["forbidden"],
    );
    let answer = ask_circle(server, row, Some(operators), None, &[]).await;
    found.expect(
        row,
        "nobody, of the operator's circle",
        &answer,
        &["unauthorized"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn o150_every_endpoint_lets_in_who_may_and_nobody_else() {
    let server = server().await;
    let over = [ended_session(&server).await, revoked_token(&server).await];
    let rows = rows();
    let mut found = Findings(Vec::new());
    for row in &rows {
        nobody(&server, row, &mut found, &over).await;
        if row.who != Who::Anybody {
            tokens(&server, row, &mut found).await;
        }
        if matches!(row.who, Who::User | Who::Fresh | Who::Either) {
            users(&server, row, &mut found).await;
        }
        if matches!(row.who, Who::Operator | Who::Either) {
            operators(&server, row, &mut found).await;
        }
        if row.who == Who::Circle {
            circles(&server, row, &mut found).await;
        }
    }

    // Ten minutes later a session changes no more how one signs in; an hour later the token is over; a month later all is.
    let user = hosted(&server).await;
    let (_, app) = token(&server, &user, &Scope::ALL).await;
    let signed_in: Vec<&Row> = rows
        .iter()
        .filter(|row| matches!(row.who, Who::User | Who::Fresh))
        .collect();
    pass(&server, 601);
    let stale = hosted(&server).await;
    pass(&server, 601);
    for row in &signed_in {
        let answer = ask(&server, row, Some(&stale.session), &[]).await;
        if row.who == Who::Fresh {
            found.expect(row, "an old session", &answer, &["sign_in_again"]);
        } else {
            found.let_in(row, "an old session", &answer);
        }
    }
    pass(&server, 3_000);
    for row in &signed_in {
        let answer = ask(&server, row, Some(&app), &[]).await;
        found.expect(row, "an expired token", &answer, &["unauthorized"]);
    }
    pass(&server, 31 * 86_400);
    for row in &signed_in {
        let answer = ask(&server, row, Some(&user.session), &[]).await;
        found.expect(row, "an expired session", &answer, &["unauthorized"]);
    }
    assert!(found.0.is_empty(), "{:#?}", found.0);
}

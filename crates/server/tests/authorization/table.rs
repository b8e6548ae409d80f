//! The table in `docs/authorization.md`.

use std::{collections::BTreeMap, fs, path::Path};

use offpay_operator::identity::Scope;
use offpay_server::testing::TestServer;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Anybody, also without a token.
    Anybody,
    /// A user, by a session or, if it has the scope, an access token.
    User,
    /// A user with a session of the last ten minutes.
    Fresh,
    /// The operator alone.
    Operator,
    /// The operator, and a user.
    Either,
    /// The user whose account the circle is named after; of its own circle the operator.
    Circle,
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) who: Who,
    /// The scope with which an access token is let in; none is without it.
    pub(crate) scope: Option<Scope>,
    /// A user whom the operator froze is let in.
    pub(crate) frozen: bool,
    /// A user who holds the key is let in.
    pub(crate) own_key: bool,
    /// Others' things are not there for the caller.
    pub(crate) others_hidden: bool,
}

fn yes(cell: &str, row: &str) -> bool {
    match cell {
        "yes" => true,
        "no" | "" => false,
        _ => panic!("neither yes nor no: {row}"),
    }
}

fn parse(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [endpoint, who, token, frozen, own_key, others] = cells[..] else {
        return None;
    };
    let (method, path) = endpoint.trim_matches('`').split_once(' ')?;
    let who = match who {
        "anybody" => Who::Anybody,
        "user" => Who::User,
        "fresh session" => Who::Fresh,
        "operator" => Who::Operator,
        "operator or user" => Who::Either,
        "the circle's account" => Who::Circle,
        _ => panic!("who is that: {line}"),
    };
    let scope = token.trim_matches('`');
    Some(Row {
        method: method.to_owned(),
        path: path.to_owned(),
        who,
        scope: (!matches!(scope, "no" | "")).then(|| Scope::from_name(scope).unwrap()),
        frozen: yes(frozen, line),
        own_key: yes(own_key, line),
        others_hidden: match others {
            "hidden" => true,
            "" => false,
            _ => panic!("hidden or nothing: {line}"),
        },
    })
}

/// The rows.
pub(crate) fn rows() -> Vec<Row> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/authorization.md");
    let page = fs::read_to_string(page).unwrap();
    let rows: Vec<Row> = page
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains(" /"))
        .filter_map(parse)
        .collect();
    let mut once = BTreeMap::new();
    for row in &rows {
        let name = (row.method.clone(), row.path.clone());
        assert!(once.insert(name, ()).is_none(), "twice: {row:?}");
    }
    rows
}

/// The endpoints of the served document: method and path.
pub(crate) async fn endpoints(server: &TestServer) -> Vec<(String, String)> {
    let document = server.get("/openapi.json", None).await.unwrap().body;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if !matches!(method.as_str(), "parameters" | "summary" | "description") {
                found.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    found
}

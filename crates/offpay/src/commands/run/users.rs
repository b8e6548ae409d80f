//! Two example users, made through the public API as anybody would.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What they are called.
const HANDLES: [&str; 2] = ["ana", "ben"];

/// An example's password is no secret.
const PASSWORD: &str = "only for trying it out";

/// An example user.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) handle: String,
    password: String,
    account: String,
}

impl User {
    pub(super) fn told(&self) -> String {
        format!("password \"{}\", account {}", self.password, self.account)
    }
}

/// Makes them and asks the faucet for money; or finds them in the folder.
pub(super) async fn make(server: &str, folder: &Path) -> Result<Vec<User>> {
    let file = folder.join("users.json");
    if let Ok(text) = fs::read(&file) {
        return serde_json::from_slice(&text).with_context(|| format!("{}", file.display()));
    }
    let client = reqwest::Client::new();
    let mut users = Vec::new();
    for handle in HANDLES {
        // With a key, a run that was cut off in the middle finds the user that it made.
        let registered = post(
            client
                .post(format!("{server}/v1/users"))
                .header("idempotency-key", format!("example-{handle}")),
            &json!({ "handle": handle, "password": PASSWORD }),
        )
        .await?;
        let text = |name: &str| {
            registered[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("the server did not tell the {name}"))
        };
        let faucet = client
            .post(format!("{server}/v1/faucet"))
            .header("idempotency-key", format!("example-{handle}-faucet"))
            .bearer_auth(text("token")?);
        post(faucet, &json!({})).await?;
        users.push(User {
            handle: handle.to_owned(),
            password: PASSWORD.to_owned(),
            account: text("account")?,
        });
    }
    fs::write(&file, serde_json::to_vec_pretty(&users)?)
        .with_context(|| format!("{}", file.display()))?;
    Ok(users)
}

async fn post(request: reqwest::RequestBuilder, body: &Value) -> Result<Value> {
    let answer = request
        .json(body)
        .send()
        .await
        .context("the server does not answer")?;
    let fine = answer.status().is_success();
    let answer: Value = answer.json().await.context("the server's answer")?;
    if !fine {
        bail!(
            "the example users were not made: {}",
            answer["detail"].as_str().unwrap_or("for an unknown reason")
        );
    }
    Ok(answer)
}

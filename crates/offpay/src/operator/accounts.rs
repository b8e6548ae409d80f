//! `offpay operator freeze`, `offpay operator unfreeze`

use anyhow::Result;
use clap::Args;
use offpay_api::admin_accounts::{AdminUser, Freeze as Asked};
use serde_json::Value;

use super::desk::Desk;
use crate::{
    cli::Answer,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "The user is told the reason. What they owe is settled all the same.\n\nExample:\n  \
    offpay operator freeze @ana --reason 'court order 17/26' --token-file admin.token"
)]
pub(super) struct Freeze {
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  offpay operator unfreeze @ana --reason 'the order was lifted' --token-file admin.token"
)]
pub(super) struct Unfreeze {
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Args)]
struct Whom {
    /// Whom: `@handle`, the user's id, or the account.
    user: String,
    /// Why: the user is told, and it stays in the log of actions.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    desk: Desk,
}

impl Freeze {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        self.whom.set(output, json, "freeze", "is frozen").await
    }
}

impl Unfreeze {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        self.whom.set(output, json, "thaw", "is not frozen").await
    }
}

impl Whom {
    async fn set(&self, output: &Output, json: bool, verb: &str, done: &str) -> Result<Answer> {
        let server = self.desk.open()?;
        let who = named(&self.user);
        let user: AdminUser = server.get(&format!("admin/users/{who}")).await?;
        let asked = Asked {
            reason: self.reason.clone(),
        };
        let path = format!("admin/users/{}/{verb}", user.user);
        let _: Value = server.post(&path, &asked).await?;
        if json {
            let now: AdminUser = server.get(&format!("admin/users/{}", user.user)).await?;
            output.json(&now)?;
            return Ok(Answer::Yes);
        }
        let name = user
            .handle
            .map_or_else(|| user.user.to_string(), |handle| format!("@{handle}"));
        let said = format!("{name} ({}) {done}.", user.account);
        output.line(&output.paint(Style::Good, &said))?;
        Ok(Answer::Yes)
    }
}

/// Whom the server knows so: a handle can be given without its sign.
fn named(user: &str) -> String {
    let user: String = user.chars().filter(|one| *one != '/').collect();
    let is_id = user.len() == 36 && user.bytes().filter(|byte| *byte == b'-').count() == 4;
    if user.starts_with('@') || user.starts_with("0x") || is_id {
        user
    } else {
        format!("@{user}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_needs_no_sign() {
        assert_eq!(named("ana"), "@ana");
        for whole in [
            "@ana",
            "0x1dba1FC26e92B6b8c647e960bAfBA061bDCa8E67",
            "a48b9850-dd34-4f11-8597-0dfb8a4bfe5e",
        ] {
            assert_eq!(named(whole), whole);
        }
    }
}

//! `offpay operator audit`

use anyhow::Result;
use clap::Args;
use offpay_api::audit::AuditReport;
use serde_json::json;

use super::desk::{Desk, unit};
use crate::{
    cli::Answer,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 0: nothing is wrong; 1: something is; 2: it could not be done.\n\nExample:\n  \
    offpay operator audit --token-file admin.token"
)]
pub(super) struct Audit {
    #[command(flatten)]
    desk: Desk,
}

impl Audit {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let server = self.desk.open()?;
        let first: AuditReport = server.get("admin/audit").await?;
        let (accounts, held, sequence) = (first.accounts, first.held, first.sequence);
        let (mut compared, mut findings) = (first.compared, first.findings);
        let mut next = first.next;
        while let Some(cursor) = next {
            output.progress(&format!("{compared} of {accounts} accounts compared"));
            let page: AuditReport = server.get(&format!("admin/audit?cursor={cursor}")).await?;
            compared = compared.saturating_add(page.compared);
            findings.extend(page.findings);
            next = page.next;
        }
        let clean = findings.is_empty();
        let answer = if clean { Answer::Yes } else { Answer::No };
        if json {
            output.json(&json!({
                "clean": clean, "sequence": sequence, "accounts": accounts, "compared": compared, "held": held,
                "findings": findings,
            }))?;
            return Ok(answer);
        }
        if clean {
            output.line(&output.paint(
                Style::Good,
                "The books balance, and say what the contract says.",
            ))?;
        } else {
            output.line(&output.paint(Style::Bad, "The books are not in order:"))?;
            for finding in &findings {
                output.line(&format!("  {finding}"))?;
            }
        }
        let held = unit(&server).await.show_text(&held);
        output.line(&format!(
            "{accounts} accounts, {compared} compared with the chain; the contract holds {held}"
        ))?;
        Ok(answer)
    }
}

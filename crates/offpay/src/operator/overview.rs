//! `offpay operator overview`

use anyhow::Result;
use clap::Args;
use offpay_api::admin_overview::Overview as Told;

use super::desk::Desk;
use crate::{
    cli::Answer,
    clock,
    money::{Unit, coins},
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  offpay operator overview --server https://pay.example --token-file admin.token"
)]
pub(super) struct Overview {
    #[command(flatten)]
    desk: Desk,
}

impl Overview {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let told: Told = self.desk.open()?.get("admin/overview").await?;
        if json {
            output.json(&told)?;
        } else {
            print(output, &told)?;
        }
        Ok(Answer::Yes)
    }
}

fn print(output: &Output, told: &Told) -> Result<()> {
    let token = told.token.as_ref();
    let unit = Unit::told(token.map(|token| (token.symbol.clone(), token.decimals)));
    let line = |name: &str, style: Style, text: &str| {
        output.line(&format!("  {name:<14}{}", output.paint(style, text)))
    };
    let good = |is_good: bool| if is_good { Style::Good } else { Style::Bad };
    output.line(&output.paint(
        Style::Bold,
        &format!("OffPay {} on {}", told.version, told.database),
    ))?;
    let ill: Vec<&str> = told
        .parts
        .iter()
        .filter(|(_, well)| !**well)
        .map(|(part, _)| part.as_str())
        .collect();
    let parts = if ill.is_empty() {
        "all parts are well".to_owned()
    } else {
        format!("not well: {}", ill.join(", "))
    };
    line("health", good(ill.is_empty()), &parts)?;
    let chain = told.chain.map_or_else(
        || "not followed yet".to_owned(),
        |chain| {
            format!(
                "block {} ({}), final up to {}",
                chain.head,
                clock::distance(told.now, chain.head_time),
                chain.finalized
            )
        },
    );
    line("chain", good(told.chain.is_some()), &chain)?;
    let owed = format!(
        "{} to {} payees, {} not on its way",
        unit.show_text(&told.owed),
        told.pairs,
        unit.show_text(&told.unsent)
    );
    line("owed", Style::Accent, &owed)?;
    let safe = told.unprotected == "0" && told.defaults == 0;
    let risk = format!(
        "{} cannot be settled as things are; {} in default",
        unit.show_text(&told.unprotected),
        told.defaults
    );
    line("at risk", good(safe), &risk)?;
    let stuck = match told.stuck {
        0 => "none is stuck".to_owned(),
        many => format!("{many} stuck"),
    };
    line("transactions", good(told.stuck == 0), &stuck)?;
    let money = told.gas_money.as_deref();
    let gas = format!(
        "{} spent in 30 days, {} left in {}",
        coins(&told.gas_spent),
        money.map_or_else(|| "?".to_owned(), coins),
        told.sender
    );
    line("gas", good(money.is_some_and(|money| money != "0")), &gas)?;
    let users = format!(
        "{} ({} hosted, {} frozen), {} payments cleared",
        told.users, told.hosted, told.frozen, told.payments
    );
    line("users", Style::Accent, &users)?;
    let keys = match told.keys_to_rotate {
        0 => "all data keys are under the current master key".to_owned(),
        left => {
            format!("{left} data keys are under an older master key: offpay operator keys rotate")
        }
    };
    line("keys", good(told.keys_to_rotate == 0), &keys)?;
    Ok(())
}

//! `offpay wallet make-good`

use anyhow::{Result, bail};
use clap::Args;
use offpay_chain::Contract;
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};
use serde_json::json;

use super::{
    confirm::confirm,
    nodes::Nodes,
    session::{OpenWallet, Session},
    verdict::row,
};
use crate::{
    cli::Answer,
    clock,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "A default that is made good within the settlement period costs no collateral. After it, the payee is still paid, \
    and what is left of the pledge is lost.\nIt works for the purses of a lost device as well: whom they owe is read on the chain.\n\n\
    Examples:\n  offpay wallet make-good\n  offpay wallet make-good 0x5B38…ddC4 --yes"
)]
pub(super) struct MakeGood {
    /// The purse; all of the account's if it is left out.
    purse: Option<PurseKey>,
    /// The most to pay out of the balance for each purse, if more is presented until then; what is owed now if it is
    /// left out.
    #[arg(long, value_name = "AMOUNT")]
    max: Option<String>,
    /// The block to look from: nothing happened before the contract was deployed.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    from_block: u64,
    /// Do not ask whether that is right.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    nodes: Nodes,
}

/// What a purse owes, and to whom.
struct Debt {
    purse: PurseKey,
    owed: Vec<(AccountId, Amount)>,
    /// When making good begins to cost the pledge.
    until: Timestamp,
}

impl Debt {
    /// What it owes in all.
    fn total(&self) -> Result<Amount> {
        total(self.owed.iter().map(|(_, owed)| *owed))
    }
}

impl MakeGood {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.unlocked()?;
        let token = wallet.state().deployment().token.clone();
        let max = self
            .max
            .as_deref()
            .map(|typed| token.parse(typed))
            .transpose()?;
        let online = self.nodes.connect(wallet.state()).await?;
        let sender = self.nodes.owner(session, &mut wallet)?;
        let (contract, output) = (&online.contract, session.output);
        output.progress("Looking through the chain …");
        let debts = self.debts(contract, sender.account()).await?;
        if debts.is_empty() {
            return nothing(session);
        }
        let balance = contract.account(sender.account()).await?.balance;
        let totals: Vec<Amount> = debts.iter().map(Debt::total).collect::<Result<_>>()?;
        let all = total(totals.iter().copied())?;
        if !session.json() {
            let now = contract.node().block_time().await?;
            for debt in &debts {
                tell(output, &wallet, debt, now)?;
            }
        }
        if balance < all {
            bail!(
                "{} are owed, and the balance is {}: deposit the rest first",
                token.show(all),
                token.show(balance)
            );
        }
        let question = format!("Pay {} out of the balance?", token.show(all));
        confirm(session, &question, self.yes)?;
        output.progress("Sending …");
        let mut paid = Vec::new();
        for (debt, owed) in debts.iter().zip(totals) {
            let payees = debt.owed.iter().map(|(payee, _)| *payee);
            let most = max.unwrap_or(owed);
            let mined = contract
                .make_good(debt.purse, payees, most)
                .send(&sender)
                .await?;
            paid.push((debt.purse, mined));
        }
        let balance = contract.account(sender.account()).await?.balance;
        if session.json() {
            let purses: Vec<_> = paid
                .iter()
                .map(|(purse, mined)| {
                    let payees: Vec<_> = mined
                        .outcome
                        .iter()
                        .map(|made| json!({ "payee": made.payee, "amount": made.amount, "paid": made.paid }))
                        .collect();
                    json!({ "purse": purse, "payees": payees, "transaction": mined.tx })
                })
                .collect();
            output.json(&json!({ "madeGood": purses, "balance": balance }))?;
            return Ok(Answer::Yes);
        }
        let made = paid
            .iter()
            .flat_map(|(_, mined)| &mined.outcome)
            .map(|made| made.amount);
        let said = format!(
            "Made good: {} are paid; the balance is {}",
            token.show(total(made)?),
            token.show(balance)
        );
        output.line(&output.paint(Style::Good, &said))?;
        Ok(Answer::Yes)
    }

    async fn debts(&self, contract: &Contract, owner: AccountId) -> Result<Vec<Debt>> {
        let purses = match self.purse {
            Some(purse) => vec![purse],
            None => contract.purses_of(owner, self.from_block).await?,
        };
        let mut debts = Vec::new();
        for purse in purses {
            debts.extend(self.debt(contract, owner, purse).await?);
        }
        Ok(debts)
    }

    async fn debt(
        &self,
        contract: &Contract,
        owner: AccountId,
        purse: PurseKey,
    ) -> Result<Option<Debt>> {
        let Some(state) = contract.purse(purse).await? else {
            bail!("no such purse was ever opened");
        };
        if state.closed || state.pairs_in_default == 0 {
            return Ok(None);
        }
        if state.owner != owner {
            bail!("the purse belongs to {}", state.owner);
        }
        let (mut owed, mut first) = (Vec::new(), None::<Timestamp>);
        for payee in contract.payees_defaulted(purse, self.from_block).await? {
            let pair = contract.pair(purse, payee).await?;
            if let Some(since) = pair.in_default_since {
                owed.push((payee, pair.presented.saturating_sub(pair.paid)));
                first = Some(first.map_or(since, |first| first.min(since)));
            }
        }
        if u64::try_from(owed.len()).is_ok_and(|found| found < state.pairs_in_default) {
            bail!(
                "{} payees of purse {purse} are in default, and {} were found: look from an earlier block",
                state.pairs_in_default,
                owed.len()
            );
        }
        let period = contract.configuration().parameters.settlement_period;
        Ok(first.map(|since| Debt {
            purse,
            owed,
            until: since.saturating_add(period),
        }))
    }
}

fn nothing(session: &Session<'_>) -> Result<Answer> {
    if session.json() {
        session.output.json(&json!({ "madeGood": [] }))?;
    } else {
        session
            .output
            .line("No purse owes anything: there is nothing to make good.")?;
    }
    Ok(Answer::Yes)
}

/// Whom a purse owes, and until when paying it costs nothing more.
fn tell(output: &Output, wallet: &OpenWallet, debt: &Debt, now: Timestamp) -> Result<()> {
    let state = wallet.state();
    output.line(&output.paint(Style::Bold, &format!("purse {} owes", debt.purse)))?;
    for (payee, owed) in &debt.owed {
        let contact = state.records().contacts.get(payee);
        let name = contact.map_or(String::new(), |contact| format!(" ({})", contact.name));
        let owed = state.deployment().token.show(*owed);
        output.line(&format!("  {payee}{name}  {owed}"))?;
    }
    if now >= debt.until {
        let said = "The settlement period is over: the payees are paid, and the pledge is lost.";
        return Ok(output.line(&output.paint(Style::Bad, said))?);
    }
    let (until, distance) = (clock::show(debt.until), clock::distance(now, debt.until));
    row(output, "make good by", &format!("{until} ({distance})"))
}

fn total(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount> {
    let sum = amounts
        .into_iter()
        .try_fold(Amount::ZERO, Amount::checked_add);
    sum.ok_or_else(|| anyhow::anyhow!("that is more than there can be"))
}

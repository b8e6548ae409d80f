//! Whether the books balance and agree with the chain.

use futures_util::future::try_join_all;
use offpay_api::audit::AuditReport;
use offpay_chain::{BlockId, ChainError, Contract};
use offpay_operator::{
    ledger::{LedgerAccount, Totals},
    storage::{AuditedPage, ChainStorage as _, LedgerStorage as _},
};
use offpay_protocol::Amount;

use super::{books, token};
use crate::{App, problem::Refused};

/// So many questions are put to the node at once.
const AT_ONCE: usize = 16;

/// How often the books are read anew because the chain moved on.
const MOST_TRIES: usize = 20;

/// Audits the books: do they balance, do the kept totals agree with the movements (when it begins: without `after`), and
/// do the first accounts after `after` say what the contract says in the same block.
///
/// # Errors
///
/// The database or the chain cannot be asked.
pub async fn audit(
    app: &App,
    after: Option<LedgerAccount>,
    limit: u32,
) -> Result<AuditReport, Refused> {
    books::enter_new(app).await?;
    let mut findings = Vec::new();
    let mut counted = None;
    if after.is_none() {
        let (kept, all, _) = app.database.ledger_books().await?;
        let wrong = kept.compare(&all).into_iter().chain(all.audit());
        findings.extend(wrong.map(|imbalance| imbalance.to_string()));
        counted = Some(all.accounts().count());
    }
    let page = current_page(app, after, limit).await?;
    let full = u32::try_from(page.accounts.len()).is_ok_and(|length| length >= limit);
    let last = page.accounts.last().map(|(account, _)| account.to_string());
    let mut compared = 0;
    match page.head.filter(|_| page.is_current) {
        Some(head) => {
            let contract = app.contract.at(BlockId::from(head.hash));
            compared = compare(app, &contract, &page.accounts, &mut findings).await?;
        }
        None => {
            findings.push("the chain moved on meanwhile: not compared, audit again".to_owned());
        }
    }
    let totals = app
        .database
        .ledger_totals(&[LedgerAccount::Outside])
        .await?;
    let held = totals.first().copied().unwrap_or_default().owed();
    if after.is_none() {
        // Tokens that somebody sent to the contract by mistake are nobody's, and in no books.
        let tokens = token(app).balance(app.contract.address()).await?;
        if held.is_none_or(|held| tokens < alloy_primitives::U256::from(held.get())) {
            findings.push(format!("the contract has only {tokens} tokens"));
        }
    }
    let sequence = app.database.ledger_cursor().await?;
    Ok(AuditReport {
        clean: findings.is_empty(),
        sequence: sequence.to_string(),
        accounts: count(counted.unwrap_or(page.accounts.len())),
        compared: count(compared),
        held: held.map_or_else(|| "?".to_owned(), |held| held.to_string()),
        findings,
        next: last.filter(|_| full),
    })
}

/// Accounts of the books at a moment at which they hold all that the chain has told.
async fn current_page(
    app: &App,
    after: Option<LedgerAccount>,
    limit: u32,
) -> Result<AuditedPage, Refused> {
    let mut page = app.database.ledger_page(after, limit).await?;
    for _ in 0..MOST_TRIES {
        if page.is_current {
            break;
        }
        books::enter_new(app).await?;
        page = app.database.ledger_page(after, limit).await?;
    }
    Ok(page)
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

async fn compare(
    app: &App,
    contract: &Contract,
    accounts: &[(LedgerAccount, Totals)],
    findings: &mut Vec<String>,
) -> Result<usize, Refused> {
    let mut compared: usize = 0;
    for some in accounts.chunks(AT_ONCE) {
        let asked = some
            .iter()
            .map(|(account, _)| on_chain(app, contract, *account));
        for ((account, totals), there) in some.iter().zip(try_join_all(asked).await?) {
            let Some(there) = there else {
                continue;
            };
            compared = compared.saturating_add(1);
            let here = totals.balance();
            if here != Some(there) {
                let here = here.map_or_else(|| "below zero".to_owned(), |here| here.to_string());
                findings.push(format!(
                    "{account} is {here} by the books and {there} on-chain"
                ));
            }
        }
    }
    Ok(compared)
}

/// What the contract says of an account of the books; `None` for what the contract does not know.
async fn on_chain(
    app: &App,
    contract: &Contract,
    account: LedgerAccount,
) -> Result<Option<Amount>, Refused> {
    let found: Result<Amount, ChainError> = match account {
        LedgerAccount::Balance(owner) => contract.account(owner).await.map(|state| state.balance),
        LedgerAccount::Collateral(owner) => contract
            .account(owner)
            .await
            .map(|state| state.collateral.saturating_sub(state.pledged)),
        LedgerAccount::Purse(key) => contract
            .purse(key)
            .await
            .map(|purse| purse.map_or(Amount::ZERO, |purse| purse.rest())),
        LedgerAccount::Pledge(key) => contract.purse(key).await.map(|purse| {
            purse.map_or(Amount::ZERO, |purse| {
                purse.pledge.saturating_sub(purse.paid_from_collateral)
            })
        }),
        LedgerAccount::Channel(id) => {
            let one_way = app
                .database
                .channel(id)
                .await?
                .is_some_and(|channel| channel.terms.is_one_way());
            contract.channel(id).await.map(|channel| {
                channel.map_or(Amount::ZERO, |channel| {
                    let deposits = channel.deposit_a.checked_add(channel.deposit_b);
                    let left = deposits.unwrap_or(Amount::MAX);
                    // What a two-way channel's vouchers moved leaves it when it closes.
                    match (channel.closed, one_way) {
                        (true, _) => Amount::ZERO,
                        (false, true) => left.saturating_sub(channel.from_a),
                        (false, false) => left,
                    }
                })
            })
        }
        LedgerAccount::Outside
        | LedgerAccount::Promised(_)
        | LedgerAccount::Claimed(_)
        | LedgerAccount::Vouched(..)
        | LedgerAccount::Due(..) => return Ok(None),
    };
    Ok(Some(found?))
}

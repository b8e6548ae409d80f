//! Whether the books balance and agree with the chain.

use offpay_api::audit::AuditReport;
use offpay_chain::{BlockId, ChainError, Contract};
use offpay_operator::{
    ledger::{Books, LedgerAccount},
    storage::{ChainStorage as _, FollowerStorage as _, LedgerStorage as _},
};
use offpay_protocol::Amount;

use super::{books, token};
use crate::{App, problem::Refused};

/// The most accounts that one audit compares with the chain.
const MOST: usize = 5_000;

/// Audits the books: do they balance, do the kept totals agree with the movements, and do they say what the contract
/// says in the same block.
///
/// # Errors
///
/// The database or the chain cannot be asked.
pub async fn audit(app: &App) -> Result<AuditReport, Refused> {
    books::enter_new(app).await?;
    let (kept, counted, sequence) = app.database.ledger_books().await?;
    let mut findings: Vec<String> = kept
        .compare(&counted)
        .into_iter()
        .chain(counted.audit())
        .map(|imbalance| imbalance.to_string())
        .collect();
    let compared = match app.database.chain_cursor().await? {
        // What was told after the books were read would be compared with older books.
        Some(cursor)
            if app
                .database
                .chain_entries_after(sequence, 1)
                .await?
                .is_empty() =>
        {
            let contract = app.contract.at(BlockId::from(cursor.head.hash));
            compare(app, &contract, &counted, &mut findings).await?
        }
        _ => {
            findings.push("the chain moved on meanwhile: not compared, audit again".to_owned());
            0
        }
    };
    let held = counted.totals(LedgerAccount::Outside).owed();
    Ok(AuditReport {
        clean: findings.is_empty(),
        sequence: sequence.to_string(),
        accounts: count(counted.accounts().count()),
        compared: count(compared),
        held: held.map_or_else(|| "?".to_owned(), |held| held.to_string()),
        findings,
    })
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

async fn compare(
    app: &App,
    contract: &Contract,
    books: &Books,
    findings: &mut Vec<String>,
) -> Result<usize, Refused> {
    let mut compared: usize = 0;
    for (account, totals) in books.accounts().take(MOST) {
        let Some(there) = on_chain(app, contract, account).await? else {
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
    // Tokens that somebody sent to the contract by mistake are nobody's, and in no books.
    let tokens = token(app).balance(app.contract.address()).await?;
    let held = books.totals(LedgerAccount::Outside).owed();
    if held.is_none_or(|held| tokens < alloy_primitives::U256::from(held.get())) {
        findings.push(format!("the contract has only {tokens} tokens"));
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

//! Rows are held against the chain before they are sent: what would do nothing is left out, and harms no other.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use offpay_chain::{
    Contract,
    batch::{Batch, PackedBatch},
};
use offpay_operator::{
    event::{Audience, NewEvent},
    outbox::{NewTransaction, Purpose},
    settlement::{RowState, Verdict, judge},
    storage::{OpenDebt, Row, SettlementStorage},
};
use offpay_protocol::{AccountId, PurseKey, Seconds, Signed, Timestamp, messages::Payment};
use serde_json::json;

use super::SettlementError;
use crate::{App, config::outbox::seconds};

/// How long a debt that is paid, but not for good, is left alone.
const UNTIL_FINAL_S: u64 = 60;

/// What the chain says, asked once in a turn.
pub(super) struct Checked<'a> {
    app: &'a App,
    contract: &'a Contract,
    head: Timestamp,
    now: Timestamp,
    purses: BTreeMap<PurseKey, Option<offpay_chain::contract::Purse>>,
}

impl<'a> Checked<'a> {
    pub(super) const fn new(
        app: &'a App,
        contract: &'a Contract,
        head: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            app,
            contract,
            head,
            now,
            purses: BTreeMap::new(),
        }
    }

    async fn state(
        &mut self,
        purse: PurseKey,
        payee: AccountId,
    ) -> Result<Option<RowState>, SettlementError> {
        let known = match self.purses.get(&purse) {
            Some(known) => *known,
            None => {
                let known = self.contract.purse(purse).await?;
                self.purses.insert(purse, known);
                known
            }
        };
        let Some(known) = known else {
            return Ok(None);
        };
        let pair = self.contract.pair(purse, payee).await?;
        Ok(Some(RowState {
            funds: known.funds,
            spent: known.paid,
            is_closed: known.closed,
            paid: pair.paid,
            presented: pair.presented,
            in_default_since: pair.in_default_since,
        }))
    }
}

/// Puts these debts into one transaction, as far as each would do something.
pub(super) async fn settle(
    checked: &mut Checked<'_>,
    debts: &[&OpenDebt],
    deadline: Timestamp,
) -> Result<(), SettlementError> {
    let app = checked.app;
    let domain = *app.contract.domain();
    let period = app.contract.configuration().parameters.settlement_period;
    let mut payments: Vec<Signed<Payment>> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for debt in debts {
        let row = (debt.purse, debt.payee, debt.cumulative);
        let stored = app.database.presentable(debt.purse, debt.payment).await?;
        let Some((message, signature)) = stored else {
            aside(
                checked,
                row,
                "no_payment",
                seconds(app.config.settlement.aside_s),
            )
            .await?;
            continue;
        };
        let state = checked.state(debt.purse, debt.payee).await?;
        match judge(&message, state.as_ref(), period, checked.head) {
            Verdict::Settle => {
                payments.push(Signed {
                    domain,
                    message,
                    signature,
                });
                rows.push(row);
            }
            Verdict::Claim => {
                claim(checked, row, state.and_then(|state| state.in_default_since)).await?;
            }
            other => {
                let (why, time) = patience(checked, other);
                aside(checked, row, why, time).await?;
            }
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let one_payee = rows
        .iter()
        .all(|(_, payee, _)| Some(*payee) == rows.first().map(|row| row.1));
    let batch = match PackedBatch::pack(&payments) {
        Ok(packed) if one_payee && rows.len() > 1 => Batch::Packed(packed),
        _ => Batch::Mixed(payments),
    };
    let transaction = NewTransaction {
        work: format!("settle:{}", name(&rows)),
        purpose: Purpose::Settle,
        to: app.contract.address().into_array(),
        calldata: app.contract.settle_batch(&batch)?.calldata().to_vec(),
        deadline: Some(deadline),
    };
    let number = app
        .database
        .record_settling(&rows, &transaction, app.now())
        .await?;
    tracing::info!(
        number,
        rows = rows.len(),
        work = transaction.work,
        "payments are settled"
    );
    Ok(())
}

/// Names the work: the same rows are the same work, in whatever order.
fn name(rows: &[Row]) -> String {
    let mut sorted = rows.to_vec();
    sorted.sort_unstable();
    let mut bytes = Vec::with_capacity(rows.len().saturating_mul(56));
    for (purse, payee, cumulative) in sorted {
        bytes.extend(purse.address());
        bytes.extend(payee.address());
        bytes.extend(cumulative.get().to_be_bytes());
    }
    alloy_primitives::hex::encode(keccak256(bytes))
}

/// The settlement period is over: what is reserved is claimed.
async fn claim(
    checked: &Checked<'_>,
    row: Row,
    since: Option<Timestamp>,
) -> Result<(), SettlementError> {
    let app = checked.app;
    let (purse, payee, _) = row;
    let since = since.unwrap_or(Timestamp::ZERO).get();
    let transaction = NewTransaction {
        work: format!("claim:{purse}:{payee}:{since}"),
        purpose: Purpose::Claim,
        to: app.contract.address().into_array(),
        calldata: app
            .contract
            .settle_after_settlement_period(purse, payee)
            .calldata()
            .to_vec(),
        // Nothing runs away: the reservation stands. But the purse cannot be closed before.
        deadline: None,
    };
    let number = app
        .database
        .record_settling(&[row], &transaction, app.now())
        .await?;
    tracing::info!(number, %purse, %payee, "a default is claimed");
    Ok(())
}

/// Why a debt is left alone, and for how long.
fn patience(checked: &Checked<'_>, verdict: Verdict) -> (&'static str, Seconds) {
    let aside = seconds(checked.app.config.settlement.aside_s);
    match verdict {
        Verdict::Settle | Verdict::Claim | Verdict::Paid => ("paid", seconds(UNTIL_FINAL_S)),
        // In the chain's time, which may be ahead of this server's; then it is looked at again at once.
        Verdict::InDefault(until) => ("in_default", until.since(checked.head)),
        Verdict::NoPurse => ("no_purse", aside),
        Verdict::BeyondFunds => ("beyond_funds", aside),
        Verdict::Closed => ("closed", Seconds::DAY),
        Verdict::Resolved => ("resolved", Seconds::DAY),
    }
}

async fn aside(
    checked: &Checked<'_>,
    row: Row,
    why: &'static str,
    time: Seconds,
) -> Result<(), SettlementError> {
    let (purse, payee, cumulative) = row;
    let events = match why {
        "paid" => Vec::new(),
        _ => vec![NewEvent {
            audience: Audience::Operator,
            kind: "debt.at_risk",
            body: json!({ "purse": purse, "payee": payee, "cumulative": cumulative, "why": why }),
        }],
    };
    // A second more: the contract's periods end after their last second.
    let until = checked.now.saturating_add(time).saturating_add(seconds(1));
    let app = checked.app;
    let is_news = app
        .database
        .put_aside(row, why, until, &events, app.now())
        .await?;
    if is_news && why != "paid" {
        tracing::warn!(%purse, %payee, why, "a debt cannot be settled as things are");
    }
    if why == "paid" {
        super::done::record_paid(app, purse, payee).await?;
    }
    Ok(())
}

//! The faucet of a test network: the operator's own test tokens, deposited for a user at once.

use std::time::Duration;

use alloy_primitives::U256;
use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    hosted::{NewOperation, Operation, OperationId, OperationKind},
    outbox::{NewTransaction, Purpose, TransactionState},
    storage::{OperationStorage as _, OutboxStorage as _},
};
use offpay_protocol::{AccountId, Amount, Seconds};
use serde_json::json;
use uuid::Uuid;

use super::{operation::refused, token};
use crate::{App, problem::Refused};

/// How many gifts are minted at once: each minting is a transaction of its own.
const GIFTS: u128 = 1_000;

/// How long a first gift waits for the faucet to be filled.
const FILLING: Duration = Duration::from_secs(20);

/// What the faucet gives at once; nothing if there is none.
fn gift(app: &App) -> Option<Amount> {
    app.keys.token_owner.as_ref()?;
    let standard = || {
        let healthy = app.contract.configuration().parameters.healthy_collateral;
        healthy.get().checked_mul(20).and_then(Amount::new)
    };
    app.config
        .money
        .faucet_amount
        .or_else(standard)
        .filter(|amount| !amount.is_zero())
}

/// Fills the faucet before the first user comes. What fails here is tried again when one does.
pub(super) async fn prepare(app: &App) {
    if let Some(gift) = gift(app)
        && let Err(Refused(problem)) = fill(app, gift).await
    {
        tracing::warn!(code = problem.code.name(), "the faucet is not filled yet");
    }
}

/// Gives a user test tokens, as balance. The caller holds the user's lock.
pub(crate) async fn give(
    app: &App,
    user: UserId,
    account: AccountId,
    amount: Option<Amount>,
) -> Result<Operation, Refused> {
    let most = gift(app)
        .ok_or_else(|| Problem::new(Code::NoFaucet, "this operator gives no tokens away"))?;
    let amount = amount.unwrap_or(most);
    if amount.is_zero() || amount > most {
        let detail = format!("the faucet gives 1 to {most} base units at once");
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    check_limit(app, user).await?;
    fill(app, most).await?;
    let deposits = app.contract.deposit_for(account, amount);
    deposits
        .check(app.keys.gas.address())
        .await
        .map_err(refused)?;
    let id = OperationId(Uuid::now_v7());
    let asked = NewOperation {
        id,
        user,
        kind: OperationKind::Faucet,
        account,
        amount,
        fee: Amount::ZERO,
        spends_balance: Amount::ZERO,
        spends_collateral: Amount::ZERO,
        details: json!({}),
        // The operator signs this one itself: nobody can send it later.
        void_after: app.now(),
    };
    let transaction = NewTransaction {
        work: format!("faucet:{id}"),
        purpose: Purpose::Faucet,
        to: app.contract.address().into_array(),
        calldata: deposits.calldata().to_vec(),
        deadline: None,
    };
    let operation = app
        .database
        .start_operation(&asked, &transaction, None, app.now())
        .await?;
    app.outbox.wake();
    Ok(operation)
}

async fn check_limit(app: &App, user: UserId) -> Result<(), Refused> {
    let limit = app.config.money.faucet_per_day;
    let since = app.now().saturating_sub(Seconds::DAY);
    let newest = app.database.operations(user, None, 500).await?;
    let given = newest
        .iter()
        .filter(|one| one.asked.kind == OperationKind::Faucet && one.created_at > since)
        .count();
    if u32::try_from(given).unwrap_or(u32::MAX) < limit {
        return Ok(());
    }
    let detail = format!("the faucet gives {limit} times in 24 hours");
    Err(Problem::new(Code::FaucetLimit, detail).into())
}

/// Sees to it that the operator has test tokens to give, and that the contract may take them.
async fn fill(app: &App, gift: Amount) -> Result<(), Refused> {
    let _one = app.money.0.faucet.lock().await;
    let (token, giver, contract) = (token(app), app.keys.gas.address(), app.contract.address());
    let low = U256::from(gift.get()).saturating_mul(U256::from(10));
    if token.balance(giver).await? < low
        && let Some(owner) = &app.keys.token_owner
    {
        let stock = gift.get().checked_mul(GIFTS).and_then(Amount::new);
        // Test tokens: minting them twice after a crash harms nobody.
        token
            .mint(owner, giver, stock.unwrap_or(gift))
            .await?;
    }
    if token.allowance(giver, contract).await? < low {
        let approve = NewTransaction {
            work: format!("faucet-approval:{}:{}", token.address(), contract),
            purpose: Purpose::Faucet,
            to: token.address().into_array(),
            calldata: offpay_chain::Token::approve_calldata(contract, U256::MAX).to_vec(),
            deadline: None,
        };
        let numbers = app
            .database
            .append_transactions(&[approve], app.now())
            .await?;
        let number = numbers.first().copied().unwrap_or_default();
        let mined = app.outbox.wait(number, TransactionState::Mined);
        match tokio::time::timeout(FILLING, mined).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(code = error.code(), %error, "the faucet is not filled");
                return Err(Problem::new(Code::Unavailable, "the faucet is being filled").into());
            }
            Err(_) => {
                return Err(Problem::new(Code::Unavailable, "the faucet is being filled").into());
            }
        }
    }
    Ok(())
}

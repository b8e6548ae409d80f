//! The faucet of a test network: the operator's own test tokens, deposited for a user at once.

use std::time::Duration;

use alloy_primitives::{Address, Bytes, U256};
use offpay_api::{Code, Problem};
use offpay_chain::Token;
use offpay_operator::{
    UserId,
    hosted::{NewOperation, Operation, OperationId, OperationKind},
    outbox::{NewTransaction, Purpose, TransactionState},
    storage::{OperationStorage as _, OutboxStorage as _},
};
use offpay_protocol::{Amount, Seconds};
use serde_json::json;
use uuid::Uuid;

use super::{operation::refused, token};
use crate::{App, auth::Caller, problem::Refused};

/// How many gifts are minted at once: each minting is a transaction of its own.
const GIFTS: u128 = 1_000;

/// How long a first gift waits for the faucet to be filled.
const FILLING: Duration = Duration::from_secs(20);

/// Who gives, and how much at once; nothing if there is no faucet.
fn gift(app: &App) -> Option<(Address, Amount)> {
    let giver = app.keys.token_owner.as_ref()?.address();
    let standard = || {
        let healthy = app.contract.configuration().parameters.healthy_collateral;
        healthy.get().checked_mul(20).and_then(Amount::new)
    };
    app.config
        .money
        .faucet_amount
        .or_else(standard)
        .filter(|amount| !amount.is_zero())
        .map(|amount| (giver, amount))
}

/// Fills the faucet before the first user comes. What fails here is tried again when one does.
pub(super) async fn prepare(app: &App) {
    if let Some((giver, gift)) = gift(app)
        && let Err(Refused(problem)) = fill(app, giver, gift).await
    {
        tracing::warn!(code = problem.code.name(), "the faucet is not filled yet");
    }
}

/// Gives a user test tokens, as balance. The caller holds the user's lock.
pub(crate) async fn give(
    app: &App,
    caller: &Caller,
    amount: Option<Amount>,
) -> Result<Operation, Refused> {
    let (giver, most) = gift(app)
        .ok_or_else(|| Problem::new(Code::NoFaucet, "this operator gives no tokens away"))?;
    let amount = amount.unwrap_or(most);
    if amount.is_zero() || amount > most {
        let detail = format!("the faucet gives 1 to {most} base units at once");
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    check_limit(app, caller.user).await?;
    fill(app, giver, most).await?;
    let deposits = app.contract.deposit_for(caller.account, amount);
    deposits.check(giver).await.map_err(refused)?;
    let id = OperationId(Uuid::now_v7());
    let asked = NewOperation {
        id,
        user: caller.user,
        kind: OperationKind::Faucet,
        account: caller.account,
        amount,
        fee: Amount::ZERO,
        spends_balance: Amount::ZERO,
        spends_collateral: Amount::ZERO,
        details: json!({}),
        // The operator signs this one itself: nobody can send it later.
        void_after: app.now(),
        once: caller.once.map(|key| key.0),
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

/// Sees to it that there are test tokens to give, and that the contract may take them from their owner, who sends
/// what is for the faucet.
async fn fill(app: &App, giver: Address, gift: Amount) -> Result<(), Refused> {
    let _one = app.money.0.faucet.lock().await;
    let (token, contract) = (token(app), app.contract.address());
    let low = U256::from(gift.get()).saturating_mul(U256::from(10));
    let mut needed = Vec::new();
    let transaction = |work: String, calldata: &Bytes| NewTransaction {
        work,
        purpose: Purpose::Faucet,
        to: token.address().into_array(),
        calldata: calldata.to_vec(),
        deadline: None,
    };
    if token.balance(giver).await? < low {
        let stock = gift.get().checked_mul(GIFTS).and_then(Amount::new);
        let mints = Token::mint_calldata(giver, stock.unwrap_or(gift));
        // Test tokens: making them twice after a crash harms nobody.
        needed.push(transaction(
            format!("faucet-stock:{}", Uuid::now_v7()),
            &mints,
        ));
    }
    if token.allowance(giver, contract).await? < low {
        let allows = Token::approve_calldata(contract, U256::MAX);
        needed.push(transaction(
            format!("faucet-allowance:{}", Uuid::now_v7()),
            &allows,
        ));
    }
    if needed.is_empty() {
        return Ok(());
    }
    let numbers = app.database.append_transactions(&needed, app.now()).await?;
    for number in numbers {
        let mined = app.outbox.wait(number, TransactionState::Mined);
        let mined = tokio::time::timeout(FILLING, mined).await;
        let done = matches!(&mined, Ok(Ok(one)) if one.state != TransactionState::Failed);
        if !done {
            return Err(Problem::new(Code::Unavailable, "the faucet is being filled").into());
        }
    }
    Ok(())
}

//! The watchtower at work: channels that were handed over and are closing get their answers.

use std::time::Duration;

use offpay_chain::{ChainError, Contract, contract::VoucherClaim};
use offpay_operator::{
    outbox::{NewTransaction, Purpose},
    storage::{ChainStorage as _, OutboxStorage as _, StorageError, WatchStorage as _},
    watch::{Answer, Watched},
};
use offpay_protocol::{Timestamp, channel::Side};
use offpay_store::Database;

use crate::{App, config::outbox::seconds};

/// After how long an answer that failed is tried again.
const AGAIN_S: u64 = 60;

/// Why a closing channel was not answered at the moment.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The database did not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A voucher is of another deployment. It is not taken, so this is never seen.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Answers closing channels until the server stops: whenever the followed chain moves.
pub async fn run(app: App) {
    let mut moved = app.chain.subscribe();
    while !app.stop.is_cancelled() {
        if let Some(head) = app.chain.time()
            && let Err(error) = answer(&app.database, &app.contract, head, app.now()).await
        {
            tracing::error!(%error, "closing channels are not answered at the moment");
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            _ = moved.changed() => {}
            // After an error, and for the first look.
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
        }
    }
}

/// Puts into the outbox what closing channels are to be answered with. `head` is the chain's time.
///
/// # Errors
///
/// [`WatchError`]; it is to be done again.
pub async fn answer(
    database: &Database,
    contract: &Contract,
    head: Timestamp,
    now: Timestamp,
) -> Result<(), WatchError> {
    let mut transactions = Vec::new();
    for watched in database.watched_closing().await? {
        let Some(state) = database.channel(watched.channel).await? else {
            continue;
        };
        for answer in watched.answers(&state, head) {
            transactions.push(NewTransaction {
                deadline: state.closes_at,
                ..transaction(contract, &watched, &answer)?
            });
        }
    }
    if !transactions.is_empty() {
        // What failed is tried again: a node that refused it may have been behind, or something else has changed.
        let before = now.saturating_sub(seconds(AGAIN_S));
        database.append_again(&transactions, before, now).await?;
    }
    Ok(())
}

fn transaction(
    contract: &Contract,
    watched: &Watched,
    answer: &Answer,
) -> Result<NewTransaction, ChainError> {
    let terms = watched.terms;
    let (what, purpose, calldata) = match answer {
        Answer::Claim(voucher) => {
            let claim = VoucherClaim {
                terms,
                voucher: *voucher,
            };
            (
                format!("claim:{}", voucher.message.cumulative.get()),
                Purpose::Voucher,
                contract.claim_voucher(&claim)?.calldata().to_vec(),
            )
        }
        Answer::Present(side, voucher) => {
            let side = match side {
                Side::A => "a",
                Side::B => "b",
            };
            (
                format!("{side}:{}", voucher.message.cumulative.get()),
                Purpose::Voucher,
                contract
                    .present_voucher(&terms, voucher)?
                    .calldata()
                    .to_vec(),
            )
        }
        Answer::Finalize => (
            "finalize".to_owned(),
            Purpose::Close,
            contract.finalize_channel(&terms).calldata().to_vec(),
        ),
    };
    Ok(NewTransaction {
        work: format!("watch:{}:{what}", watched.channel),
        purpose,
        to: contract.address().into_array(),
        calldata,
        deadline: None,
    })
}

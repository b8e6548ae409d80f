//! Following the chain: one or two nodes are asked, what they say is compared, and blocks are applied, made final and
//! taken back as `offpay_operator::follower` decides.

mod alarms;
mod catch_up;
mod error;
mod handle;
mod heard;
mod sources;
mod step;

use std::time::Duration;

pub use error::FollowError;
pub use handle::FollowedChain;
pub use step::{Follower, Progress};

use offpay_chain::Deployment;
use offpay_store::Database;

use crate::{App, Config};

/// The longest wait between two looks while something is wrong.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The guard at the start: every node that answers has the right chain and the right contract, and the database is of
/// that contract. That no node answers is no reason not to start.
///
/// # Errors
///
/// [`FollowError`].
pub async fn check(
    database: &Database,
    config: &Config,
    deployment: &Deployment,
) -> Result<(), FollowError> {
    let chain = FollowedChain::default();
    let mut follower = Follower::new(database.clone(), config, deployment.clone(), chain);
    match follower.check().await {
        Err(error) if error.is_retryable() => Ok(()),
        checked => checked,
    }
}

/// Follows the chain until the server stops.
pub async fn run(app: App) {
    let mut follower = Follower::new(
        app.database.clone(),
        &app.config,
        app.deployment.clone(),
        app.chain.clone(),
    );
    let poll = Duration::from_millis(app.config.follow.poll_ms.max(1));
    let mut wait = poll;
    while !app.stop.is_cancelled() {
        match follower.step(app.now()).await {
            // There is more: go on at once.
            Ok(Progress::More) => wait = Duration::ZERO,
            Ok(Progress::CaughtUp) => wait = poll,
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "the chain is not followed at the moment");
                wait = (wait.max(poll) * 2).min(LONGEST_WAIT.max(poll));
            }
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

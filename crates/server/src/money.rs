//! Money of hosted users: what they ask of the chain, what their purses sign, and the books.
//!
//! What moves money is stored before anybody sees it: an operation together with the transaction that does it, a signed
//! payment before it is cleared. [`run`] takes up what a crash left.

mod audit;
mod available;
mod books;
pub(crate) mod channel;
mod circle;
mod deposit;
mod faucet;
mod follow;
mod locks;
mod manage;
mod operation;
mod pay;
mod purse;
mod views;

use std::{sync::Arc, time::Duration};

use offpay_api::account::TokenView;
use offpay_chain::{ChainError, Token};
use offpay_operator::UserId;
use offpay_protocol::{AccountId, ChannelId, PurseKey};
use tokio::sync::{Mutex, OnceCell};

use crate::{App, loops::wait};
use locks::Locks;

pub use audit::audit;
pub(crate) use available::available;
pub(crate) use circle::{CircleAdmin, operators_circle};
pub(crate) use deposit::{permitted_deposit, waiting_tokens};
pub(crate) use faucet::give;
pub(crate) use manage::{hosted, manage, may_manage};
pub(crate) use operation::{
    Actor, Beside, Plan, add, chain_now, check_limits, random_bytes, send, short, start,
};
pub(crate) use pay::{Asked, paid_before, pay};
pub(crate) use purse::{Wanted, open_call, owned};
pub(crate) use views::{is_received, operation_view, payment_view, purse_view};

/// How often the loop looks for what is to be done.
const PAUSE: Duration = Duration::from_millis(200);

/// What handling money needs in memory; clones share it. Nothing in it has to survive.
#[derive(Clone, Debug, Default)]
pub struct Money(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    users: Locks<UserId>,
    purses: Locks<PurseKey>,
    channels: Locks<ChannelId>,
    token: OnceCell<TokenView>,
    faucet: Mutex<()>,
}

impl Money {
    /// One operation of a user is decided after the other, so that no two count on the same money.
    pub(crate) async fn user(&self, user: UserId) -> tokio::sync::OwnedMutexGuard<()> {
        self.0.users.lock(user).await
    }

    /// One payment of a purse is signed after the other. The database holds it too; this saves trying again.
    pub(crate) async fn purse(&self, purse: PurseKey) -> tokio::sync::OwnedMutexGuard<()> {
        self.0.purses.lock(purse).await
    }

    /// What is signed in a channel is signed one after the other, at both of its ends. Taken before a user's lock.
    pub(crate) async fn channel(&self, channel: ChannelId) -> tokio::sync::OwnedMutexGuard<()> {
        self.0.channels.lock(channel).await
    }

    /// The token, as it describes itself.
    pub(crate) async fn token(&self, app: &App) -> Result<&TokenView, ChainError> {
        let ask = || async {
            let token = token(app);
            let (symbol, decimals) = tokio::try_join!(token.symbol(), token.decimals())?;
            Ok(TokenView {
                address: AccountId::new(token.address()),
                symbol,
                decimals,
            })
        };
        self.0.token.get_or_try_init(ask).await
    }
}

/// The contract's token.
pub(crate) fn token(app: &App) -> Token {
    Token::new(app.contract.node(), app.contract.configuration().token)
}

/// Works what the chain tells into the books, follows operations, and clears what was signed and not cleared.
pub async fn run(app: App) {
    faucet::prepare(&app).await;
    let mut failures: u32 = 0;
    loop {
        let done = async {
            books::enter_new(&app).await?;
            follow::operations(&app).await?;
            pay::resume(&app).await
        };
        match done.await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::warn!(code = error.code(), %error, failures, "hosted money waits");
            }
        }
        let pause = PAUSE.saturating_mul(1 << failures.min(7));
        if wait(&app, pause).await {
            return;
        }
    }
}

//! Signing in with a wallet of one's own (EIP-4361). The server never has that key.

use offpay_api::{Code, Problem, sessions::SignInWithWallet};
use offpay_operator::{
    UserId,
    identity::{Custody, User},
    storage::identity::{GuessStorage as _, NewUser, Registered, UserStorage as _},
};
use offpay_protocol::{AccountId, Signature};
use serde_json::json;
use siwe::Message;
use time::OffsetDateTime;
use uuid::Uuid;

use super::events::told;
use crate::{App, problem::Refused};

/// A message is a dozen lines.
const LONGEST: usize = 4096;

fn refused(why: &'static str) -> Refused {
    Problem::new(Code::SignInRefused, why).into()
}

/// Host and port, as the message's first line has it.
pub(crate) fn domain(app: &App) -> String {
    let origin = app.config.http.origin();
    match origin.split_once("://") {
        Some((_, domain)) => domain.to_owned(),
        None => origin,
    }
}

/// Whose message it is. Its nonce is used up.
pub(crate) async fn signer(app: &App, request: &SignInWithWallet) -> Result<AccountId, Refused> {
    if request.message.len() > LONGEST {
        return Err(refused("the message is too long"));
    }
    let message: Message = request
        .message
        .parse()
        .map_err(|_| refused("that is no EIP-4361 message"))?;
    let now = app.now();
    let seconds = i64::try_from(now.get()).unwrap_or(i64::MAX);
    let time =
        OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| refused("the clock is wrong"))?;
    if message.domain.as_str() != domain(app)
        || message.uri.as_str().trim_end_matches('/') != app.config.http.origin()
    {
        return Err(refused("the message is for another site"));
    }
    if message.chain_id != app.contract.domain().chain_id() {
        return Err(refused("the message is for another chain"));
    }
    if !message.valid_at(&time) {
        return Err(refused("the message is not valid now"));
    }
    let used = "the nonce is over, was used, or is not of this server";
    let over = app
        .accounts
        .wallet_nonces
        .check(&message.nonce, now)
        .ok_or_else(|| refused(used))?;
    let wrong = "the signature is not by the address that the message names";
    let signature = alloy_primitives::hex::decode(&request.signature)
        .ok()
        .and_then(|bytes| Signature::from_slice(&bytes).ok())
        .ok_or_else(|| refused(wrong))?;
    let digest = message.eip191_hash().map_err(|_| refused(wrong))?;
    let signer = signature
        .recover(digest.into())
        .map_err(|_| refused(wrong))?;
    if signer.0.0 != message.address {
        return Err(refused(wrong));
    }
    // Last, so that nobody can use up a nonce without having signed it.
    if !app.database.use_nonce(&message.nonce, over).await? {
        return Err(refused(used));
    }
    Ok(AccountId::new(signer))
}

/// The user with that account, who is registered at the first time.
pub(crate) async fn user_of(app: &App, account: AccountId) -> Result<User, Refused> {
    if let Some(user) = app.database.user_by_account(account).await? {
        return known(user);
    }
    if !app.config.accounts.registration {
        return Err(
            Problem::new(Code::RegistrationClosed, "ask the operator for an account").into(),
        );
    }
    let id = UserId(Uuid::new_v4());
    let (_, data_key) = app.vault.new_data_key(id).await?;
    let new = NewUser {
        id,
        handle: None,
        account,
        custody: Custody::Own,
        data_key,
        secrets: Vec::new(),
        recovery_codes: Vec::new(),
        session: None,
    };
    let event = told(id, "account.registered", json!({ "account": account }));
    // Taken: another request of the same wallet was faster.
    let _: Registered = app.database.register(&new, &[event], app.now()).await?;
    let user = app.database.user_by_account(account).await?;
    user.map_or_else(|| Err(refused("the account is gone")), known)
}

fn known(user: User) -> Result<User, Refused> {
    if user.deleted_at.is_some() || user.custody != Custody::Own {
        return Err(refused("this account does not sign in with a wallet"));
    }
    Ok(user)
}

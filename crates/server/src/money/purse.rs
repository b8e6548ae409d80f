//! Purses of hosted users.

use alloy_primitives::Bytes;
use offpay_api::{Code, Problem};
use offpay_chain::{ChainError, contract::PurseTerms};
use offpay_operator::{
    hosted::{HostedPurse, Keeper, NewPurse},
    storage::{ChainStorage as _, HostedPurseStorage as _},
};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Signable as _, Signature, messages::PurseOpening,
};

use super::operators_circle;
use crate::{App, auth::Caller, problem::Refused, vault::KeyName};

/// A purse's terms as they were asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) funds: Amount,
    pub(crate) pledge: Amount,
    pub(crate) cover_count: Option<u16>,
    pub(crate) circle: Option<Circle>,
}

/// The call that opens a purse, and the purse to store with it. Without a consent of a phone's key, the vault makes
/// a device key and consents with it.
pub(crate) async fn open_call(
    app: &App,
    caller: &Caller,
    wanted: Wanted,
    phone: Option<(PurseKey, Signature)>,
) -> Result<(Bytes, NewPurse), Refused> {
    let cover_count = wanted.cover_count.unwrap_or(app.config.money.cover_count);
    if cover_count == 0 || cover_count == u16::MAX || wanted.pledge.is_zero() {
        let detail = "a purse has a pledge, and 1 to 65534 covers";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let opening = PurseOpening {
        owner: caller.account,
    };
    let domain = *app.contract.domain();
    let (key, consent, keeper) = match phone {
        Some((key, consent)) => {
            let signer = opening.recover(&domain, &consent).ok();
            if signer != Some(key) {
                let detail = "the signature is not PurseKey(owner) by the purse's own key";
                return Err(Problem::new(Code::InvalidRequest, detail).into());
            }
            (key, consent, Keeper::Phone)
        }
        None => {
            let key = app
                .vault
                .new_purse_key(caller.user, app.shards.are_several(), app.now())
                .await?;
            let consent = app
                .vault
                .sign_with(caller.user, KeyName::Purse(key), |key| {
                    opening.sign(&domain, key)
                })
                .await?
                .map_err(ChainError::from)?;
            (key, consent, Keeper::Server)
        }
    };
    let terms = PurseTerms {
        key,
        funds: wanted.funds,
        pledge: wanted.pledge,
        cover_count,
        circle: wanted.circle.unwrap_or_else(|| operators_circle(app)),
    };
    let call = app.contract.open_purse(&terms, &consent);
    let purse = NewPurse {
        purse: key,
        user: caller.user,
        account: caller.account,
        keeper,
    };
    Ok((call.calldata().clone(), purse))
}

/// The caller's own purse of that key; as this server keeps it, if it does.
pub(crate) async fn owned(
    app: &App,
    account: AccountId,
    key: PurseKey,
) -> Result<Option<HostedPurse>, Refused> {
    let hosted = app.database.hosted_purse(key).await?;
    let known = app.database.purse(key).await?;
    let owner = known
        .map(|known| known.owner)
        .or_else(|| hosted.map(|hosted| hosted.made.account));
    if owner == Some(account) {
        Ok(hosted)
    } else {
        Err(Problem::new(Code::NotFound, "you have no such purse").into())
    }
}

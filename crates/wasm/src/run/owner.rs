//! What the owner decides.

use offpay_protocol::{AccountId, Circle, OperatorId, PurseKey, wire::Code};
use offpay_wallet::settings::Settings;
use serde_json::{Value, json};

use super::{Answer, OpenWallet, codes, token};
use crate::{
    engine::Moment,
    failure::{Failure, failures},
};

pub(super) fn trust(wallet: &mut OpenWallet, text: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let Code::Operator(card) = codes::parse(text, &token)? else {
        return Err(Failure::new(
            "not_an_operator",
            "This code is not an operator's card.",
        ));
    };
    wallet
        .trust_operator(&card, at.now)
        .map_err(failures!(&token))?;
    Ok(json!({ "operator": card.operator, "name": card.name }))
}

pub(super) fn forget(wallet: &mut OpenWallet, operator: OperatorId, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .forget_operator(operator, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn join(wallet: &mut OpenWallet, circle: Circle, name: String, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .join_circle(circle, name, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn leave(wallet: &mut OpenWallet, circle: Circle, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .leave_circle(circle, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn save(
    wallet: &mut OpenWallet,
    account: AccountId,
    name: String,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    wallet
        .save_contact(account, name, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn settings(wallet: &mut OpenWallet, settings: Settings, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .change_settings(settings, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn retire(wallet: &mut OpenWallet, purse: PurseKey, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .retire_purse(purse, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

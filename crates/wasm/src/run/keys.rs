//! Keys: phrase, PIN, lock, backup.

use std::rc::Rc;

use offpay_protocol::Amount;
use offpay_wallet::{
    Deployment, Token, Wallet,
    keys::{KdfCost, Password, PhraseLength, RecoveryPhrase},
    records::Records,
    settings::Settings,
    wallet::{NewIdentity, NewWalletOrder},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, token};
use crate::{
    engine::{Engine, Moment},
    failure::{Failure, failures},
    journal::Journal,
};

/// Key errors say nothing of amounts.
fn no_token() -> Token {
    Token {
        symbol: String::new(),
        decimals: 0,
    }
}

pub(super) fn new_phrase(at: &Moment) -> Answer {
    let phrase = RecoveryPhrase::generate(PhraseLength::Twelve, &at.entropy)
        .map_err(failures!(&no_token()))?;
    let words: Vec<&str> = phrase.words().collect();
    Ok(json!({ "words": words }))
}

pub(super) fn check_phrase(typed: &str) -> Answer {
    let key = RecoveryPhrase::parse(typed)
        .and_then(|phrase| phrase.owner_key(""))
        .map_err(failures!(&no_token()))?;
    Ok(json!({ "account": key.address() }))
}

impl Engine {
    pub(super) fn create(
        &mut self,
        deployment: Deployment,
        name: String,
        phrase: &str,
        pin: &str,
        at: &Moment,
    ) -> Answer {
        if self.wallet.is_some() {
            return Err(Failure::new(
                "wallet_exists",
                "There is a wallet here already.",
            ));
        }
        let token = deployment.token.clone();
        let unit = Amount::parse_units("1", token.decimals).map_err(Failure::malformed)?;
        let key = RecoveryPhrase::parse(phrase)
            .and_then(|phrase| phrase.owner_key(""))
            .map_err(failures!(&token))?;
        let order = NewWalletOrder {
            deployment,
            identity: NewIdentity::Owner(key),
            name,
            settings: Settings::cautious(unit),
            cost: KdfCost::STANDARD,
        };
        let journal = Journal::new(Records::default(), Rc::clone(&self.outbox));
        let wallet = Wallet::create(journal, order, &Password::new(pin), &at.entropy, at.now)
            .map_err(failures!(&token))?;
        let account = wallet.state().account();
        self.wallet = Some(wallet);
        Ok(json!({ "account": account }))
    }
}

pub(super) fn unlock(wallet: &mut OpenWallet, pin: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .unlock(&Password::new(pin), at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn lock(wallet: &mut OpenWallet) -> Value {
    wallet.lock();
    Value::Null
}

pub(super) fn change_pin(wallet: &mut OpenWallet, old: &str, new: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let (old, new) = (Password::new(old), Password::new(new));
    wallet
        .change_password(&old, &new, KdfCost::STANDARD, &at.entropy, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn backup(wallet: &mut OpenWallet, password: &str, at: &Moment) -> Answer {
    let token = token(wallet);
    let made = wallet
        .backup(
            &Password::new(password),
            KdfCost::STANDARD,
            &at.entropy,
            at.now,
        )
        .map_err(failures!(&token))?;
    Ok(json!({ "backup": alloy_primitives::hex::encode_prefixed(&*made) }))
}

pub(super) fn restore_backup(
    wallet: &mut OpenWallet,
    backup: &[u8],
    password: &str,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let count = wallet
        .restore_backup(backup, &Password::new(password), at.now)
        .map_err(failures!(&token))?;
    Ok(json!({ "received": count.received, "made": count.made, "backedUpAt": count.backed_up_at }))
}

//! Keys: phrase, PIN, lock, backup, signing in.

use std::rc::Rc;

use alloy_primitives::Address;
use offpay_protocol::{AccountId, Amount};
use offpay_wallet::{
    Deployment, Token, Wallet,
    keys::{KdfCost, Password, PhraseLength, RecoveryPhrase},
    records::Records,
    settings::Settings,
    sign_in::Site,
    wallet::{NewIdentity, NewWalletOrder},
};
use serde_json::{Value, json};

use super::{Answer, OpenWallet, token};
use crate::{
    command::Secret,
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
        .and_then(|phrase| phrase.owner_key())
        .map_err(failures!(&no_token()))?;
    Ok(json!({ "account": key.address() }))
}

/// Whether an address was typed right.
pub(super) fn check_address(typed: &str) -> Value {
    let digits = typed.strip_prefix("0x").unwrap_or_default();
    let has = |kind: fn(&char) -> bool| digits.chars().any(|digit| kind(&digit));
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    let sound = if mixed {
        Address::parse_checksummed(typed, None).is_ok()
    } else {
        typed.len() == 42
            && typed
                .parse::<Address>()
                .is_ok_and(|address| !address.is_zero())
    };
    json!({ "isSound": sound })
}

/// Whose wallet is to be made: of the account that a phrase brings back, or of one whose key is kept elsewhere.
pub(super) fn identity(
    phrase: Option<&Secret>,
    account: Option<AccountId>,
) -> Result<NewIdentity, Failure> {
    match (phrase, account) {
        (Some(phrase), None) => {
            let key = RecoveryPhrase::parse(phrase)
                .and_then(|phrase| phrase.owner_key())
                .map_err(failures!(&no_token()))?;
            Ok(NewIdentity::Owner(key))
        }
        (None, Some(account)) => Ok(NewIdentity::OwnerElsewhere(account)),
        _ => Err(Failure::malformed("either a phrase or an account")),
    }
}

/// Signs in to an operator's server.
pub(super) fn sign_in(wallet: &mut OpenWallet, site: &Site, at: &Moment) -> Answer {
    let token = token(wallet);
    let signed = wallet.sign_in(site, at.now).map_err(failures!(&token))?;
    let signature = alloy_primitives::hex::encode_prefixed(signed.signature.to_bytes());
    Ok(json!({ "message": signed.message, "signature": signature }))
}

impl Engine {
    pub(super) fn create(
        &mut self,
        deployment: Deployment,
        name: String,
        identity: NewIdentity,
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
        let order = NewWalletOrder {
            deployment,
            identity,
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

//! Passkeys: another way than the PIN to open the wallet.

use alloy_primitives::{B256, Bytes, hex};
use offpay_wallet::keys::{PasskeySecret, Password};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Answer, OpenWallet, token};
use crate::{
    command::Secret,
    engine::Moment,
    failure::{Failure, failures},
};

/// What the authenticator gave, 32 bytes in hex.
fn secret(text: &Secret) -> Result<PasskeySecret, Failure> {
    let mut output = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(text.as_bytes(), output.as_mut_slice())
        .map_err(|_| Failure::malformed("a passkey gives 32 bytes"))?;
    Ok(PasskeySecret::new(output))
}

pub(super) fn unlock(
    wallet: &mut OpenWallet,
    credential: &Bytes,
    given: &Secret,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    wallet
        .unlock_with_passkey(credential, &secret(given)?, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn add(
    wallet: &mut OpenWallet,
    pin: &Secret,
    (credential, salt): (Bytes, B256),
    given: &Secret,
    at: &Moment,
) -> Answer {
    let token = token(wallet);
    let pin = Password::new(pin.as_str());
    wallet
        .add_passkey(&pin, credential, salt, &secret(given)?, &at.entropy, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

pub(super) fn forget(wallet: &mut OpenWallet, credential: &Bytes, at: &Moment) -> Answer {
    let token = token(wallet);
    wallet
        .forget_passkey(credential, at.now)
        .map_err(failures!(&token))?;
    Ok(Value::Null)
}

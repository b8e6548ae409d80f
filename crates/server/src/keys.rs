//! The operator's keys, read from where the configuration says.

use std::sync::Arc;

use offpay_chain::Sender;
use offpay_protocol::{SigningKey, Timestamp};
use zeroize::Zeroizing;

use crate::config::{Invalid, KeysSection, Secret};

/// The operator's keys. Nothing of this is ever shown.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs certificates, clearances and revocations.
    pub operator: Arc<SigningKey>,
    /// The key that signs next, and from when on.
    pub operator_next: Option<(Timestamp, Arc<SigningKey>)>,
    /// Sends transactions and pays for their gas.
    pub gas: Sender,
    /// Administers the operator's circle, which has its address.
    pub circle: Arc<SigningKey>,
    /// Owns a test network's token.
    pub token_owner: Option<Sender>,
}

impl Keys {
    /// Which of them are missing or are no key, all at once.
    pub(crate) fn wrong(section: &KeysSection) -> Vec<Invalid> {
        let needed = ["keys.operator", "keys.gas"];
        let keys = [
            ("keys.operator", &section.operator),
            ("keys.operator_next", &section.operator_next),
            ("keys.gas", &section.gas),
            ("keys.circle", &section.circle),
            ("keys.token_owner", &section.token_owner),
        ];
        let wrong = keys
            .into_iter()
            .filter_map(|(setting, secret)| match secret {
                Some(secret) => key(setting, secret).err(),
                None => needed
                    .contains(&setting)
                    .then(|| Invalid::new(setting, "is missing")),
            });
        wrong.collect()
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`Invalid`] names the first that is missing or is no key.
    pub fn read(section: &KeysSection) -> Result<Self, Invalid> {
        let needed = |setting, secret: &Option<Secret>| match secret {
            Some(secret) => key(setting, secret),
            None => Err(Invalid::new(setting, "is missing")),
        };
        let operator = Arc::new(needed("keys.operator", &section.operator)?);
        let operator_next = match (&section.operator_next, section.operator_next_from) {
            (None, None) => None,
            (Some(secret), Some(from)) => Some(next(&operator, secret, from)?),
            (Some(_), None) => {
                return Err(Invalid::new(
                    "keys.operator_next_from",
                    "is missing: from when on the next key signs, in seconds since 1970",
                ));
            }
            (None, Some(_)) => {
                return Err(Invalid::new("keys.operator_next", "is missing"));
            }
        };
        let circle = match &section.circle {
            Some(secret) => Arc::new(key("keys.circle", secret)?),
            None => Arc::clone(&operator),
        };
        Ok(Self {
            operator,
            operator_next,
            gas: Sender::new(needed("keys.gas", &section.gas)?),
            circle,
            token_owner: match &section.token_owner {
                Some(secret) => Some(Sender::new(key("keys.token_owner", secret)?)),
                None => None,
            },
        })
    }
}

fn next(
    present: &SigningKey,
    secret: &Secret,
    from: u64,
) -> Result<(Timestamp, Arc<SigningKey>), Invalid> {
    let next = key("keys.operator_next", secret)?;
    if next.address() == present.address() {
        let reason =
            "is the present key: once the next one took over, name it as keys.operator alone";
        return Err(Invalid::new("keys.operator_next", reason));
    }
    let from = Timestamp::new(from).ok_or_else(|| {
        Invalid::new(
            "keys.operator_next_from",
            "is no time in seconds since 1970",
        )
    })?;
    Ok((from, Arc::new(next)))
}

fn key(setting: &'static str, secret: &Secret) -> Result<SigningKey, Invalid> {
    let text = secret
        .read()
        .map_err(|error| Invalid::new(setting, error.to_string()))?;
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let mut bytes = Zeroizing::new([0; 32]);
    // Its error would repeat a character of the key.
    alloy_primitives::hex::decode_to_slice(digits, bytes.as_mut_slice())
        .map_err(|_| Invalid::new(setting, "is not 64 hex digits"))?;
    SigningKey::from_bytes(&bytes)
        .map_err(|_| Invalid::new(setting, "is no key of this curve: it is zero, or too large"))
}

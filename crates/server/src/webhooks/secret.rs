//! What deliveries are signed with, in the form of Standard Webhooks 1.0.0 (`v1`: HMAC-SHA256).

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use offpay_api::SecretText;
use offpay_operator::webhook::WebhookId;
use offpay_protocol::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::vault::VaultError;

/// The bytes of a secret.
const LENGTH: usize = 32;
/// A secret and the time until which it counts.
const ENTRY: usize = LENGTH + 8;
/// The most secrets that a webhook has at once: the newest, and older ones whose time is not over.
const MOST: usize = 3;

/// Under what name a webhook's secrets are in the vault.
pub(crate) fn purpose(webhook: WebhookId) -> String {
    format!("webhook/{webhook}")
}

/// A webhook's secrets, newest first, as they are sealed. Overwritten when dropped; not printable.
pub(crate) struct SecretFile(Zeroizing<Vec<u8>>);

impl SecretFile {
    /// One new secret.
    pub(crate) fn new() -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(ENTRY));
        push_new(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// What was sealed.
    pub(crate) fn open(bytes: Zeroizing<Vec<u8>>) -> Result<Self, VaultError> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(ENTRY) {
            return Err(VaultError::Altered);
        }
        Ok(Self(bytes))
    }

    /// What is to be sealed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same with a new secret in front. The one before counts until `until` at the latest, those before it as long
    /// as they did, or until then.
    pub(crate) fn rotated(&self, now: Timestamp, until: Timestamp) -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(ENTRY * MOST));
        push_new(&mut bytes)?;
        let counting = self.entries().filter(|(_, end)| now.get() < *end);
        for (secret, end) in counting.take(MOST - 1) {
            let end = end.min(until.get());
            if now.get() < end {
                bytes.extend_from_slice(secret);
                bytes.extend_from_slice(&end.to_be_bytes());
            }
        }
        Ok(Self(bytes))
    }

    /// Until when older secrets than the newest count.
    pub(crate) fn old_until(&self) -> Option<Timestamp> {
        let end = self.entries().skip(1).map(|(_, end)| end).max()?;
        Timestamp::new(end)
    }

    /// The newest, as its owner is shown it.
    pub(crate) fn newest(&self) -> SecretText {
        let mut text = "whsec_".to_owned();
        // Room for all of it at once: growing would leave copies behind.
        text.reserve_exact(BASE64.encode_len(LENGTH));
        if let Some((secret, _)) = self.entries().next() {
            BASE64.encode_append(secret, &mut text);
        }
        SecretText::new(text)
    }

    /// The header: a signature with each secret that counts.
    pub(crate) fn sign(&self, now: Timestamp, id: &str, timestamp: &str, body: &[u8]) -> String {
        let signatures: Vec<_> = self
            .entries()
            .filter(|(_, end)| now.get() < *end)
            .map(|(secret, _)| signature(secret, id, timestamp, body))
            .collect();
        signatures.join(" ")
    }

    fn entries(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.0.chunks_exact(ENTRY).filter_map(|entry| {
            let (secret, end) = entry.split_last_chunk::<8>()?;
            Some((secret, u64::from_be_bytes(*end)))
        })
    }
}

fn push_new(bytes: &mut Vec<u8>) -> Result<(), VaultError> {
    let mut secret = Zeroizing::new([0; LENGTH]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| VaultError::Entropy)?;
    bytes.extend_from_slice(secret.as_slice());
    bytes.extend_from_slice(&u64::MAX.to_be_bytes());
    Ok(())
}

fn mac(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    // A key of any length is taken.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// A signature as the header has it.
pub fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let mac = mac(secret, id, timestamp, body);
    let code = mac.map(|mac| mac.finalize().into_bytes());
    format!("v1,{}", BASE64.encode(code.as_deref().unwrap_or_default()))
}

/// Whether one of a header's signatures is by this secret (`whsec_…`): what a receiver does, in constant time.
pub fn verify(secret: &str, header: &str, id: &str, timestamp: &str, body: &[u8]) -> bool {
    let Some(secret) = secret
        .strip_prefix("whsec_")
        .and_then(|text| BASE64.decode(text.as_bytes()).ok())
    else {
        return false;
    };
    header.split(' ').any(|signature| {
        let code = signature
            .strip_prefix("v1,")
            .and_then(|text| BASE64.decode(text.as_bytes()).ok());
        match (code, mac(&secret, id, timestamp, body)) {
            (Some(code), Some(mac)) => mac.verify_slice(&code).is_ok(),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    /// The example of the specification's own libraries.
    #[test]
    fn the_signature_is_the_standards() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, timestamp) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330");
        let body = br#"{"test": 2432232314}"#;
        let header = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(verify(secret, header, id, timestamp, body));
        let key = BASE64.decode(&secret.as_bytes()[6..]).unwrap();
        assert_eq!(signature(&key, id, timestamp, body), header);
        assert!(!verify(secret, header, id, "1614265331", body));
        assert!(!verify(secret, header, "msg_other", timestamp, body));
        assert!(!verify(secret, header, id, timestamp, b"{}"));
        assert!(!verify("whsec_AAAA", header, id, timestamp, body));
        assert!(!verify(secret, "v1,", id, timestamp, body));
        assert!(!verify(secret, "v1,AAAA nonsense", id, timestamp, body));
    }

    #[test]
    fn older_secrets_count_until_their_time() {
        let first = SecretFile::new().unwrap();
        let second = first.rotated(at(100), at(200)).unwrap();
        let third = second.rotated(at(150), at(500)).unwrap();
        let signed = |file: &SecretFile, now| file.sign(at(now), "msg_1", "5", b"{}");
        let by = |file: &SecretFile, header: &str| {
            verify(file.newest().expose(), header, "msg_1", "5", b"{}")
        };
        let header = signed(&third, 160);
        assert!(by(&first, &header) && by(&second, &header) && by(&third, &header));
        let header = signed(&third, 200);
        assert!(!by(&first, &header) && by(&second, &header) && by(&third, &header));
        let header = signed(&third, 500);
        assert!(!by(&second, &header) && by(&third, &header));
        assert_eq!(third.old_until(), Some(at(500)));

        let at_once = third.rotated(at(160), at(160)).unwrap();
        assert!(!by(&third, &signed(&at_once, 160)));
        assert_eq!(at_once.old_until(), None);

        let mut many = first;
        for _ in 0..10 {
            many = many.rotated(at(100), at(200)).unwrap();
        }
        assert_eq!(many.bytes().len(), ENTRY * MOST);
        assert!(SecretFile::open(Zeroizing::new(vec![0; ENTRY + 1])).is_err());
    }
}

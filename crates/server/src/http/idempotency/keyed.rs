//! What is stored of a request and its answer: nothing that can be read without the client's key.

use alloy_primitives::Keccak256;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, request, response},
    response::Response,
};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce, aead::Aead as _};
use offpay_operator::storage::idempotency::{KeptAnswer, KeyedRequest};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// A request under its key, and the key that seals its answer.
pub(super) struct Keyed {
    pub(super) request: KeyedRequest,
    seal: Zeroizing<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Each part is preceded by its length, so that no two lists of parts are alike.
fn hash(purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in [purpose.as_bytes()].iter().chain(parts) {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().0
}

impl Keyed {
    pub(super) fn new(who: &[u8], key: &[u8], parts: &request::Parts, body: &[u8]) -> Self {
        let target = parts
            .uri
            .path_and_query()
            .map_or("", axum::http::uri::PathAndQuery::as_str)
            .as_bytes();
        let all = [who, key, parts.method.as_str().as_bytes(), target, body];
        Self {
            request: KeyedRequest {
                key: hash("offpay idempotency key", &[who, key]),
                request: hash("offpay idempotent request", &all),
            },
            seal: Zeroizing::new(hash("offpay idempotent answer", &all)),
        }
    }

    /// Nothing if the answer is not text, or there is no entropy.
    pub(super) fn seal(&self, parts: &response::Parts, body: &[u8]) -> Option<KeptAnswer> {
        let headers = parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let kept = Kept {
            status: parts.status.as_u16(),
            headers,
            body: std::str::from_utf8(body).ok()?.to_owned(),
        };
        let text = Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), text.as_slice())
            .ok()?;
        Some(KeptAnswer {
            sealed: [nonce.as_slice(), &sealed].concat(),
        })
    }

    pub(super) fn open(&self, answer: &KeptAnswer) -> Option<Response> {
        let (nonce, sealed) = answer.sealed.split_first_chunk::<NONCE>()?;
        let text = self.cipher().decrypt(&XNonce::from(*nonce), sealed).ok()?;
        let kept: Kept = serde_json::from_slice(&Zeroizing::new(text)).ok()?;
        let mut response = Response::new(Body::from(kept.body));
        *response.status_mut() = StatusCode::from_u16(kept.status).ok()?;
        for (name, value) in kept.headers {
            response.headers_mut().append(
                HeaderName::try_from(name).ok()?,
                HeaderValue::try_from(value).ok()?,
            );
        }
        Some(response)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.seal).into())
    }
}

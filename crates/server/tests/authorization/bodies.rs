//! A body for each endpoint that takes one: right in form, so that what is refused is the caller.

use alloy_primitives::hex;
use offpay_protocol::SigningKey;
use serde_json::{Value, json};

use crate::table::Row;

const ADDRESS: &str = "0x00000000000000000000000000000000000000aa";
const WORD: &str = "0x00000000000000000000000000000000000000000000000000000000000000aa";

/// The path with its parameters filled in, by names of things that nobody has; but for the circle, if one is given.
pub(crate) fn path(row: &Row, circle: Option<&str>) -> String {
    let parts = row.path.split('/').map(|part| match part {
        "{circle}" => circle.unwrap_or(ADDRESS),
        "{user}" | "{token}" | "{session}" | "{passkey}" | "{webhook}" | "{delivery}" => {
            "01890000-0000-7000-8000-000000000000"
        }
        "{id}" if row.path.starts_with("/v1/payments") => WORD,
        "{id}" => "01890000-0000-7000-8000-000000000000",
        "{number}" => "1",
        "{what}" => "ledger",
        "{purse}" | "{account}" | "{address}" => ADDRESS,
        "{channel}" | "{payment}" => WORD,
        other => {
            assert!(!other.contains('{'), "fill in {other}");
            other
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A body; none where none is taken.
pub(crate) fn body(row: &Row, now: u64) -> Option<Value> {
    let signature = || {
        let key = SigningKey::from_bytes(&[9; 32]).unwrap();
        let signed = key.sign(alloy_primitives::B256::repeat_byte(1)).unwrap();
        hex::encode_prefixed(signed.to_bytes())
    };
    let terms = json!({ "funds": "1", "pledge": "1", "cover_count": 1 });
    let body = match (row.method.as_str(), row.path.as_str()) {
        ("GET" | "DELETE", _) => return None,
        (_, "/v1/access-tokens") => {
            json!({ "name": "books", "scopes": ["read"], "expires_at": now + 60 })
        }
        (_, path) if path.starts_with("/v1/admin/") => json!({ "reason": "a test" }),
        (_, "/v1/channels") => json!({ "with": ADDRESS, "deposit": "1" }),
        (_, "/v1/channels/accept") => json!({ "terms": "OP1:" }),
        (_, "/v1/channels/{channel}/funds" | "/v1/channels/{channel}/pay") => {
            json!({ "amount": "1" })
        }
        (_, "/v1/circles/{circle}/members") => json!({ "account": ADDRESS }),
        (_, "/v1/collateral") => json!({ "amount": "1" }),
        (_, "/v1/passkeys") => json!({ "name": "phone", "credential": {} }),
        (_, "/v1/pay") => json!({ "to": ADDRESS, "amount": "1" }),
        (_, "/v1/purses") => terms,
        (_, "/v1/purses/phone") => {
            json!({ "purse": ADDRESS, "signature": signature(), "terms": terms })
        }
        (_, "/v1/purses/{purse}/funds" | "/v1/purses/{purse}/pledge") => json!({ "amount": "1" }),
        (_, "/v1/relay") => {
            let relay = json!({ "account": ADDRESS, "calls": ["0x00"], "nonce": "1", "deadline": now + 60 });
            json!({ "relay": relay, "signature": signature() })
        }
        (_, "/v1/me/password") => {
            json!({ "current": "correct horse battery", "new": "another staple tonight" })
        }
        (_, "/v1/me/second-factor/confirmation" | "/v1/me/second-factor/end") => {
            json!({ "code": "123456" })
        }
        (_, "/v1/webhooks") => json!({ "url": "https://shop.example/offpay" }),
        (_, "/v1/addresses") => json!({ "address": ADDRESS }),
        (_, "/v1/withdrawals") => json!({ "address": ADDRESS, "amount": "1" }),
        _ => json!({}),
    };
    Some(body)
}

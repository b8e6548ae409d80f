//! What every file of the app says to browsers.

use axum::http::{HeaderName, HeaderValue, header};

/// Nothing that is not needed, and nothing from elsewhere. Workers go by the policy of their own script: so every file says
/// it. `wasm-unsafe-eval` compiles wasm and lets no text become script; `blob:` and `data:` are pictures that somebody
/// scans a code from.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
    font-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types offpay svelte-trusted-html; \
    connect-src 'self'";

const OTHERS: [(HeaderName, &str); 4] = [
    // No other page holds a reference to this one, and none loads its files.
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), screen-wake-lock=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), \
         microphone=(), geolocation=(), usb=(), midi=(), payment=(), accelerometer=(), gyroscope=(), magnetometer=()",
    ),
];

/// All of them, with the origins that the app may ask besides its own.
pub(super) fn all(origins: impl Iterator<Item = String>) -> Vec<(HeaderName, HeaderValue)> {
    let policy = origins.fold(POLICY.to_owned(), |policy, origin| {
        format!("{policy} {origin}")
    });
    let mut headers: Vec<_> = OTHERS
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    // Origins were checked: what is no header's text cannot come here, and would leave the strictest policy.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    headers
}

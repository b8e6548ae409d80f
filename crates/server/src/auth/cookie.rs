//! The session's cookie, for browsers.

use axum::http::{HeaderMap, HeaderValue, header};
use offpay_api::SecretText;

/// The prefix has browsers refuse it from subdomains, other paths and without TLS (localhost excepted).
const NAME: &str = "__Host-offpay";

/// The session in the cookie.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map(|(_, token)| token)
}

/// Whether a request comes from a page of this server, as browsers say. What says nothing is no page.
pub(super) fn is_from_our_page(headers: &HeaderMap, ours: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == ours,
        (None, None) => false,
    }
}

/// Sets the cookie. It ends with the browser; the session itself ends when it does.
pub(crate) fn session_cookie(token: &SecretText) -> Option<HeaderValue> {
    let text = format!(
        "{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict",
        token.expose()
    );
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the cookie away.
pub(crate) fn end_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-offpay=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    axum::http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn found_among_others() {
        let sent = headers(&[("cookie", "a=b; __Host-offpay=ops_x; c=d")]);
        assert_eq!(token(&sent), Some("ops_x"));
        assert_eq!(token(&headers(&[("cookie", "x__Host-offpay=y")])), None);
    }

    #[test]
    fn other_pages_are_told_apart() {
        let ours = "https://pay.example.org";
        let from = |pairs: &[_]| is_from_our_page(&headers(pairs), ours);
        assert!(from(&[("sec-fetch-site", "same-origin")]));
        assert!(!from(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://pay.example.org")
        ]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(from(&[("origin", "https://pay.example.org")]));
        assert!(!from(&[("origin", "https://pay.example.org.evil.test")]));
        assert!(!from(&[]));
    }
}

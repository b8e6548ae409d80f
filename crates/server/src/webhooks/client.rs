//! One call of a webhook.

use std::{error::Error, net::SocketAddr, sync::Arc, time::SystemTime};

use offpay_operator::webhook::{Failure, Outcome};
use offpay_protocol::Seconds;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header, redirect,
};

use super::{Target, forbidden, target::is_trusted};
use crate::config::WebhooksSection;

/// Calls users' webhooks. Clones share it.
#[derive(Clone, Debug)]
pub struct Webhooks {
    client: Client,
}

/// Why webhooks cannot be called.
#[derive(Debug, thiserror::Error)]
#[error("webhooks: {0}")]
pub struct WebhooksError(#[from] reqwest::Error);

/// What is sent.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) signature: &'a str,
    pub(super) body: Vec<u8>,
}

impl Webhooks {
    /// As it is configured.
    ///
    /// # Errors
    ///
    /// [`WebhooksError`].
    pub fn new(section: &WebhooksSection) -> Result<Self, WebhooksError> {
        let resolver = Resolver {
            trusted: section.trusted_hosts.clone().into(),
        };
        let client = Client::builder()
            .timeout(section.timeout())
            // The one place where names become addresses: what it gives is what is connected to.
            .dns_resolver(Arc::new(resolver))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            // Each call resolves and connects anew: nothing is held open, and a name that moved is followed.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("OffPay/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }

    /// Calls. Of the answer the head is read and no more: users are not told what a host of theirs says. Given with it
    /// is how long the receiver asks to be left alone.
    pub(super) async fn call(
        &self,
        target: &Target,
        message: Message<'_>,
    ) -> (Outcome, Option<Seconds>) {
        let sent = self
            .client
            .post(target.url().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body)
            .send()
            .await;
        match sent {
            Ok(response) => {
                let asked = response.headers().get(header::RETRY_AFTER);
                (
                    Outcome::Answered(response.status().as_u16()),
                    asked.and_then(|asked| retry_after(asked.to_str().ok()?, SystemTime::now())),
                )
            }
            Err(error) => (Outcome::Failed(failure(&error)), None),
        }
    }
}

/// `Retry-After`, as seconds or as a date (RFC 9110, 10.2.3).
fn retry_after(value: &str, now: SystemTime) -> Option<Seconds> {
    let value = value.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => httpdate::parse_http_date(value)
            .ok()?
            .duration_since(now)
            .ok()?
            .as_secs(),
    };
    // More than there are is the most.
    Some(Seconds::new(seconds).unwrap_or(Seconds::DAY))
}

fn failure(error: &reqwest::Error) -> Failure {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<NotResolved>() {
            return match refused {
                NotResolved::Unknown => Failure::Unresolved,
                NotResolved::Forbidden => Failure::ForbiddenAddress,
            };
        }
        source = cause.source();
    }
    if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Unreachable
    }
}

/// Resolves names, and gives no address that is not to be called.
#[derive(Clone, Debug)]
struct Resolver {
    trusted: Arc<[String]>,
}

#[derive(Debug, thiserror::Error)]
enum NotResolved {
    #[error("the name has no address")]
    Unknown,
    #[error("the name has an address that is not called")]
    Forbidden,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let trusted = Arc::clone(&self.trusted);
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| NotResolved::Unknown)?
                .collect();
            let found = check(found, is_trusted(name.as_str(), &trusted))?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// All of them, or none: who answers with a forbidden address among others is not called.
fn check(found: Vec<SocketAddr>, is_trusted: bool) -> Result<Vec<SocketAddr>, NotResolved> {
    if found.is_empty() {
        return Err(NotResolved::Unknown);
    }
    let is_forbidden = |address: &SocketAddr| forbidden(address.ip()).is_some();
    if !is_trusted && found.iter().any(is_forbidden) {
        return Err(NotResolved::Forbidden);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_says_when_in_seconds_or_as_a_date() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 06:00:00 GMT").unwrap();
        let after = |value| retry_after(value, now).map(Seconds::get);
        assert_eq!(after("120"), Some(120));
        assert_eq!(after(" 0 "), Some(0));
        assert_eq!(after("Mon, 23 Nov 2026 06:02:00 GMT"), Some(120));
        assert_eq!(after("Mon, 23 Nov 2026 05:02:00 GMT"), None, "it is over");
        for nonsense in ["", "-1", "soon", "1.5", "99999999999999999999"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
        assert!(after("18446744073709551615").unwrap() >= Seconds::DAY.get());
    }

    #[test]
    fn one_forbidden_address_is_enough() {
        let public: SocketAddr = "1.1.1.1:0".parse().unwrap();
        let inside: SocketAddr = "10.0.0.1:0".parse().unwrap();
        assert_eq!(check(vec![public], false).unwrap(), [public]);
        for found in [vec![inside], vec![public, inside], vec![inside, public]] {
            let refused = check(found.clone(), false).unwrap_err();
            assert!(matches!(refused, NotResolved::Forbidden));
            assert_eq!(check(found.clone(), true).unwrap(), found);
        }
        assert!(matches!(
            check(Vec::new(), true).unwrap_err(),
            NotResolved::Unknown
        ));
    }
}

//! How many requests one caller may send.
//!
//! Token buckets, written here because the middleware has to look into one without taking from it: whoever sends
//! credentials is counted by them, and by their address only when the credentials were wrong. So nobody escapes the limit
//! of their address by making up credentials, and those who share an address with many do not share its limit.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use alloy_primitives::keccak256;
use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use offpay_api::{Code, Problem};

use super::CallerAddress;
use crate::{App, problem::Refused};

/// So many buckets are kept. Beyond, those that are full again are dropped, which changes nothing for their callers.
const MOST: usize = 100_000;

/// These are counted apart.
pub(super) const CLEARING: [&str; 3] =
    ["/v1/payments", "/v1/payments/batch", "/v1/payments/stream"];

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    /// By address; IPv6 by the network that one customer has.
    Address(IpAddr),
    /// By address, for payments to clear: a till hands in one for each sale.
    Clearing(IpAddr),
    /// By address, for questions to the node.
    Questions(IpAddr),
    /// By the hash of what they sent to say who they are.
    Credentials([u8; 32]),
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Limits {
    buckets: Mutex<HashMap<Who, Bucket>>,
    began: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that may be sent at once.
    left: f64,
    at: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            buckets: Mutex::default(),
            began: Instant::now(),
        }
    }
}

impl Bucket {
    fn filled(self, per_minute: u32, now: Duration) -> Self {
        let gained = now.saturating_sub(self.at).as_secs_f64() * f64::from(per_minute) / 60.0;
        Self {
            left: (self.left + gained).min(f64::from(per_minute)),
            at: now,
        }
    }
}

impl Limits {
    /// Takes `count` from a bucket that holds a minute's requests; or tells how long to wait.
    fn take(&self, who: Who, per_minute: u32, count: f64, now: Duration) -> Result<(), Duration> {
        if per_minute == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| now.saturating_sub(bucket.at) < Duration::from_secs(60));
        }
        let bucket = buckets.entry(who).or_insert(Bucket {
            left: f64::from(per_minute),
            at: now,
        });
        *bucket = bucket.filled(per_minute, now);
        if bucket.left < 1.0 {
            let missing = (1.0 - bucket.left) * 60.0 / f64::from(per_minute);
            return Err(Duration::from_secs_f64(missing));
        }
        bucket.left -= count;
        Ok(())
    }
}

impl Limits {
    /// Counts what came over a stream as a request with payments to clear; waits where another would be refused.
    pub(crate) async fn pace(&self, app: &App, caller: CallerAddress) {
        let who = Who::Clearing(network(caller.0));
        let per_minute = app.config.clearing.requests_per_minute;
        while let Err(wait) = self.take(who, per_minute, 1.0, self.began.elapsed()) {
            tokio::time::sleep(wait).await;
        }
    }
}

pub(super) async fn limit<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let config = &app.config.http;
    let (per_address, per_caller) = (
        config.requests_per_minute,
        config.caller_requests_per_minute,
    );
    // It was counted by the server that took it.
    if app.shards.is_from_server(request.headers()) {
        return next(request).await;
    }
    if CLEARING.contains(&request.uri().path()) {
        return limit_clearing(app, request, next).await;
    }
    let unlimited = (per_address == 0 && per_caller == 0)
        || request.method() == Method::OPTIONS
        || matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics")
        // Files that are in memory anyway; a market's phones share an address and load them all.
        || app.web.has(request.uri().path());
    if unlimited {
        return next(request).await;
    }
    let (parts, body) = request.into_parts();
    let address = Who::Address(network(CallerAddress::of(&parts, app).0));
    let credentials = [header::AUTHORIZATION, header::COOKIE]
        .iter()
        .find_map(|name| parts.headers.get(name))
        .map(|sent| Who::Credentials(keccak256(sent.as_bytes()).0));
    let request = Request::from_parts(parts, body);
    let now = app.limits.began.elapsed();
    let taken = match credentials {
        None => app.limits.take(address, per_address, 1.0, now),
        Some(credentials) => app
            .limits
            .take(address, per_address, 0.0, now)
            .and_then(|()| app.limits.take(credentials, per_caller, 1.0, now)),
    };
    if let Err(wait) = taken {
        return refused(wait);
    }
    let response = next(request).await;
    if credentials.is_some() && response.status() == StatusCode::UNAUTHORIZED {
        // Whether it can be taken does not matter: the answer is given.
        let _ = app.limits.take(address, per_address, 1.0, now);
    }
    response
}

impl Limits {
    /// Counts questions to the node; refused is who has asked too many.
    pub(crate) fn ask(
        &self,
        from: CallerAddress,
        per_minute: u32,
        questions: u32,
    ) -> Result<(), Refused> {
        let who = Who::Questions(network(from.0));
        let now = self.began.elapsed();
        self.take(who, per_minute, f64::from(questions), now)
            .map_err(|wait| {
                let seconds = wait.as_secs().saturating_add(1);
                Problem::new(
                    Code::RateLimited,
                    "too many questions to the node: slow down",
                )
                .with(serde_json::json!({ "retry_after": seconds }))
                .into()
            })
    }
}

async fn limit_clearing<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let per_minute = app.config.clearing.requests_per_minute;
    if per_minute == 0 || request.method() == Method::OPTIONS {
        return next(request).await;
    }
    let (parts, body) = request.into_parts();
    let address = Who::Clearing(network(CallerAddress::of(&parts, app).0));
    let now = app.limits.began.elapsed();
    match app.limits.take(address, per_minute, 1.0, now) {
        Ok(()) => next(Request::from_parts(parts, body)).await,
        Err(wait) => refused(wait),
    }
}

/// One customer has an IPv4 address, or an IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    }
}

fn refused(wait: Duration) -> Response {
    metrics::counter!("offpay_http_rate_limited_total").increment(1);
    let mut response = Refused(Problem::new(
        Code::RateLimited,
        "too many requests: slow down",
    ))
    .into_response();
    let seconds = wait.as_secs().saturating_add(1);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limits = Limits::default();
        let who = Who::Address(IpAddr::from([203, 0, 113, 1]));
        let take = |now| limits.take(who, 60, 1.0, Duration::from_millis(now));
        assert_eq!((0..100).filter(|_| take(0).is_ok()).count(), 60);
        assert_eq!(take(0), Err(Duration::from_secs(1)));
        assert!(take(999).is_err());
        assert!(take(1_000).is_ok());
        assert!(take(1_000).is_err());
        let later = 10_000_000;
        assert_eq!((0..100).filter(|_| take(later).is_ok()).count(), 60);
        let other = Who::Address(IpAddr::from([203, 0, 113, 2]));
        assert!(limits.take(other, 60, 1.0, Duration::ZERO).is_ok());
    }

    #[test]
    fn looking_takes_nothing() {
        let limits = Limits::default();
        let who = Who::Credentials([1; 32]);
        for _ in 0..100 {
            assert!(limits.take(who, 1, 0.0, Duration::ZERO).is_ok());
        }
        assert!(limits.take(who, 1, 1.0, Duration::ZERO).is_ok());
        assert!(limits.take(who, 1, 0.0, Duration::ZERO).is_err());
    }

    #[test]
    fn a_customer_with_many_addresses_is_one() {
        let one = network("2001:db8:1:2::1".parse().unwrap());
        assert_eq!(one, network("2001:db8:1:2:ffff::9".parse().unwrap()));
        assert_ne!(one, network("2001:db8:1:3::1".parse().unwrap()));
    }
}

//! `[http]`

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Deserialize;

use super::Invalid;

/// The HTTP server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSection {
    /// Where it listens. TLS is a proxy's work.
    pub listen: SocketAddr,
    /// How others reach it, for links and for sign-in: `https://pay.example`. Without it, what it listens on.
    pub public_url: Option<String>,
    /// Origins whose pages may call the API, besides its own. `*` for any.
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The largest body that is taken, in bytes.
    pub body_limit: usize,
    /// How long a request may take, in seconds, from its first byte to its answer.
    pub request_timeout: u64,
    /// How long a client may take to send the head of a request, in seconds.
    pub header_timeout: u64,
    /// How many connections are held at once; more have to wait.
    pub connections: usize,
    /// How long requests in flight are waited for at the end, in seconds.
    pub shutdown_timeout: u64,
    /// Requests per minute of one address that is not signed in. 0: no limit.
    pub requests_per_minute: u32,
    /// Requests per minute of one signed-in caller. 0: no limit.
    pub caller_requests_per_minute: u32,
    /// Whether `/metrics` is served.
    pub metrics: bool,
}

impl Default for HttpSection {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            public_url: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            body_limit: 2 * 1024 * 1024,
            request_timeout: 30,
            header_timeout: 10,
            connections: 4096,
            shutdown_timeout: 30,
            requests_per_minute: 600,
            caller_requests_per_minute: 6_000,
            metrics: true,
        }
    }
}

impl HttpSection {
    /// The scheme, host and port at which others reach it. `localhost` where nothing else is said: browsers take
    /// passkeys and secure cookies there, and not on bare addresses.
    pub fn origin(&self) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{}", self.listen.port()))
    }

    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        for (setting, value) in [
            ("http.request_timeout", self.request_timeout),
            ("http.header_timeout", self.header_timeout),
            ("http.shutdown_timeout", self.shutdown_timeout),
        ] {
            if value == 0 || value > 3_600 {
                invalid.push(Invalid::new(setting, "has to be within 1 and 3600 seconds"));
            }
        }
        if self.body_limit < 1_024 {
            invalid.push(Invalid::new("http.body_limit", "has to be at least 1024"));
        }
        if self.connections == 0 {
            invalid.push(Invalid::new("http.connections", "has to be at least 1"));
        }
        if let Some(url) = &self.public_url
            && !is_origin(url)
        {
            invalid.push(Invalid::new(
                "http.public_url",
                "has to be like https://pay.example, with nothing behind the host",
            ));
        }
        for origin in &self.cors_origins {
            if origin != "*" && !is_origin(origin) {
                invalid.push(Invalid::new(
                    "http.cors_origins",
                    format!("{origin} is no origin: it has to be like https://shop.example"),
                ));
            }
        }
    }
}

/// Scheme, host and perhaps a port.
pub(super) fn is_origin(text: &str) -> bool {
    text.parse::<axum::http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some()
            && !text.ends_with('/')
            && uri.path() == "/"
            && uri.query().is_none()
    })
}

//! Where a webhook may be.

use std::net::IpAddr;

use reqwest::Url;

use super::forbidden;
use crate::config::WebhooksSection;

/// The longest URL.
const LONGEST: usize = 2_048;

/// A URL that this server calls, as far as its text tells. What its host's name resolves to is checked when it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

/// Why a URL is not called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    /// No URL, or too long.
    #[error("it is no URL of up to {LONGEST} characters, such as https://shop.example/offpay")]
    NoUrl,
    /// Another scheme.
    #[error("it has to begin with https://")]
    Scheme,
    /// User name or password.
    #[error("it must not have a user name or a password in it: what is sent is signed")]
    Credentials,
    /// What stands behind `#` is never sent.
    #[error("it must not have a fragment (#)")]
    Fragment,
    /// Another port.
    #[error("port {port} is not called: take one of {allowed:?}")]
    Port {
        /// Which.
        port: u16,
        /// Those that are.
        allowed: Vec<u16>,
    },
    /// An address that is not the public internet's.
    #[error("its address is not called ({0}): it has to be on the public internet")]
    Address(&'static str),
}

impl Target {
    /// Checks a URL.
    ///
    /// # Errors
    ///
    /// [`TargetRefused`].
    pub fn parse(text: &str, section: &WebhooksSection) -> Result<Self, TargetRefused> {
        if text.len() > LONGEST {
            return Err(TargetRefused::NoUrl);
        }
        let url: Url = text.parse().map_err(|_| TargetRefused::NoUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(TargetRefused::Scheme);
        }
        let host = url.host_str().ok_or(TargetRefused::NoUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetRefused::Credentials);
        }
        if url.fragment().is_some() {
            return Err(TargetRefused::Fragment);
        }
        if is_trusted(host, &section.trusted_hosts) {
            return Ok(Self(url));
        }
        if url.scheme() == "http" && !section.allow_http {
            return Err(TargetRefused::Scheme);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !section.ports.contains(&port) {
            return Err(TargetRefused::Port {
                port,
                allowed: section.ports.clone(),
            });
        }
        // An address is never resolved: it is connected to as it stands here.
        if let Ok(address) = bare(host).parse::<IpAddr>()
            && let Some(name) = forbidden(address)
        {
            return Err(TargetRefused::Address(name));
        }
        Ok(Self(url))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// Whether the operator trusts a host.
pub(super) fn is_trusted(host: &str, trusted: &[String]) -> bool {
    trusted
        .iter()
        .any(|trusted| bare(trusted).eq_ignore_ascii_case(bare(host)))
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> TargetRefused {
        Target::parse(url, &WebhooksSection::default()).unwrap_err()
    }

    #[test]
    fn what_is_on_the_public_internet_is_called() {
        for url in [
            "https://shop.example/offpay?a=b",
            "https://shop.example:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
        ] {
            let target = Target::parse(url, &WebhooksSection::default()).unwrap();
            assert_eq!(target.url().as_str(), url);
        }
    }

    #[test]
    fn each_kind_of_url_that_is_not() {
        for url in ["", "shop.example", "https://", "/offpay", "https://[::1"] {
            assert_eq!(refused(url), TargetRefused::NoUrl, "{url}");
        }
        let long = format!("https://shop.example/{}", "a".repeat(LONGEST));
        assert_eq!(refused(&long), TargetRefused::NoUrl);
        for url in [
            "http://shop.example/",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "gopher://shop.example/",
        ] {
            assert_eq!(refused(url), TargetRefused::Scheme, "{url}");
        }
        for url in ["https://ana@shop.example/", "https://a:b@shop.example/"] {
            assert_eq!(refused(url), TargetRefused::Credentials, "{url}");
        }
        assert_eq!(
            refused("https://shop.example/#top"),
            TargetRefused::Fragment
        );
        for port in [22, 25, 80, 6379, 9200] {
            let url = format!("https://shop.example:{port}/");
            assert!(matches!(refused(&url), TargetRefused::Port { .. }), "{url}");
        }
    }

    #[test]
    fn however_an_address_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "0",
        ] {
            let url = format!("https://{host}/");
            assert!(matches!(refused(&url), TargetRefused::Address(_)), "{url}");
        }
    }

    #[test]
    fn settings_allow_more() {
        let section = WebhooksSection {
            trusted_hosts: vec!["localhost".into(), "::1".into()],
            ..WebhooksSection::default()
        };
        for url in [
            "http://localhost:4000/",
            "http://LOCALHOST/",
            "http://[::1]:9/",
        ] {
            assert!(Target::parse(url, &section).is_ok(), "{url}");
        }
        assert!(Target::parse("http://127.0.0.1/", &section).is_err());
        assert!(Target::parse("http://localhost.shop.example/", &section).is_err());
        let section = WebhooksSection {
            allow_http: true,
            ports: vec![80],
            ..WebhooksSection::default()
        };
        assert!(Target::parse("http://shop.example/", &section).is_ok());
        assert!(Target::parse("http://127.0.0.1/", &section).is_err());
    }
}

use reqwest::Url;

use super::ServerError;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddress(Url);

impl ServerAddress {
    /// Reads an address as it stands on a card, or as a person typed it.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotAnAddress`].
    pub(crate) fn parse(text: &str) -> Result<Self, ServerError> {
        let url = Url::parse(text.trim()).map_err(|_| ServerError::NotAnAddress)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !plain {
            return Err(ServerError::NotAnAddress);
        }
        Ok(Self(url))
    }

    /// The address as it is kept: without a slash at its end.
    pub(crate) fn text(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The host's name, with its port if that is not the usual one.
    pub(crate) fn host(&self) -> &str {
        let authority = self.text().split("://").nth(1).unwrap_or_default();
        authority.split('/').next().unwrap_or_default()
    }

    /// Whether nobody on the way can change what it says: HTTPS, or this very machine.
    pub(crate) fn is_private(&self) -> bool {
        let here = match self.0.host_str() {
            Some("localhost" | "[::1]") => true,
            Some(host) => host
                .parse::<std::net::Ipv4Addr>()
                .is_ok_and(|host| host.is_loopback()),
            None => false,
        };
        self.0.scheme() == "https" || here
    }

    /// An endpoint of it.
    pub(super) fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, kept, host, private) in [
            (
                "https://pay.example/",
                "https://pay.example",
                "pay.example",
                true,
            ),
            (
                " https://pay.example/op\n",
                "https://pay.example/op",
                "pay.example",
                true,
            ),
            (
                "http://pay.example:8080",
                "http://pay.example:8080",
                "pay.example:8080",
                false,
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                "127.0.0.1:8080",
                true,
            ),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080", true),
            (
                "http://127.0.0.1.example",
                "http://127.0.0.1.example",
                "127.0.0.1.example",
                false,
            ),
        ] {
            let address = ServerAddress::parse(text).unwrap();
            assert_eq!((address.text(), address.host()), (kept, host));
            assert_eq!(address.is_private(), private, "{text}");
        }
        let address = ServerAddress::parse("https://pay.example/op/").unwrap();
        assert_eq!(
            address.endpoint("v1/operator"),
            "https://pay.example/op/v1/operator"
        );
    }

    #[test]
    fn no_addresses() {
        for text in [
            "",
            "pay.example",
            "ftp://pay.example",
            "https://name:password@pay.example",
            "https://pay.example/?key=secret",
            "https://pay.example/#OP1",
            "https://",
            "file:///etc/passwd",
        ] {
            let error = ServerAddress::parse(text).unwrap_err();
            assert_eq!(error.code(), "server_address", "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}

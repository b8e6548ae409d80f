//! Where a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};

use crate::App;

/// The address that a request comes from: the connection's, or what a trusted proxy says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallerAddress(pub IpAddr);

impl FromRequestParts<App> for CallerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

impl CallerAddress {
    /// The address of a request.
    pub fn of(parts: &Parts, app: &App) -> Self {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let said: Vec<_> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        // A server that hands a request on says whom it heard from.
        if app.shards.is_from_server(&parts.headers)
            && let Some(caller) = said.last().and_then(|said| said.parse::<IpAddr>().ok())
        {
            return Self(caller.to_canonical());
        }
        Self(believed(
            peer.to_canonical(),
            &said,
            &app.config.http.trusted_proxies,
        ))
    }
}

/// Each proxy adds whom it heard from at the end. The last that is no trusted proxy is the caller; what stands before
/// it, the caller can have made up.
fn believed(peer: IpAddr, said: &[&str], trusted: &[IpAddr]) -> IpAddr {
    let mut believed = peer;
    for said in said.iter().rev() {
        if !trusted.contains(&believed) {
            break;
        }
        let Ok(address) = said.parse::<IpAddr>() else {
            break;
        };
        believed = address.to_canonical();
    }
    believed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let (proxy, inner, client) = (ip("10.0.0.1"), ip("10.0.0.2"), ip("203.0.113.7"));
        let trusted = [proxy, inner];
        assert_eq!(believed(client, &["1.2.3.4"], &trusted), client);
        assert_eq!(believed(proxy, &["203.0.113.7"], &trusted), client);
        assert_eq!(
            believed(proxy, &["1.2.3.4", "203.0.113.7", "10.0.0.2"], &trusted),
            client,
            "what the client made up is not believed"
        );
        assert_eq!(believed(proxy, &["nonsense"], &trusted), proxy);
        assert_eq!(believed(proxy, &[], &trusted), proxy);
    }
}

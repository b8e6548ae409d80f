//! `[telemetry]`

use serde::Deserialize;

use super::{Invalid, Secret};

/// Where traces go (OpenTelemetry, OTLP over HTTP). Off by default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySection {
    /// The collector's URL for traces, such as `http://127.0.0.1:4318/v1/traces`. A secret: it can hold a provider's
    /// key. Without it no traces are made.
    pub otlp_endpoint: Option<Secret>,
    /// What goes into the header `Authorization`, if the collector wants one.
    pub authorization: Option<Secret>,
    /// What the server is called in the traces.
    pub service_name: String,
    /// Which share of the requests is traced, in percent. Requests that come with a `traceparent` are traced if whoever
    /// sent them traces them.
    pub sample_percent: u8,
    /// How long a collector may take, in seconds.
    pub timeout_s: u64,
}

impl Default for TelemetrySection {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            authorization: None,
            service_name: "offpay".into(),
            sample_percent: 100,
            timeout_s: 10,
        }
    }
}

impl TelemetrySection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if let Some(endpoint) = &self.otlp_endpoint {
            let wrong = match endpoint.read() {
                Ok(url) => reqwest::Url::parse(&url)
                    .ok()
                    .is_none_or(|url| !matches!(url.scheme(), "http" | "https"))
                    .then(|| "has to be like http://127.0.0.1:4318/v1/traces".to_owned()),
                Err(error) => Some(error.to_string()),
            };
            invalid.extend(wrong.map(|why| Invalid::new("telemetry.otlp_endpoint", why)));
        }
        if let Some(Err(error)) = self.authorization.as_ref().map(Secret::read) {
            invalid.push(Invalid::new("telemetry.authorization", error.to_string()));
        }
        if self.sample_percent > 100 {
            invalid.push(Invalid::new(
                "telemetry.sample_percent",
                "has to be within 0 and 100",
            ));
        }
        if self.timeout_s == 0 || self.timeout_s > 300 {
            invalid.push(Invalid::new(
                "telemetry.timeout_s",
                "has to be within 1 and 300 seconds",
            ));
        }
    }
}

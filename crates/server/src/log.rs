//! The log: structured, on standard error, without secrets. Traces begin with it.

use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    config::{Config, LogFormat},
    telemetry::{self, Telemetry, TelemetryError},
};

/// Begins to log, and to send traces if that is configured, once in a process. Where something else logs already, it
/// goes on. To be called within tokio.
///
/// # Errors
///
/// [`TelemetryError`].
pub fn begin(config: &Config) -> Result<Telemetry, TelemetryError> {
    let section = &config.log;
    let filter = EnvFilter::try_new(&section.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // A request has a span in the log already.
    let filter = filter.and(filter_fn(|about| about.target() != telemetry::TARGET));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match section.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_target(false).boxed(),
    };
    let telemetry = Telemetry::new(&config.telemetry)?;
    // An error says that something else logs already.
    let _ = tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(lines.with_filter(filter))
        .try_init();
    Ok(telemetry)
}

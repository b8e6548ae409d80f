//! Traces: a span for each request, sent to a collector (OpenTelemetry, OTLP over HTTP).
//!
//! Only spans that this module makes are exported, with the attributes that it names: no line of the log, no path with
//! an id in it, no header.

use std::{pin::Pin, time::Duration};

use axum::http::{HeaderMap, Method, StatusCode};
use opentelemetry::{
    propagation::TextMapPropagator as _,
    trace::{Status, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use thiserror::Error;
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter, registry::LookupSpan};

use crate::config::{SecretError, TelemetrySection};

/// The target of all spans that are exported. The log does not show them.
pub(crate) const TARGET: &str = "offpay_server::trace";

/// How long the last spans may take to be sent when the server stops.
const LAST: Duration = Duration::from_secs(5);

/// Why no traces can be sent.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The endpoint, or what goes into the header, cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The exporter does not take the settings.
    #[error("traces cannot be sent: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// HTTPS cannot be set up on this machine.
    #[error("traces cannot be sent: {0}")]
    Client(#[from] reqwest::Error),
}

impl TelemetryError {
    /// Whether it can succeed later, with nothing changed.
    pub const fn is_retryable(&self) -> bool {
        false
    }

    /// A name that stays the same, for logs and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret_unreadable",
            Self::Exporter(_) | Self::Client(_) => "telemetry_not_configured",
        }
    }
}

/// Sends traces until it is ended; or nothing, where none are configured.
#[derive(Clone, Debug, Default)]
#[must_use = "the last spans are sent when it is ended"]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// As it is configured. Needs to be called within tokio: what is sent is sent from there.
    ///
    /// # Errors
    ///
    /// [`TelemetryError`].
    pub fn new(section: &TelemetrySection) -> Result<Self, TelemetryError> {
        let Some(endpoint) = &section.otlp_endpoint else {
            return Ok(Self(None));
        };
        let timeout = Duration::from_secs(section.timeout_s);
        let mut headers = std::collections::HashMap::new();
        if let Some(authorization) = &section.authorization {
            let value = authorization.read()?;
            headers.insert("authorization".to_owned(), value.to_string());
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(timeout)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.read()?.to_string())
            .with_headers(headers)
            .with_timeout(timeout)
            .build()?;
        let share = f64::from(section.sample_percent) / 100.0;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
        let resource = Resource::builder_empty()
            .with_service_name(section.service_name.clone())
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Self(Some(provider)))
    }

    /// What hears of spans.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.0.as_ref()?.tracer("offpay-server");
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false);
        let ours = filter::filter_fn(|about| about.is_span() && about.target() == TARGET);
        Some(layer.with_filter(ours.with_max_level_hint(LevelFilter::INFO)))
    }

    /// Sends what was not sent yet.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        // It waits on a thread of its own: what it waits for is sent from here.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST));
        if let Ok(Err(error)) = ended.await {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The span of a request. It is a child of the one that `traceparent` names, if that is there.
pub(crate) fn request(method: &Method, route: &str, id: &str, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        http.request.method = %method,
        http.route = route,
        offpay.request.id = id,
    );
    if !span.is_disabled() {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // An error says that nobody exports spans.
        let _ = span.set_parent(parent);
    }
    span
}

/// How a request ended.
pub(crate) fn answered(span: &Span, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
}

/// Sends from tokio, on whose threads the exporter's own does not run.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl Client {
    fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: reqwest::Client::builder()
                .timeout(timeout)
                // What goes to the collector goes nowhere else.
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
            runtime: tokio::runtime::Handle::current(),
        })
    }
}

/// The most that is read of a collector's answer.
const LONGEST: usize = 64 * 1024;

async fn send(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(reqwest::Error::without_url)?;
    let mut answer = client
        .execute(request)
        .await
        .map_err(reqwest::Error::without_url)?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len().saturating_add(piece.len()) > LONGEST {
            return Err("the collector's answer is too long".into());
        }
        body.extend_from_slice(&piece);
    }
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = answer.status();
    Ok(response)
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

/// As `async_trait` has it.
impl HttpClient for Client {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let sent = self.runtime.spawn(send(self.client.clone(), request));
        Box::pin(async move {
            let answer = sent.await.map_err(HttpError::from).flatten();
            match &answer {
                Ok(answer) if !answer.status().is_success() => {
                    tracing::warn!(
                        status = answer.status().as_u16(),
                        "the collector does not take traces"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "traces cannot be sent at the moment"),
            }
            answer
        })
    }
}

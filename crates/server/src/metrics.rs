//! What `/metrics` shows. Any part counts with the macros of the crate `metrics`.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the histograms of durations, in seconds.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The recorder that all of a process share.
#[derive(Clone, Debug)]
pub struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// The process's recorder, set up at the first call. There is none where the program set up another.
    pub fn shared() -> Self {
        static SHARED: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        Self(
            SHARED
                .get_or_init(|| {
                    PrometheusBuilder::new()
                        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
                        .and_then(PrometheusBuilder::install_recorder)
                        .inspect_err(|error| tracing::error!(%error, "no metrics"))
                        .ok()
                })
                .clone(),
        )
    }

    /// All of them, as Prometheus reads them.
    pub fn render(&self) -> String {
        self.0
            .as_ref()
            .map(PrometheusHandle::render)
            .unwrap_or_default()
    }

    /// Tidies up what histograms have gathered.
    pub fn tidy(&self) {
        if let Some(handle) = &self.0 {
            handle.run_upkeep();
        }
    }
}

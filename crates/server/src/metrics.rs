//! What `/metrics` shows. Any part counts with the macros of the crate `metrics`.

use std::sync::OnceLock;

use metrics::{counter, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use offpay_operator::follower::Alarm;

/// What is counted from zero, so that an alert sees the first one as a rise. The parts of a server that runs set the others
/// themselves.
const FROM_ZERO: [&str; 6] = [
    "offpay_http_panics_total",
    "offpay_http_rate_limited_total",
    "offpay_payments_cleared_total",
    "offpay_clearing_overloaded_total",
    "offpay_chain_reorgs_total",
    "offpay_chain_blocks_taken_back_total",
];

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

    /// Shows at the start what counts only when something is wrong.
    pub(crate) fn announce(&self) {
        for name in FROM_ZERO {
            counter!(name).increment(0);
        }
        gauge!("offpay_lease_held").increment(0.0);
        // Why a commit failed, that a person has to do something about.
        for code in [
            "storage_full",
            "storage_refused",
            "storage_unavailable",
            "storage_unknown",
        ] {
            counter!("offpay_clearing_failed_commits_total", "code" => code).increment(0);
        }
        for result in ["delivered", "status"] {
            counter!("offpay_webhook_attempts_total", "result" => result).increment(0);
        }
        for alarm in [
            Alarm::NodesDisagree,
            Alarm::StaleHead,
            Alarm::FinalBlockGone,
            Alarm::Inconsistent,
        ] {
            gauge!("offpay_chain_alarm", "alarm" => alarm.name(), "node" => "").increment(0.0);
        }
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

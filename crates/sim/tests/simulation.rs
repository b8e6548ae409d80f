//! Seeds in which every promise holds.
#![allow(missing_docs, clippy::print_stdout)]

use offpay_sim::run::{Played, play};

/// How many seeds are played; `OFFPAY_SIM_SEEDS` says otherwise. `scripts/test` plays thousands, optimized.
const SEEDS: u64 = 12;
const STEPS: usize = 80;

fn asked(name: &str, otherwise: u64) -> u64 {
    let value = std::env::var(name).ok();
    value
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn every_promise_holds_in_every_history() {
    let first = asked("OFFPAY_SIM_FIRST", 0);
    let seeds = asked("OFFPAY_SIM_SEEDS", SEEDS);
    let mut all = Played::default();
    for seed in first..first + seeds {
        match play(seed, STEPS, None) {
            Ok(played) => {
                all.steps += played.steps;
                all.payments += played.payments;
                all.promises += played.promises;
                all.transactions += played.transactions;
            }
            Err((failure, replay)) => {
                let short = replay.shortened(None);
                let mut trace = Vec::new();
                let again = short.play_in(None, &mut |world| trace = world.trace.clone());
                panic!(
                    "seed {seed}: {failure}\nshortened: {again:?}\n{}\n{}",
                    serde_json::to_string(&short).unwrap(),
                    trace.join("\n")
                );
            }
        }
    }
    println!("{seeds} seeds: {all:?}");
    assert!(
        all.promises > 2 * seeds,
        "hardly anything was sold: {all:?}"
    );
}

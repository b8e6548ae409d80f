//! Plays histories until one breaks a promise or there are none left.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use alloy::primitives::Bytes;
use clap::{Parser, Subcommand};
use offpay_sim::{
    Failure, economics,
    plant::Plant,
    run::{Played, Replay, play},
};

/// Simulates payers, payees, an operator, a cheat and the chain.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play seeds: each is another history
    Seeds {
        /// The first
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// How many
        #[arg(long, default_value_t = 1_000)]
        count: u64,
        /// Stop after so many seconds
        #[arg(long)]
        seconds: Option<u64>,
        /// Actions in each
        #[arg(long, default_value_t = 80)]
        steps: usize,
        /// Print a history that fails as it was found, and do not make it shorter
        #[arg(long)]
        as_found: bool,
        /// Plant this bug (see `plants`)
        #[arg(long)]
        plant: Option<String>,
        /// Run this contract instead: a file with init code in hex
        #[arg(long, conflicts_with = "plant")]
        contract: Option<PathBuf>,
    },
    /// Play one seed and tell what happens in it
    Tell {
        /// The seed
        seed: u64,
        /// Actions
        #[arg(long, default_value_t = 80)]
        steps: usize,
    },
    /// Play one history again, from a file with a failure's JSON line
    Replay {
        /// The file
        file: PathBuf,
        /// Plant this bug
        #[arg(long)]
        plant: Option<String>,
    },
    /// Name the bugs that can be planted
    Plants,
    /// Print the tables of docs/economics.md, and write its plot
    Economics {
        /// Where the plot goes
        #[arg(long)]
        plot: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<bool, String> {
    match command {
        Command::Seeds {
            first,
            count,
            seconds,
            steps,
            as_found,
            plant,
            contract,
        } => {
            let plant = match contract {
                Some(file) => Some(Plant::Contract(bytecode(&file)?)),
                None => plant.as_deref().map(planted).transpose()?,
            };
            let length = Length {
                first,
                count,
                seconds,
                steps,
            };
            Ok(seeds(&length, as_found, plant.as_ref()))
        }
        Command::Tell { seed, steps } => Ok(tell(&Replay::of(seed, steps), None)),
        Command::Replay { file, plant } => {
            let text = fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let replay: Replay = serde_json::from_str(&text)
                .map_err(|error| format!("{} holds no history: {error}", file.display()))?;
            let plant = plant.as_deref().map(planted).transpose()?;
            Ok(tell(&replay, plant.as_ref()))
        }
        Command::Economics { plot } => {
            print!("{}", economics::tables());
            if let Some(file) = plot {
                fs::write(&file, economics::plot())
                    .map_err(|error| format!("{}: {error}", file.display()))?;
            }
            Ok(true)
        }
        Command::Plants => {
            for (name, _) in Plant::IN_RUST {
                println!("{name}");
            }
            Ok(true)
        }
    }
}

fn planted(name: &str) -> Result<Plant, String> {
    Plant::IN_RUST
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, plant)| plant)
        .ok_or_else(|| format!("no bug is called {name}: `plants` names them"))
}

fn bytecode(file: &PathBuf) -> Result<Bytes, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    text.trim()
        .parse()
        .map_err(|error| format!("{} holds no init code in hex: {error}", file.display()))
}

/// How much is played.
#[derive(Debug)]
struct Length {
    first: u64,
    count: u64,
    seconds: Option<u64>,
    steps: usize,
}

/// Plays seeds on every core. Says whether all promises held.
fn seeds(length: &Length, as_found: bool, plant: Option<&Plant>) -> bool {
    let Length {
        first,
        count,
        seconds,
        steps,
    } = *length;
    let began = Instant::now();
    let next = AtomicU64::new(first);
    let end = first.saturating_add(count);
    let over = |began: Instant| {
        seconds.is_some_and(|seconds| began.elapsed() >= Duration::from_secs(seconds))
    };
    let work = || {
        let mut all = (0, Played::default());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || over(began) {
                return Ok(all);
            }
            let played = play(seed, steps, plant)?;
            all.0 += 1;
            all.1 = all.1.and(played);
        }
    };
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let results: Vec<Result<(u64, Played), (Failure, Replay)>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    let mut all = (0u64, Played::default());
    for result in results {
        match result {
            Ok((seeds, played)) => {
                all.0 = all.0.saturating_add(seeds);
                all.1 = all.1.and(played);
            }
            Err((failure, replay)) => {
                println!("seed {}: {failure}", replay.seed);
                let replay = if as_found {
                    replay
                } else {
                    replay.shortened(plant)
                };
                tell(&replay, plant);
                return false;
            }
        }
    }
    let (seeds, played) = all;
    println!(
        "{{\"seeds\":{seeds},\"steps\":{},\"payments\":{},\"promises\":{},\"transactions\":{},\"losses\":0}}",
        played.steps, played.payments, played.promises, played.transactions
    );
    true
}

/// Plays one history and tells it. Says whether all promises held.
fn tell(replay: &Replay, plant: Option<&Plant>) -> bool {
    let mut trace = Vec::new();
    let ended = replay.play_in(plant, &mut |world| trace.clone_from(&world.trace));
    for line in trace {
        println!("{line}");
    }
    match serde_json::to_string(replay) {
        Ok(json) => println!("{json}"),
        Err(error) => eprintln!("{error}"),
    }
    match ended {
        Ok(_) => true,
        Err(failure) => {
            println!("broken: {failure}");
            false
        }
    }
}

//! `offpay bench`: how many payments a second the server clears on this machine, durably, over HTTP.
//!
//! The server runs as it does in production: this very program, as a process of its own, on an empty database. This process
//! signs payments beforehand, sends them over loopback, and kills the server with signal 9 while it does so. Then it opens
//! the database and looks for every payment that was acknowledged.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};

use crate::{cli::Answer, output::Output};

mod check;
mod http;
mod load;
mod machine;
mod process;
mod report;
mod run;
mod scale;
mod seed;
mod serving;
mod settle;
mod shards;
mod sign;
mod stream;
mod syncs;
mod tally;
mod work;
mod world;

use report::{Report, Summary};
use world::World;

/// The most purses that are opened on the chain; more are written into the database as the follower would.
const MOST_OPENED: usize = 2_000;

/// Measure how many payments a second the server clears on this machine.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The last line is JSON. `ratio` is the best of the three rates over what two cores could do if they \
    checked signatures and nothing else; p50, p99 and p99.9 are those of single payments at half of the highest rate.\n\n\
    Example:\n  offpay bench --purses 1000 --seconds 10"
)]
pub(crate) struct Bench {
    #[command(subcommand)]
    other: Option<Other>,
    /// How many purses pay.
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    purses: usize,
    /// How long each way of handing in is measured.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    seconds: u64,
    /// How many connections hand in single payments. Batches and streams use as many as `--wide` says.
    #[arg(long, default_value_t = 256, value_name = "COUNT")]
    connections: usize,
    /// How many connections hand in batches, or are streams.
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    wide: usize,
    /// How many payments a batch has.
    #[arg(long, default_value_t = 500, value_name = "COUNT")]
    batch: usize,
    /// How many payments are signed beforehand for each way of handing in, at most. Where they do not last, the time counts
    /// until they ran out.
    #[arg(long, default_value_t = 1_000_000, value_name = "COUNT")]
    payments: usize,
    /// How many payees there are.
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    payees: usize,
    /// How many payments the database holds before anything is measured.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    stored: u64,
    /// How payments are handed in.
    #[arg(long, value_enum, default_value_t = Which::All)]
    mode: Which,
    /// An empty PostgreSQL database, `postgres://…`: one for each way of handing in. Without it, SQLite in new files.
    #[arg(long, value_name = "URL")]
    database: Vec<String>,
    /// A folder on the disk that is to be measured. Without it, the system's folder for temporary files.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Print the JSON line alone.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What else can be measured.
#[derive(Debug, Subcommand)]
enum Other {
    Settle(settle::Settle),
    Scale(scale::Scale),
}

/// Which ways of handing in are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// One payment in each request.
    Single,
    /// One after the other over connections that stay.
    Stream,
    /// Many in each request.
    Batch,
    /// All of them, one after the other.
    All,
}

/// A way of handing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Single,
    Stream,
    Batch,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Stream => "stream",
            Self::Batch => "batch",
        }
    }
}

impl Which {
    const fn modes(self) -> &'static [Mode] {
        match self {
            Self::Single => &[Mode::Single],
            Self::Stream => &[Mode::Stream],
            Self::Batch => &[Mode::Batch],
            Self::All => &[Mode::Single, Mode::Stream, Mode::Batch],
        }
    }
}

impl Bench {
    fn check(&self) -> Result<()> {
        let counts = [
            ("--purses", self.purses, 1_000_000),
            ("--connections", self.connections, 4_000),
            ("--wide", self.wide, 1_000),
            ("--batch", self.batch, offpay_api::payments::MOST_TOGETHER),
            ("--payees", self.payees, 100_000),
            ("--payments", self.payments, 100_000_000),
        ];
        for (option, count, most) in counts {
            if !(1..=most).contains(&count) {
                bail!("{option} is between 1 and {most}, not {count}");
            }
        }
        let room = world::MOST_PAYMENTS.saturating_mul(self.purses as u64) / 2;
        if self.stored > room {
            bail!(
                "--stored is at most {room} with {} purses, not {}",
                self.purses,
                self.stored
            );
        }
        if !(1..=3_600).contains(&self.seconds) {
            bail!("--seconds is between 1 and 3600, not {}", self.seconds);
        }
        if self.database.iter().any(|url| !url.starts_with("postgres")) {
            bail!("--database is the URL of an empty PostgreSQL database; SQLite needs none");
        }
        let (named, needed) = (self.database.len(), self.mode.modes().len());
        if named != 0 && named != needed {
            bail!("each way of handing in needs a database of its own: {needed}, not {named}");
        }
        Ok(())
    }

    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        match &self.other {
            Some(Other::Settle(settle)) => return settle.run(output).await,
            Some(Other::Scale(scale)) => return scale.run(output).await,
            None => {}
        }
        self.check()?;
        let say = |text: &str| {
            if self.json { Ok(()) } else { output.line(text) }
        };
        let parent = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::tempdir_in(&parent)
            .with_context(|| format!("a folder in {}", parent.display()))?;
        output.progress("measuring this machine");
        let mut machine = machine::measure(folder.path(), Duration::from_millis(500))?;
        output.progress("opening purses");
        let world = World::open(folder.path(), self.purses, self.payees).await?;
        say(&format!("purses        {}", world.told()))?;
        let mut summary = Summary::default();
        for (number, mode) in self.mode.modes().iter().enumerate() {
            output.progress(&format!("measuring: {}", mode.name()));
            let figures =
                run::run(self, &world, *mode, self.database.get(number), &machine).await?;
            for line in figures.lines() {
                say(&line)?;
            }
            summary.add(*mode, &figures);
        }
        // Others' work on this machine must not flatter the ratio: the best that it could do counts.
        machine.best_of(&machine::measure(
            folder.path(),
            Duration::from_millis(500),
        )?);
        say(&machine.told())?;
        let report = Report::new(&summary, &machine);
        output.line(&serde_json::to_string(&report)?)?;
        Ok(if report.lost == 0 {
            Answer::Yes
        } else {
            Answer::No
        })
    }
}

//! `offpay serve`: the operator's server, in production.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use offpay_server::Config;

use crate::{cli::Answer, output::Output, signals};

/// Which configuration.
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// The configuration file (TOML). Every setting can also come from the environment, which goes before the file:
    /// OFFPAY_HTTP__LISTEN is `listen` in `[http]`.
    #[arg(long, env = "OFFPAY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigArguments {
    pub(crate) fn load(&self) -> Result<Config> {
        Ok(Config::load(self.config.as_deref())?)
    }
}

/// Run the operator's server.
#[derive(Debug, Args)]
#[command(
    after_help = "SIGTERM and Ctrl-C stop it: it answers what it took, finishes what it sends, and closes the database.\n\n\
    Example:\n  offpay serve --config /etc/offpay/offpay.toml"
)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ConfigArguments,
}

impl Serve {
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let config = self.config.load()?;
        config.refuse_invalid()?;
        let telemetry = offpay_server::log::begin(&config)?;
        let running = offpay_server::start(config).await?;
        output.progress(&format!("serving on http://{}", running.address()));
        signals::stop().await?;
        running.stop().await;
        telemetry.end().await;
        Ok(Answer::Yes)
    }
}

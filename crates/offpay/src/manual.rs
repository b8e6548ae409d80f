//! `offpay manual`

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};

use crate::{
    cli::{Answer, Cli},
    output::Output,
};

/// Write the manual: a page for each command.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay manual ~/.local/share/man/man1")]
pub(crate) struct Manual {
    /// The folder that the pages are written to; made if it is missing.
    folder: PathBuf,
}

impl Manual {
    pub(crate) fn run(&self, output: &Output) -> Result<Answer> {
        let folder = self.folder.display();
        fs::create_dir_all(&self.folder).with_context(|| format!("{folder} cannot be made"))?;
        // Not `help`, whose pages would say everything once more.
        let command = Cli::command().disable_help_subcommand(true);
        clap_mangen::generate_to(command, &self.folder)
            .with_context(|| format!("the manual cannot be written to {folder}"))?;
        output.line(&format!("The manual is in {folder}."))?;
        Ok(Answer::Yes)
    }
}

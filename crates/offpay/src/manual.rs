//! `offpay manual`

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

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
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        write(&command, &self.folder)
            .with_context(|| format!("the manual cannot be written to {folder}"))?;
        output.line(&format!("The manual is in {folder}."))?;
        Ok(Answer::Yes)
    }
}

/// The page of a command, and those of the commands below it.
fn write(command: &Command, folder: &Path) -> io::Result<()> {
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        write(below, folder)?;
    }
    let help = command.get_after_help().map(ToString::to_string);
    let page = Man::new(command.clone().after_help(None::<&str>))
        .source(concat!("OffPay ", env!("CARGO_PKG_VERSION")))
        .manual("OffPay");
    let mut file = File::create(folder.join(page.get_filename()))?;
    page.render(&mut file)?;
    if let Some(help) = help {
        ends_with(&help).to_writer(&mut file)?;
    }
    file.flush()
}

/// What `--help` ends with, under the headings that manuals have.
fn ends_with(help: &str) -> Roff {
    let mut roff = Roff::new();
    let (notes, examples) = match help.split_once("Example") {
        Some((notes, examples)) => (notes, examples.split_once('\n').map(|(_, lines)| lines)),
        None => (help, None),
    };
    if !notes.trim().is_empty() {
        roff.control("SH", ["NOTES"]);
        for paragraph in notes.trim().split("\n\n") {
            roff.control("PP", []);
            roff.text([roman(paragraph)]);
        }
    }
    if let Some(examples) = examples {
        roff.control("SH", ["EXAMPLES"]);
        roff.control("nf", []);
        for line in examples.lines() {
            roff.text([roman(line.trim_start())]);
        }
        roff.control("fi", []);
    }
    roff
}

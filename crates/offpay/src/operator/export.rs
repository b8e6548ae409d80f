//! `offpay operator export`

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::desk::Desk;
use crate::{cli::Answer, output::Output};

#[derive(Debug, Args)]
#[command(
    after_help = "Each line has a cursor. With the last one, --cursor goes on behind it later, and nothing is left out.\n\n\
    Examples:\n  offpay operator export ledger --out ledger.ndjson\n  \
    offpay operator export payments --format csv > payments.csv"
)]
pub(super) struct Export {
    /// What.
    #[arg(value_enum)]
    what: What,
    /// In which form.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Go on behind the line with this cursor.
    #[arg(long, value_parser = cursor)]
    cursor: Option<String>,
    /// A new file for it; without it, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    desk: Desk,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Every movement of the books.
    Ledger,
    /// Every payment that was cleared.
    Payments,
    /// What hosted users asked the chain to do, as it is now.
    Operations,
    /// What happened, as users and the operator were told.
    Events,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A JSON object to a line.
    Ndjson,
    /// For spreadsheets.
    Csv,
}

impl Export {
    pub(super) async fn run(&self, output: &Output) -> Result<Answer> {
        let server = self.desk.open()?;
        let what = match self.what {
            What::Ledger => "ledger",
            What::Payments => "payments",
            What::Operations => "operations",
            What::Events => "events",
        };
        let format = match self.format {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        };
        let cursor = self.cursor.as_deref();
        let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let path = format!("admin/export/{what}?format={format}{cursor}");
        match &self.out {
            None => {
                server
                    .download(&path, |piece| io::stdout().lock().write_all(piece))
                    .await?;
            }
            Some(file) => {
                let mut to = create(file)?;
                server.download(&path, |piece| to.write_all(piece)).await?;
                to.sync_all()
                    .with_context(|| format!("{}", file.display()))?;
                output.progress(&format!("written to {}", file.display()));
            }
        }
        Ok(Answer::Yes)
    }
}

/// What can be a cursor; whether it is one, the server says.
fn cursor(text: &str) -> Result<String, &'static str> {
    let is_one = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    if !text.is_empty() && text.bytes().all(is_one) {
        Ok(text.to_owned())
    } else {
        Err("a cursor is the `cursor` of a line: a number, or two with _ between them")
    }
}

/// A file that was not there, and that others cannot read: it says who paid whom.
fn create(file: &Path) -> Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .with_context(|| format!("{} cannot be made", file.display()))
}

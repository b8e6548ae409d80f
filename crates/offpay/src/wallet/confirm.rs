//! "Is that right?"

use std::io::{self, BufRead as _, IsTerminal as _};

use anyhow::{Result, bail};

use super::session::Session;

/// Asks a person, unless the answer was given on the command line.
///
/// # Errors
///
/// The person says no, or there is nobody to ask.
pub(super) fn confirm(session: &Session<'_>, question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if session.json() || !io::stdin().is_terminal() {
        bail!("nobody is here to confirm: add --yes");
    }
    session.output.ask(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        bail!("nothing was done")
    }
}

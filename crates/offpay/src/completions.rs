//! `offpay completions`

use anyhow::Result;
use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use crate::{
    cli::{Answer, Cli},
    output::Output,
};

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  offpay completions bash > ~/.local/share/bash-completion/completions/offpay\n  \
    offpay completions fish > ~/.config/fish/completions/offpay.fish"
)]
pub(crate) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, output: &Output) -> Result<Answer> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "offpay", &mut script);
        output.line(&String::from_utf8_lossy(&script))?;
        Ok(Answer::Yes)
    }
}

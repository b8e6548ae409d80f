//! All that is printed goes through here.

use std::io::{self, IsTerminal, Write};

/// Standard output, with colours where a person reads it.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    colour: bool,
}

/// How a piece of text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A heading.
    Bold,
    /// What is read second.
    Dim,
    /// What went well.
    Good,
    /// What went wrong.
    Bad,
    /// A name or a number to look at.
    Accent,
}

impl Output {
    pub(crate) fn new() -> Self {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colour }
    }

    /// The text in a style, if there are colours.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "31",
            Style::Accent => "36",
        };
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// One line.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", text.trim_end())?;
        stdout.flush()
    }

    /// Whether a person reads standard output in a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// One line with the spaces at its end: they are part of some codes.
    pub(crate) fn line_as_is(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        stdout.flush()
    }

    /// A question, on standard error: the answer follows on the same line.
    pub(crate) fn ask(&self, text: &str) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{text}")?;
        stderr.flush()
    }

    /// What is going on, for a person who waits: on standard error, and only in a terminal.
    pub(crate) fn progress(&self, text: &str) {
        let stderr = io::stderr();
        if stderr.is_terminal() {
            let _ = writeln!(stderr.lock(), "{}", self.paint(Style::Dim, text));
        }
    }

    /// A value as JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string_pretty(value)?)
    }
}

//! A code as people need it: on the screen for a camera, as text to copy, in files.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use offpay_protocol::wire::Code;
use serde::Serialize;

use crate::{
    output::{Output, Style},
    qr::{Drawing, LARGEST_TO_HOLD_UP, write_png, write_svg},
};

/// Where a code goes besides standard output.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "The code")]
pub(crate) struct CodeOutput {
    /// Write its QR code to a PNG picture.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Write its QR code to an SVG picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write its text to a file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draw the QR code here.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    qr: When,
}

/// When to draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum When {
    /// In a terminal.
    #[default]
    Auto,
    /// In pipes and files as well.
    Always,
    /// Never.
    Never,
}

/// A code that was shown, for JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Its text.
    pub(crate) text: String,
    /// The QR code's version, 1 to 40.
    qr_version: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    png: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<PathBuf>,
    #[serde(skip)]
    drawing: Drawing,
    #[serde(skip)]
    when: When,
}

impl CodeOutput {
    /// Writes the files that were asked for.
    ///
    /// # Errors
    ///
    /// The code is too long, or a file cannot be written.
    pub(crate) fn write(&self, code: &Code) -> Result<Shown> {
        let text = code.to_text().context("the code cannot be written")?;
        let drawing = Drawing::of(&text)?;
        if let Some(file) = &self.png {
            write_png(&drawing, file)?;
        }
        if let Some(file) = &self.svg {
            write_svg(&drawing, file)?;
        }
        if let Some(file) = &self.out {
            fs::write(file, format!("{text}\n"))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let Self { png, svg, out, qr } = self.clone();
        Ok(Shown {
            text,
            qr_version: drawing.version(),
            png,
            svg,
            out,
            drawing,
            when: qr,
        })
    }
}

impl Shown {
    /// Draws the code and prints its text.
    ///
    /// # Errors
    ///
    /// Standard output is closed.
    pub(crate) fn print(&self, output: &Output) -> Result<()> {
        let draws = match self.when {
            When::Auto => output.is_terminal(),
            When::Always => true,
            When::Never => false,
        };
        if draws {
            for line in self.drawing.half_blocks(output.is_terminal()).lines() {
                output.line_as_is(line)?;
            }
        }
        if self.qr_version > LARGEST_TO_HOLD_UP {
            let warning = format!(
                "This code is large (version {}): hold the camera still and close.",
                self.qr_version
            );
            output.line(&output.paint(Style::Bad, &warning))?;
        }
        for (what, file) in [("PNG", &self.png), ("SVG", &self.svg), ("Text", &self.out)] {
            if let Some(file) = file {
                output.line(&output.paint(Style::Dim, &format!("{what} in {}", file.display())))?;
            }
        }
        output.line_as_is(&self.text)?;
        Ok(())
    }
}

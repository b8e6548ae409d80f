//! QR codes: drawn for cameras in terminals and files, and read from photographs.
//!
//! What is drawn is always in the alphanumeric mode: byte mode is read as damaged text by several phones.

use anyhow::{Result, bail};
use fast_qr::{ECL, Mode, QRBuilder, QRCode, Version};

mod draw;
mod file;
mod read;

pub(crate) use file::{write_png, write_svg};
pub(crate) use read::{is_image, read_image};

/// Cameras find codes from this version on more easily: they have more alignment patterns.
const LEAST: usize = 7;

/// What people can hold up to each other's cameras.
pub(crate) const LARGEST_TO_HOLD_UP: usize = 11;

/// Light modules around the code, as the standard asks for.
const QUIET: usize = 4;

/// A text as a QR code.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    code: QRCode,
}

impl Drawing {
    /// Draws a text with as much redundancy as fits what people can hold up.
    ///
    /// # Errors
    ///
    /// The text has characters that the alphanumeric mode lacks, or is longer than any QR code.
    pub(crate) fn of(text: &str) -> Result<Self> {
        if !text.bytes().all(is_alphanumeric) {
            bail!("a QR code of this text would not be alphanumeric");
        }
        for level in [ECL::M, ECL::L] {
            if let Some(code) =
                build(text, level).filter(|code| version(code) <= LARGEST_TO_HOLD_UP)
            {
                return Ok(Self { code });
            }
        }
        match build(text, ECL::L) {
            Some(code) => Ok(Self { code }),
            None => bail!("the text is too long for a QR code"),
        }
    }

    /// 1 to 40: how large it is.
    pub(crate) fn version(&self) -> usize {
        version(&self.code)
    }

    /// Modules along a side, the quiet zone included.
    fn side(&self) -> usize {
        self.code.size + 2 * QUIET
    }

    /// Whether a module is dark; the quiet zone is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.code.size);
        inside(x)
            .zip(inside(y))
            .is_some_and(|(x, y)| self.code[y][x].value())
    }
}

fn build(text: &str, level: ECL) -> Option<QRCode> {
    let mut builder = QRBuilder::new(text);
    builder.mode(Mode::Alphanumeric).ecl(level);
    let code = builder.build().ok()?;
    if version(&code) >= LEAST {
        return Some(code);
    }
    builder.version(Version::V07).build().ok()
}

/// Version 1 has 21 modules a side, and each further one four more.
fn version(code: &QRCode) -> usize {
    code.size.saturating_sub(17) / 4
}

fn is_alphanumeric(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':')
}

#[cfg(test)]
mod tests;

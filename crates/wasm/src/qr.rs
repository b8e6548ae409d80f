//! QR codes, always in the alphanumeric mode if the text allows it: byte mode is read as damaged text by several phones.

use std::fmt::Write as _;

use fast_qr::{ECL, Mode, QRBuilder, QRCode, Version};

use crate::Failure;

/// Cameras find codes from this version on more easily: they have more alignment patterns.
const LEAST: usize = 7;
/// What people can hold up to each other's cameras.
const LARGEST_TO_HOLD_UP: usize = 11;
/// Light modules around the code, as the standard asks for.
const QUIET: usize = 4;

/// A code, drawn.
#[derive(Debug)]
pub(crate) struct Drawing {
    /// Modules along a side, the quiet zone included.
    pub(crate) side: u32,
    /// The dark modules, as an SVG path.
    pub(crate) path: String,
    /// 1 to 40.
    pub(crate) version: u32,
}

pub(crate) fn draw(text: &str) -> Result<Drawing, Failure> {
    let code = [ECL::M, ECL::L]
        .into_iter()
        .find_map(|level| build(text, level).filter(|code| version(code) <= LARGEST_TO_HOLD_UP))
        .or_else(|| build(text, ECL::L))
        .ok_or_else(|| Failure::malformed("too long for a QR code"))?;
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let start = x;
            while x < code.size && is_dark(&code, x, y) {
                x += 1;
            }
            if x > start {
                let _ = write!(
                    path,
                    "M{} {}h{}v1h-{}z",
                    start + QUIET,
                    y + QUIET,
                    x - start,
                    x - start
                );
            }
            x += 1;
        }
    }
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Drawing {
        side: narrow(code.size + 2 * QUIET),
        path,
        version: narrow(version(&code)),
    })
}

fn is_dark(code: &QRCode, x: usize, y: usize) -> bool {
    // `QRCode` indexes by rows of a fixed square; both are below its size here.
    #[expect(clippy::indexing_slicing, reason = "x and y are below the size")]
    code[y][x].value()
}

fn build(text: &str, level: ECL) -> Option<QRCode> {
    let mut builder = QRBuilder::new(text);
    builder.ecl(level);
    if text.bytes().all(is_alphanumeric) {
        builder.mode(Mode::Alphanumeric);
    }
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

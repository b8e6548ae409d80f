//! As a picture.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};
use image::{GrayImage, ImageFormat, Luma};

use super::Drawing;

/// Pixels along the side of a module.
const SCALE: u32 = 8;

/// Writes a PNG file.
pub(crate) fn write_png(drawing: &Drawing, path: &Path) -> Result<()> {
    let modules = u32::try_from(drawing.side())?;
    let side = modules.saturating_mul(SCALE);
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let dark = drawing.is_dark((x / SCALE) as usize, (y / SCALE) as usize);
        Luma([if dark { 0 } else { u8::MAX }])
    });
    picture
        .save_with_format(path, ImageFormat::Png)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Writes an SVG file.
pub(crate) fn write_svg(drawing: &Drawing, path: &Path) -> Result<()> {
    fs::write(path, svg(drawing)).with_context(|| format!("cannot write {}", path.display()))
}

/// One path over a white ground. Runs of dark modules are one stroke.
pub(super) fn svg(drawing: &Drawing) -> String {
    let side = drawing.side();
    let mut path = String::new();
    for y in 0..side {
        let mut x = 0;
        while x < side {
            let run = (x..side).take_while(|x| drawing.is_dark(*x, y)).count();
            if run > 0 {
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    format!(
        concat!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">",
            "<rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>\n"
        ),
        side = side,
        path = path,
    )
}

//! From a photograph or a screenshot.

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use image::{GrayImage, ImageFormat, ImageReader, Limits, imageops};

/// Larger pictures than any camera takes are not even looked at.
const LONGEST_SIDE: u32 = 16_384;
const MOST_MEMORY: u64 = 512 * 1024 * 1024;

/// At which sizes a code is looked for: far too many pixels hide it as well as too few.
const SIDES: [u32; 4] = [u32::MAX, 1_600, 800, 400];

/// Whether these are the first bytes of a PNG or JPEG file.
pub(crate) fn is_image(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

/// The texts of all QR codes in a PNG or JPEG picture.
///
/// # Errors
///
/// It is no picture, or no code in it can be read.
pub(crate) fn read_image(bytes: &[u8]) -> Result<Vec<String>> {
    let format = format(bytes).context("neither a PNG nor a JPEG picture")?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().context("the picture cannot be read")?;
    let picture = on_white(picture);
    for side in SIDES {
        let (width, height) = picture.dimensions();
        if side != u32::MAX && width.max(height) <= side {
            continue;
        }
        let found = at_size(&picture, side);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    bail!("no QR code can be read in the picture")
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    let known = [ImageFormat::Png, ImageFormat::Jpeg];
    image::guess_format(bytes)
        .ok()
        .filter(|format| known.contains(format))
}

/// In grey. What is transparent is white: pictures of codes are often black on nothing.
fn on_white(picture: image::DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let transparent = picture.into_luma_alpha8();
    let (width, height) = transparent.dimensions();
    GrayImage::from_fn(width, height, |x, y| {
        let [grey, alpha] = transparent.get_pixel(x, y).0.map(u32::from);
        let blended = (grey * alpha + 255 * (255 - alpha)) / 255;
        image::Luma([u8::try_from(blended).unwrap_or(u8::MAX)])
    })
}

fn at_size(picture: &GrayImage, side: u32) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    let scaled = (side < longest).then(|| {
        let shrink = |length: u32| {
            let pixels = u64::from(length) * u64::from(side) / u64::from(longest);
            u32::try_from(pixels).unwrap_or(side).max(1)
        };
        imageops::resize(
            picture,
            shrink(width),
            shrink(height),
            imageops::FilterType::Triangle,
        )
    });
    let picture = scaled.as_ref().unwrap_or(picture);
    let found = decode(picture, false);
    // White on black, as a dark screen shows it.
    if found.is_empty() {
        decode(picture, true)
    } else {
        found
    }
}

fn decode(picture: &GrayImage, inverted: bool) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let (width, height) = (width as usize, height as usize);
    let pixels = picture.as_raw();
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let grey = pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
        if inverted { u8::MAX - grey } else { grey }
    });
    let grids = prepared.detect_grids();
    grids
        .into_iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect()
}

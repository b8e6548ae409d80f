#![allow(clippy::cast_possible_truncation)]

use std::fs;

use super::*;

/// As long as a payment with its certificate: 240 bytes in base45.
fn text(length: usize) -> String {
    let mut text = String::from("OP1:");
    text.extend("0A %9Z+-./:$*B7".chars().cycle().take(length - 4));
    text
}

#[test]
fn payments_with_certificates_are_between_versions_7_and_11() {
    for (length, least) in [(40, 7), (104, 7), (330, 9), (364, 10), (460, 11)] {
        let drawing = Drawing::of(&text(length)).unwrap();
        assert!(
            (least..=LARGEST_TO_HOLD_UP).contains(&drawing.version()),
            "{length}: {}",
            drawing.version()
        );
    }
    assert_eq!(Drawing::of(&text(900)).unwrap().version(), 17);
}

#[test]
fn nothing_but_the_alphanumeric_mode() {
    assert!(Drawing::of("OP1:lower case").is_err());
    assert!(Drawing::of(&text(4_297)).is_err());
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for length in [40, 104, 330, 364, 460, 900, 1_500] {
        let (text, file) = (text(length), folder.path().join("code.png"));
        write_png(&Drawing::of(&text).unwrap(), &file).unwrap();
        let bytes = fs::read(&file).unwrap();
        assert!(is_image(&bytes));
        assert_eq!(read_image(&bytes).unwrap(), [text]);
    }
}

/// The terminal's characters as pixels, as a photograph of the screen shows them.
#[test]
fn a_dark_and_a_light_terminal_are_read() {
    let text = text(364);
    let drawing = Drawing::of(&text).unwrap();
    for colours in [true, false] {
        let shown = drawing.half_blocks(colours);
        let rows: Vec<Vec<char>> = shown
            .lines()
            .map(|line| {
                line.chars()
                    .filter(|c| matches!(c, '█' | '▀' | '▄' | ' '))
                    .collect()
            })
            .collect();
        let picture =
            image::GrayImage::from_fn(4 * drawing.side() as u32, 8 * rows.len() as u32, |x, y| {
                let (upper, character) = (y % 8 < 4, rows[(y / 8) as usize][(x / 4) as usize]);
                let drawn = match character {
                    '█' => true,
                    '▀' => upper,
                    '▄' => !upper,
                    _ => false,
                };
                image::Luma([if drawn == colours { 0 } else { 255 }])
            });
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        assert_eq!(
            read_image(png.get_ref()).unwrap(),
            std::slice::from_ref(&text)
        );
    }
}

#[test]
fn photographs_are_large_and_jpeg() {
    let text = text(364);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.png");
    write_png(&Drawing::of(&text).unwrap(), &file).unwrap();
    let code = image::open(&file).unwrap();
    let mut photograph = image::DynamicImage::new_luma8(3_000, 2_000);
    photograph.invert();
    image::imageops::overlay(&mut photograph, &code, 1_100, 500);
    let photograph = photograph.blur(2.0);
    let mut jpeg = std::io::Cursor::new(Vec::new());
    photograph
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    assert_eq!(read_image(jpeg.get_ref()).unwrap(), [text]);
}

#[test]
fn black_on_nothing_is_read() {
    let text = text(104);
    let drawing = Drawing::of(&text).unwrap();
    let side = drawing.side() as u32 * 4;
    let picture = image::RgbaImage::from_fn(side, side, |x, y| {
        let dark = drawing.is_dark(x as usize / 4, y as usize / 4);
        image::Rgba([0, 0, 0, if dark { 255 } else { 0 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    assert_eq!(read_image(png.get_ref()).unwrap(), [text]);
}

#[test]
fn no_code_and_no_picture() {
    let mut png = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(50, 50)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    assert!(read_image(png.get_ref()).is_err());
    assert!(!is_image(b"OP1:ABC"));
    assert!(read_image(b"OP1:ABC").is_err());
    assert!(read_image(&png.get_ref()[..60]).is_err());
}

#[test]
fn svg_has_every_dark_module() {
    let drawing = Drawing::of(&text(104)).unwrap();
    let svg = file::svg(&drawing);
    let drawn: usize = svg
        .split('h')
        .filter_map(|part| part.split_once("v1"))
        .map(|(run, _)| run.parse::<usize>().unwrap())
        .sum();
    let dark = (0..drawing.side()).flat_map(|y| (0..drawing.side()).map(move |x| (x, y)));
    assert_eq!(drawn, dark.filter(|(x, y)| drawing.is_dark(*x, *y)).count());
}

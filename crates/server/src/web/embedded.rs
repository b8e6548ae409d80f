//! The app inside the program.

use std::borrow::Cow;

use bytes::Bytes;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Built;

/// All its files.
pub(super) fn files() -> Vec<(String, Bytes)> {
    Built::iter()
        .filter_map(|name| {
            let bytes = match Built::get(&name)?.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((name.into_owned(), bytes))
        })
        .collect()
}

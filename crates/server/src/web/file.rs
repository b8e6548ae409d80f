//! One file: its forms, how long it is kept, and what is answered with it.

use std::collections::HashMap;

use alloy_primitives::{hex, keccak256};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;

/// The name of such a file has the hash of what is in it: a changed one is another file.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Asked for again each time, and answered with nothing if it did not change.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Where the build puts files whose names have a hash.
const HASHED: &str = "assets/";

/// A file in the forms that the build made of it.
#[derive(Debug)]
pub(super) struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    kind: HeaderValue,
    caching: HeaderValue,
    /// Weak: the forms share it.
    tag: HeaderValue,
}

/// Puts the forms of each file together.
pub(super) fn sorted(contents: Vec<(String, Bytes)>) -> HashMap<String, File> {
    let contents: HashMap<_, _> = contents.into_iter().collect();
    let is_form = |name: &str| {
        [".br", ".gz"].iter().any(|end| {
            name.strip_suffix(end)
                .is_some_and(|of| contents.contains_key(of))
        })
    };
    contents
        .iter()
        .filter(|(name, _)| !is_form(name))
        .map(|(name, bytes)| {
            let form = |end: &str| contents.get(&format!("{name}{end}")).cloned();
            let file = File::new(name, bytes.clone(), form(".br"), form(".gz"));
            (name.clone(), file)
        })
        .collect()
}

impl File {
    fn new(name: &str, plain: Bytes, brotli: Option<Bytes>, gzip: Option<Bytes>) -> Self {
        let digest = keccak256(&plain);
        let (start, _) = digest.split_at(12);
        let tag = format!("W/\"{}\"", hex::encode(start));
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        let kind = match (kind.type_().as_str(), kind.subtype().as_str()) {
            ("text", _) => format!("{}; charset=utf-8", kind.essence_str()),
            _ => kind.essence_str().to_owned(),
        };
        let caching = if name.starts_with(HASHED) {
            FOREVER
        } else {
            ASK_AGAIN
        };
        Self {
            plain,
            brotli,
            gzip,
            kind: value(&kind),
            caching,
            tag: value(&tag),
        }
    }

    /// The smallest form that the browser takes; nothing but a 304 if it has the file already.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let is_known = list(asked, header::IF_NONE_MATCH)
            .any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.opaque_tag());
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let forms = [("br", &self.brotli), ("gzip", &self.gzip)];
            let form = forms
                .into_iter()
                .filter(|(name, _)| takes(asked, name))
                .find_map(|(name, form)| Some((name, form.clone()?)));
            let (coding, bytes) = match form {
                Some((name, bytes)) => (Some(name), bytes),
                None => (None, self.plain.clone()),
            };
            let mut response = Body::from(bytes).into_response();
            if let Some(coding) = coding {
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, self.kind.clone());
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::CACHE_CONTROL, self.caching.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        response
    }

    fn opaque_tag(&self) -> &str {
        self.tag
            .to_str()
            .unwrap_or_default()
            .trim_start_matches("W/")
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// The items of a header that is a list.
fn list(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// Whether a browser takes a coding: named, and not with a weight of zero.
fn takes(asked: &HeaderMap, coding: &str) -> bool {
    list(asked, header::ACCEPT_ENCODING).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case(coding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn files() -> HashMap<String, File> {
        let file =
            |name: &str, text: &'static str| (name.to_owned(), Bytes::from_static(text.as_bytes()));
        sorted(vec![
            file("index.html", "<p>start"),
            file("index.html.br", "br"),
            file("index.html.gz", "gz"),
            file("assets/a-1f2e.wasm", "wasm"),
            file("manifest.webmanifest", "{}"),
            file("sw.js", "1"),
            file("strange.br", "no form of another file"),
        ])
    }

    #[test]
    fn the_smallest_form_that_is_taken_is_given() {
        let files = files();
        let start = &files["index.html"];
        for (accepts, coding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("identity", None),
            ("", None),
        ] {
            let answer = start.answer(&headers(header::ACCEPT_ENCODING, accepts));
            let given = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(
                given.map(HeaderValue::as_bytes),
                coding.map(str::as_bytes),
                "{accepts}"
            );
        }
        assert!(!files.contains_key("index.html.br"));
        assert!(files.contains_key("strange.br"));
    }

    #[test]
    fn kinds_and_caching() {
        let files = files();
        for (name, kind, caching) in [
            ("index.html", "text/html; charset=utf-8", ASK_AGAIN),
            ("sw.js", "text/javascript; charset=utf-8", ASK_AGAIN),
            (
                "manifest.webmanifest",
                "application/manifest+json",
                ASK_AGAIN,
            ),
            ("assets/a-1f2e.wasm", "application/wasm", FOREVER),
        ] {
            let answer = files[name].answer(&HeaderMap::new());
            assert_eq!(answer.headers()[header::CONTENT_TYPE], kind, "{name}");
            assert_eq!(answer.headers()[header::CACHE_CONTROL], caching, "{name}");
        }
    }

    #[test]
    fn who_has_it_is_told_so() {
        let files = files();
        let start = &files["index.html"];
        let answer = start.answer(&HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::OK);
        let tag = answer.headers()[header::ETAG].clone();
        let mut asked = headers(header::IF_NONE_MATCH, "W/\"another\"");
        assert_eq!(start.answer(&asked).status(), StatusCode::OK);
        asked.append(header::IF_NONE_MATCH, tag);
        assert_eq!(start.answer(&asked).status(), StatusCode::NOT_MODIFIED);
    }
}

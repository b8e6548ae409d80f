//! The web app: files that are inside the program (feature `embed-web`), or in a folder. All are in memory from the start,
//! compressed when they were built, so that serving them is no work.

#[cfg(feature = "embed-web")]
mod embedded;
mod file;
mod headers;

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use bytes::Bytes;
use thiserror::Error;

use crate::{App, config::WebSection, http::errors};
use file::File;

/// What is shown for the app's own paths.
const START: &str = "index.html";

/// These are the API's: an unknown one is an error and not a page.
const OURS: [&str; 5] = [
    "/v1/",
    "/docs",
    "/problems",
    "/openapi.json",
    "/offpay.json",
];

/// The files of the web app.
#[derive(Debug, Default)]
pub struct WebApp {
    /// By path, with no slash in front.
    files: HashMap<String, File>,
    /// What every one of them says.
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// Why the web app cannot be read.
#[derive(Debug, Error)]
#[error("the web app cannot be read: {}: {error}", .path.display())]
pub struct WebAppError {
    /// Where.
    path: PathBuf,
    /// Why.
    #[source]
    error: io::Error,
}

impl WebApp {
    /// The app of the configured folder, or the one inside the program; empty where there is neither.
    ///
    /// # Errors
    ///
    /// [`WebAppError`].
    pub fn load(config: &WebSection) -> Result<Self, WebAppError> {
        let contents = match &config.folder {
            Some(folder) => read(folder)?,
            #[cfg(feature = "embed-web")]
            None => embedded::files(),
            #[cfg(not(feature = "embed-web"))]
            None => Vec::new(),
        };
        let origins = config
            .nodes
            .iter()
            .filter_map(|node| WebSection::origin(node));
        Ok(Self {
            files: file::sorted(contents),
            headers: headers::all(origins),
        })
    }

    /// Whether a path is one of its files.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(name(path))
    }

    /// Whether there is an app at all.
    pub fn is_built(&self) -> bool {
        self.files.contains_key(START)
    }
}

/// The file that a path names.
fn name(path: &str) -> &str {
    match path.trim_start_matches('/') {
        "" => START,
        name => name,
    }
}

/// Whatever no endpoint answers: a file of the app, its start page for a page's path, or an error.
pub(crate) async fn serve(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return errors::not_found().into_response();
    }
    let mut response = if let Some(file) = app.web.files.get(name(path)) {
        file.answer(request.headers())
    } else if !is_page(path, &request) {
        return errors::not_found().into_response();
    } else if let Some(start) = app.web.files.get(START) {
        start.answer(request.headers())
    } else if path == "/" {
        return missing();
    } else {
        return errors::not_found().into_response();
    };
    let headers = response.headers_mut();
    for (name, value) in &app.web.headers {
        headers.insert(name.clone(), value.clone());
    }
    if *request.method() == Method::HEAD {
        *response.body_mut() = axum::body::Body::empty();
    }
    response
}

/// Whether a browser goes there, and it is not the API's.
fn is_page(path: &str, request: &Request) -> bool {
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let last = path.rsplit('/').next().unwrap_or_default();
    wants_page && !last.contains('.') && !OURS.iter().any(|ours| path.starts_with(ours))
}

/// What stands in the app's place in a program without it.
fn missing() -> Response {
    const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>OffPay</title>\
        <h1>OffPay runs, without the web app</h1>\
        <p><code>make run</code> builds it and serves it here. By hand: <code>scripts/web</code>, then start the server \
        with <code>OFFPAY_WEB__FOLDER=web/dist</code>, or build it with <code>--features embed-web</code>.</p>\
        <p>The API is at <a href=\"/docs\">/docs</a>.</p></html>";
    (StatusCode::OK, Html(PAGE)).into_response()
}

/// All files of a folder, with their paths inside it.
fn read(folder: &Path) -> Result<Vec<(String, Bytes)>, WebAppError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| WebAppError { path, error }
    };
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).map_err(failed(&inner))? {
            let path = entry.map_err(failed(&inner))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Some(name) = path.strip_prefix(folder).ok().and_then(Path::to_str) else {
                continue;
            };
            let bytes = fs::read(&path).map_err(failed(&path))?;
            files.push((name.replace('\\', "/"), bytes.into()));
        }
    }
    Ok(files)
}

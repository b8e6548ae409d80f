//! The web app is embedded as it stands in web/dist: says so where it is not there.

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBED_WEB").is_none() {
        return;
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-changed={}", built.display());
    if !built.join("index.html").is_file() {
        println!(
            "cargo::error=the web app is not built: run scripts/web first, or build without the feature embed-web"
        );
    }
}

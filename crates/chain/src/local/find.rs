//! Where anvil is.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Names the anvil to run.
const VARIABLE: &str = "OFFPAY_ANVIL";

/// `OFFPAY_ANVIL`; else the one that the project pins, of the workspace that one stands in or that the program lies in;
/// else one on PATH. Where the program was built is not in it: a release is the same bytes from any folder.
pub(super) fn anvil() -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    pinned().or_else(on_path)
}

fn pinned() -> Option<PathBuf> {
    let package = format!(
        "contracts/node_modules/@foundry-rs/anvil-{}/bin/anvil",
        platform()?
    );
    let here = env::current_dir().ok();
    let program = env::current_exe().ok();
    [here, program].into_iter().flatten().find_map(|start| {
        start
            .ancestors()
            .map(|folder| folder.join(&package))
            .find(|file| file.is_file())
    })
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder: PathBuf| folder.join(Path::new("anvil")))
        .find(|file| file.is_file())
}

/// As npm names it.
fn platform() -> Option<String> {
    let system = match env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("{system}-{processor}"))
}

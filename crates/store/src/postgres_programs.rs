//! Where PostgreSQL's programs are.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Names the folder with PostgreSQL's programs.
pub(crate) const VARIABLE: &str = "OFFPAY_POSTGRES_BIN";

/// The folder that has all of these programs: the one that is named, else Debian's newest, else one on PATH.
pub(crate) fn folder(programs: &[&str]) -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    newest_of_debian(programs).or_else(|| on_path(programs))
}

fn newest_of_debian(programs: &[&str]) -> Option<PathBuf> {
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| has(folder, programs))
        .max()
        .map(|(_, folder)| folder)
}

fn on_path(programs: &[&str]) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find(|folder| has(folder, programs))
}

fn has(folder: &Path, programs: &[&str]) -> bool {
    programs
        .iter()
        .all(|program| folder.join(program).is_file())
}

//! The copy of the workspace that mutants are woven into.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// The module that says which mutant is on.
const SWITCH: &str = include_str!("switch.rs.in");

/// What the compiler is called through in the copy: nothing is a warning there, and the switch may ask whether it is in a
/// constant. Only members of the workspace are compiled so; what they depend on is what other builds left.
const WRAPPER: &str = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec \"$@\" --cap-lints allow\n";

/// The copy: every file of the workspace's crates, in a folder of its own.
#[derive(Debug)]
pub struct Copy {
    root: PathBuf,
    folder: PathBuf,
}

impl Copy {
    /// Of the workspace at `root`, in `folder`.
    ///
    /// # Errors
    ///
    /// The folder cannot be made.
    pub fn new(root: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let copy = Self {
            root: root.canonicalize()?,
            folder: folder.canonicalize()?,
        };
        write(&copy.wrapper(), WRAPPER.as_bytes())?;
        let status = Command::new("chmod").arg("+x").arg(copy.wrapper()).status();
        if !status?.success() {
            bail!("cannot make {} a program", copy.wrapper().display());
        }
        Ok(copy)
    }

    /// Where the copy is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What to call the compiler through.
    pub fn wrapper(&self) -> PathBuf {
        self.folder.join("rustc")
    }

    /// Brings the copy up to date, with other texts for some of the files. A file that stays as it was is not written: it
    /// would be compiled again.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn update(&self, woven: &BTreeMap<String, String>) -> Result<()> {
        for name in self.files()? {
            let from = self.root.join(&name);
            let Ok(mut bytes) = fs::read(&from) else {
                continue;
            };
            if let Some(text) = woven.get(&name) {
                bytes = text.clone().into_bytes();
            }
            if name == "crates/protocol/src/lib.rs" {
                let text = String::from_utf8(bytes)?;
                bytes = with_switch(&text)?.into_bytes();
            }
            write(&self.folder.join(&name), &bytes)?;
        }
        let switch = self.folder.join("crates/protocol/src/woven.rs");
        write(&switch, SWITCH.as_bytes())
    }

    fn files(&self) -> Result<Vec<String>> {
        let listed = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .args(["crates", "Cargo.toml", "Cargo.lock", ".cargo"])
            .current_dir(&self.root)
            .output()?;
        if !listed.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        }
        let listed = String::from_utf8(listed.stdout)?;
        Ok(listed.lines().map(str::to_owned).collect())
    }
}

/// The path by which a package's sources name the switch's module.
pub fn switch_path(package: &str) -> &'static str {
    if package == "offpay-protocol" {
        "crate::woven"
    } else {
        "::offpay_protocol::woven"
    }
}

/// Attributes come first in a file, and the module after them.
fn with_switch(text: &str) -> Result<String> {
    let module = "pub mod acceptance;";
    let (before, after) = text
        .split_once(module)
        .context("lib.rs is not as it was: where does its first module stand?")?;
    Ok(format!(
        "#![feature(core_intrinsics, const_eval_select)]\n{before}#[doc(hidden)]\npub mod woven;\n{module}{after}"
    ))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

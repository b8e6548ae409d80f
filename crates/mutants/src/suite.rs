//! The tests: how long each takes, and which functions it comes through.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::compile::Binary;

/// Tests that read the sources: the switch would not pass them.
const READS_SOURCES: &str = "purity";

/// One test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name in its binary.
    pub name: String,
    /// Which binary it is in.
    pub binary: usize,
    /// How long it takes by itself.
    pub millis: u64,
}

/// All tests that mutants meet.
#[derive(Debug)]
pub struct Suite {
    /// Where the tests are.
    pub binaries: Vec<Binary>,
    /// The tests.
    pub tests: Vec<Test>,
    /// Which of them come through a site.
    through: BTreeMap<u32, BTreeSet<usize>>,
}

impl Suite {
    /// Runs every test alone, with no mutant on.
    ///
    /// # Errors
    ///
    /// A test fails: whatever mutants do to it says nothing.
    pub fn record(binaries: Vec<Binary>, scratch: &Path, jobs: usize) -> Result<Self> {
        fs::create_dir_all(scratch)?;
        // Tests run in the folders of their packages.
        let scratch = scratch.canonicalize()?;
        let mut names = Vec::new();
        for (index, binary) in binaries.iter().enumerate() {
            for name in tests(binary)? {
                if binary.name != READS_SOURCES && !name.contains(READS_SOURCES) {
                    names.push((index, name));
                }
            }
        }
        let next = AtomicUsize::new(0);
        let recorded = Mutex::new(Vec::new());
        let work = || -> Result<()> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((index, name)) = names.get(number) else {
                    return Ok(());
                };
                let file = scratch.join(number.to_string());
                let (millis, sites) = run(&binaries[*index], name, &file)?;
                let test = Test {
                    name: name.clone(),
                    binary: *index,
                    millis,
                };
                lock(&recorded)?.push((test, sites));
            }
        };
        thread::scope(|scope| {
            let workers = (0..jobs).map(|_| scope.spawn(work)).collect::<Vec<_>>();
            workers.into_iter().try_for_each(|worker| {
                let done = worker.join();
                done.unwrap_or_else(|_| bail!("a worker panicked"))
            })
        })?;
        let mut suite = Self {
            binaries,
            tests: Vec::new(),
            through: BTreeMap::new(),
        };
        for (test, sites) in std::mem::take(&mut *lock(&recorded)?) {
            for site in sites {
                let tests = suite.through.entry(site).or_default();
                tests.insert(suite.tests.len());
            }
            suite.tests.push(test);
        }
        Ok(suite)
    }

    /// The tests that come through a site: those of the file's own package first, the quickest of them first.
    pub fn through(&self, site: u32, file: &str) -> Vec<&Test> {
        let tests = self.through.get(&site).into_iter().flatten();
        let mut tests = tests.map(|test| &self.tests[*test]).collect::<Vec<_>>();
        tests.sort_by_key(|test| {
            let folder = &self.binaries[test.binary].folder;
            (!is_of(file, folder), test.millis)
        });
        tests
    }
}

/// Whether a file of the workspace is in the package that has its folder there.
fn is_of(file: &str, folder: &Path) -> bool {
    let package = folder.file_name().and_then(|name| name.to_str());
    package.is_some_and(|package| file.starts_with(&format!("crates/{package}/")))
}

fn tests(binary: &Binary) -> Result<Vec<String>> {
    let output = Command::new(&binary.path)
        .args(["--list", "--format", "terse"])
        .current_dir(&binary.folder)
        .output()?;
    let listed = String::from_utf8(output.stdout)?;
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    Ok(names.map(str::to_owned).collect())
}

fn run(binary: &Binary, name: &str, file: &PathBuf) -> Result<(u64, BTreeSet<u32>)> {
    let _ = fs::remove_file(file);
    let began = Instant::now();
    let output = Command::new(&binary.path)
        .args(["--exact", name, "--test-threads=1"])
        .current_dir(&binary.folder)
        .env("OFFPAY_CAME_THROUGH", file)
        .env_remove("OFFPAY_MUTANT")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        .output()?;
    let millis = u64::try_from(began.elapsed().as_millis())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        bail!("{name} fails with no mutant on: {said}");
    }
    let sites = fs::read_to_string(file).unwrap_or_default();
    let sites = sites.lines().map(str::parse).collect::<Result<_, _>>();
    Ok((millis, sites.context("what tests came through")?))
}

/// A worker that panicked ends the run.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Result<std::sync::MutexGuard<'_, T>> {
    mutex
        .lock()
        .map_err(|_| anyhow::anyhow!("a worker panicked"))
}

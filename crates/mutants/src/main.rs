//! Tries mutants of the protocol and the wallet: see the crate's documentation.
#![allow(clippy::print_stdout)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use offpay_mutants::{
    compile::{self, blame},
    copy::{self, Copy},
    mutant::{Mutant, Outcome, Outcomes, Tried},
    source::Source,
    suite::Suite,
    trial::try_mutant,
    weave::{Change, Switched, can_be_woven, weave},
};

/// Tries mutants with one build. What it finds out is added to a file, a line for each mutant.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// What `cargo mutants --list --json` printed.
    #[arg(long)]
    listed: PathBuf,
    /// The folder for the copy; what was found out stands in it, in outcomes.jsonl.
    #[arg(long)]
    out: PathBuf,
    /// No mutant is begun after so many seconds.
    #[arg(long, default_value_t = 86_400)]
    seconds: u64,
    /// How many mutants are tried at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Forget what tests said of these files' mutants before.
    #[arg(long)]
    anew: bool,
    /// The files whose mutants are tried.
    files: Vec<String>,
}

/// A file and its mutants.
struct Target {
    file: String,
    hash: String,
    source: Source,
    switch: &'static str,
    changes: Vec<Change>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let listed = fs::read_to_string(&arguments.listed)?;
    let mutants: Vec<Mutant> = serde_json::from_str(&listed)?;
    let copy = Copy::new(&PathBuf::from("."), &arguments.out.join("woven"))?;
    let mut outcomes = Outcomes::open(&arguments.out.join("outcomes.jsonl"))?;
    let mut targets = targets(&arguments, &mutants, &outcomes)?;
    if targets.iter().all(|target| target.changes.is_empty()) {
        println!("mutants: nothing to weave");
        return Ok(());
    }

    let (sites, binaries) = settle(&copy, &mut targets, &mutants, &mut outcomes)?;
    if sites.is_empty() {
        return Ok(());
    }
    println!("mutants: running each test alone");
    let suite = Suite::record(binaries, &arguments.out.join("through"), arguments.jobs)?;
    let alone = suite.tests.iter().map(|test| test.millis).sum::<u64>();
    println!("mutants: {} tests, {alone} ms", suite.tests.len());
    try_all(
        &arguments,
        &suite,
        &targets,
        &sites,
        &mutants,
        &mut outcomes,
    )
}

/// The files and what is to be woven into them: what is not known yet, or, anew, what compiled.
fn targets(arguments: &Arguments, mutants: &[Mutant], outcomes: &Outcomes) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for file in &arguments.files {
        let hash = Command::new("git").args(["hash-object", file]).output()?;
        let hash = String::from_utf8(hash.stdout)?.trim().to_owned();
        let source = Source::parse(fs::read_to_string(file)?).with_context(|| file.clone())?;
        let mut changes = Vec::new();
        let mut switch = "";
        for (index, mutant) in mutants.iter().enumerate() {
            if mutant.file != *file {
                continue;
            }
            let range = source.range(mutant.span)?;
            let known = match outcomes.of(&hash, &mutant.name) {
                Some(Outcome::Unviable | Outcome::Left) => true,
                Some(_) => !arguments.anew,
                None => false,
            };
            if known || !can_be_woven(&source, &range) {
                continue;
            }
            switch = copy::switch_path(&mutant.package);
            changes.push(Change {
                number: u32::try_from(index)? + 1,
                range,
                replacement: mutant.replacement.clone(),
            });
        }
        targets.push(Target {
            file: file.clone(),
            hash,
            source,
            switch,
            changes,
        });
    }
    Ok(targets)
}

/// Takes out what the compiler refuses until the rest compiles. Answers each mutant's site, and the test binaries.
fn settle(
    copy: &Copy,
    targets: &mut [Target],
    mutants: &[Mutant],
    outcomes: &mut Outcomes,
) -> Result<(BTreeMap<u32, u32>, Vec<compile::Binary>)> {
    let mut unit = false;
    loop {
        let mut texts = BTreeMap::new();
        let mut woven = BTreeMap::<String, Vec<Switched>>::new();
        for target in targets.iter() {
            let file = weave(&target.source, &target.changes, target.switch)?;
            texts.insert(target.file.clone(), file.text);
            woven.insert(target.file.clone(), file.functions);
        }
        copy.update(&texts)?;
        let sites = woven.values().flatten().flat_map(|function| {
            let numbers = function.bodies.keys();
            numbers.map(|number| (*number, function.site))
        });
        let sites = sites.collect::<BTreeMap<_, _>>();
        println!("mutants: compiling {} at once", sites.len());
        if sites.is_empty() {
            return Ok((sites, Vec::new()));
        }
        let answer = compile::compile(copy, unit)?;
        if answer.compiled && unit {
            return Ok((sites, answer.binaries));
        }
        if answer.compiled {
            unit = true;
            continue;
        }
        let refused = blame(&answer.errors, &woven);
        println!(
            "mutants: {} do not compile, of {} nothing is known",
            refused.unviable.len(),
            refused.unknown.len()
        );
        if refused.unviable.is_empty() && refused.unknown.is_empty() {
            bail!("errors elsewhere:\n{}", refused.elsewhere.join("\n"));
        }
        for target in targets.iter_mut() {
            for change in &target.changes {
                let (outcome, by) = if let Some(error) = refused.unviable.get(&change.number) {
                    (Outcome::Unviable, error.as_str())
                } else if refused.unknown.contains(&change.number) {
                    (Outcome::Left, "an error around it")
                } else {
                    continue;
                };
                outcomes.add(&Tried {
                    file: target.file.clone(),
                    hash: target.hash.clone(),
                    name: name(mutants, change.number)?.to_owned(),
                    outcome,
                    by: by.to_owned(),
                    millis: 0,
                })?;
            }
            target.changes.retain(|change| {
                let number = &change.number;
                !refused.unviable.contains_key(number) && !refused.unknown.contains(number)
            });
        }
    }
}

/// Tries what compiled, file by file.
fn try_all(
    arguments: &Arguments,
    suite: &Suite,
    targets: &[Target],
    sites: &BTreeMap<u32, u32>,
    mutants: &[Mutant],
    outcomes: &mut Outcomes,
) -> Result<()> {
    let all = targets.iter().flat_map(|target| {
        let changes = target.changes.iter();
        changes.map(move |change| (target, change.number))
    });
    let all = all.collect::<Vec<_>>();
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(outcomes);
    let missed = Mutex::new(BTreeSet::new());
    let work = || -> Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((target, number)) = all.get(at) else {
                return Ok(());
            };
            if Instant::now() > end {
                return Ok(());
            }
            let site = *sites.get(number).context("not woven")?;
            let tests = suite.through(site, &target.file);
            let began = Instant::now();
            let noticed = try_mutant(suite, &tests, *number)?;
            let name = name(mutants, *number)?;
            let tried = Tried {
                file: target.file.clone(),
                hash: target.hash.clone(),
                name: name.to_owned(),
                outcome: if noticed.is_some() {
                    Outcome::Killed
                } else {
                    Outcome::Missed
                },
                by: noticed.unwrap_or_else(|| format!("none of {} tests", tests.len())),
                millis: u64::try_from(began.elapsed().as_millis())?,
            };
            let panicked = |_| anyhow::anyhow!("a worker panicked");
            outcomes.lock().map_err(panicked)?.add(&tried)?;
            if tried.outcome == Outcome::Missed {
                println!("mutants: {} of {}: not noticed: {name}", at + 1, all.len());
                let panicked = |_| anyhow::anyhow!("a worker panicked");
                missed.lock().map_err(panicked)?.insert(name);
            }
        }
    };
    thread::scope(|scope| {
        let workers = (0..arguments.jobs).map(|_| scope.spawn(work));
        let workers = workers.collect::<Vec<_>>();
        workers.into_iter().try_for_each(|worker| {
            let done = worker.join();
            done.unwrap_or_else(|_| bail!("a worker panicked"))
        })
    })
}

fn name(mutants: &[Mutant], number: u32) -> Result<&str> {
    let index = usize::try_from(number)?.checked_sub(1);
    let mutant = index.and_then(|index| mutants.get(index));
    Ok(&mutant.context("no such mutant")?.name)
}

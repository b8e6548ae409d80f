//! `offpay demo`.
#![allow(missing_docs)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use support::{offpay, program};

#[test]
fn the_story_adds_up() {
    let ran = offpay(&["demo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for said in ["guaranteed", "off-chain", "condemned", "all books are zero"] {
        assert!(ran.stdout.contains(said), "{said:?} is missing: {ran:?}");
    }
    assert!(
        !ran.stdout.contains('\u{1b}'),
        "colours where nobody sees them"
    );
}

#[test]
fn it_can_be_read_by_programs() {
    let ran = offpay(&["demo", "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = ran.json();
    let summary = &told["summary"];
    assert_eq!(summary["heldByContract"], "0");
    assert!(summary["offChainPayments"].as_u64().unwrap() > 100);
    let steps = told["steps"].as_array().unwrap();
    let sent = steps
        .iter()
        .filter_map(|step| step["how"]["onChain"]["transactions"].as_array());
    assert_eq!(
        sent.map(Vec::len).sum::<usize>() as u64,
        summary["transactions"].as_u64().unwrap()
    );
}

/// However the program ends, its chain ends.
#[cfg(target_os = "linux")]
#[test]
fn no_chain_is_left_behind() {
    let mut demo = program()
        .arg("demo")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    // The first step is shown once the chain runs.
    lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.contains("deploys"))
        .unwrap();
    let chain = descendants(demo.id());
    assert!(
        chain.iter().any(|(_, command)| command.contains("anvil")),
        "{chain:?}"
    );
    demo.kill().unwrap();
    demo.wait().unwrap();
    let began = Instant::now();
    while chain
        .iter()
        .any(|(process, command)| command_of(*process).as_ref() == Some(command))
    {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "still there: {chain:?}"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

/// The processes below one, with their commands.
#[cfg(target_os = "linux")]
fn descendants(of: u32) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(process) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else {
                continue;
            };
            // `pid (name) state ppid …`
            let ppid = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            if ppid == Some(parent) {
                parents.push(process);
                found.extend(command_of(process).map(|command| (process, command)));
            }
        }
    }
    found
}

#[cfg(target_os = "linux")]
fn command_of(process: u32) -> Option<String> {
    let command = fs::read(format!("/proc/{process}/cmdline")).ok()?;
    (!command.is_empty()).then(|| String::from_utf8_lossy(&command).replace('\0', " "))
}

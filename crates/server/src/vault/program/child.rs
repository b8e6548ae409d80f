//! One run of a program, for as long as it may take and no longer.

use std::{
    io::{Read as _, Write as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

/// The most that a program may answer.
const MOST: u64 = 16 * 1_024;
/// How often one that has answered is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Why a program did not do it. Never what it said, which can hold what it was given.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("it cannot be started: {0}")]
    NotStarted(std::io::Error),
    #[error("its answer broke off")]
    BrokeOff,
    #[error("it answers more than 16 KiB")]
    TooMuch,
    #[error("it takes too long")]
    TooLong,
    #[error("{0}")]
    Ended(ExitStatus),
    #[error("it is gone")]
    Gone,
}

/// What it answers to the input.
pub(super) fn run(
    command: &[String],
    input: Zeroizing<Vec<u8>>,
    limit: Duration,
) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let until = Instant::now().checked_add(limit).ok_or(Failed::TooLong)?;
    let mut child = start(command)?;
    let worked = talk(&mut child, input, until).and_then(|output| {
        let status = end(&mut child, until)?;
        if status.success() {
            Ok(output)
        } else {
            Err(Failed::Ended(status))
        }
    });
    if worked.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    worked
}

fn start(command: &[String]) -> Result<Child, Failed> {
    let (program, arguments) = command.split_first().ok_or(Failed::Gone)?;
    let mut process = Command::new(program);
    process
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // The server's own settings can hold secrets.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"OFFPAY_") {
            process.env_remove(name);
        }
    }
    process.spawn().map_err(Failed::NotStarted)
}

/// Writes and reads on threads that are not waited for: what the program started itself can hold its pipes open.
fn talk(
    child: &mut Child,
    input: Zeroizing<Vec<u8>>,
    until: Instant,
) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failed::Gone);
    };
    // One that does not read all of it shows that by its end.
    thread::spawn(move || stdin.write_all(&input));
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Zeroizing::new(Vec::with_capacity(1_024));
        let read = stdout.take(MOST.saturating_add(1)).read_to_end(&mut output);
        tell.send(read.map(|_| output))
    });
    let output = told
        .recv_timeout(until.saturating_duration_since(Instant::now()))
        .map_err(|_| Failed::TooLong)?
        .map_err(|_| Failed::BrokeOff)?;
    if output.len() as u64 > MOST {
        return Err(Failed::TooMuch);
    }
    Ok(output)
}

fn end(child: &mut Child, until: Instant) -> Result<ExitStatus, Failed> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < until => thread::sleep(PAUSE),
            Ok(None) => return Err(Failed::TooLong),
            Err(_) => return Err(Failed::Gone),
        }
    }
}

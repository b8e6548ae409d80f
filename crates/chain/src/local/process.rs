//! The process, and the certainty that it ends.

use std::{
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

/// Runs anvil until its own standard input ends, which the system sees to when the program is gone, however it went:
/// returned, panicked, interrupted, killed. Then anvil may tidy up for a while before it is killed. Only anvil keeps the
/// standard output, so that it ends with anvil.
const KEEPER: &str = r#"
"$@" </dev/null 2>/dev/null &
anvil=$!
exec >/dev/null
cat
kill "$anvil" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$anvil" 2>/dev/null || exit 0
    sleep 0.1
done
kill -9 "$anvil" 2>/dev/null
"#;

/// What anvil says once it listens.
const LISTENING: &str = "Listening on ";

/// How long the keeper may take to end anvil.
const END: Duration = Duration::from_secs(4);

/// A running anvil, under a shell that ends it.
#[derive(Debug)]
pub(super) struct Process {
    keeper: Child,
}

impl Process {
    /// Starts anvil. The receiver gets the address once it listens, or fails if it ends before.
    pub(super) fn start(
        anvil: &Path,
        arguments: &[String],
    ) -> io::Result<(Self, oneshot::Receiver<SocketAddr>)> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", KEEPER, "offpay-anvil"])
            .arg(anvil)
            .args(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // A group of its own: Ctrl-C in the terminal is for the program alone, which then lets go of the keeper.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper = command.spawn()?;
        let (heard, listening) = oneshot::channel();
        if let Some(output) = keeper.stdout.take() {
            thread::spawn(move || listen(output, heard));
        }
        Ok((Self { keeper }, listening))
    }

    pub(super) fn id(&self) -> u32 {
        self.keeper.id()
    }
}

/// Reads to the end, because anvil stops when nobody reads what it says.
fn listen(output: ChildStdout, heard: oneshot::Sender<SocketAddr>) {
    let mut heard = Some(heard);
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let address = line
            .strip_prefix(LISTENING)
            .and_then(|address| address.parse().ok());
        if let Some(address) = address
            && let Some(heard) = heard.take()
        {
            // Nobody may be waiting any more: then it is about to be ended.
            let _ = heard.send(address);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let began = Instant::now();
        while began.elapsed() < END {
            if !matches!(self.keeper.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // The keeper hangs; there is nothing better left to do, and nobody to tell.
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

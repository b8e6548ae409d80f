//! Several servers of the real program over one database: how they are started, the load that they get, and what has to be
//! so afterwards.
#![allow(dead_code)] // Each test file uses its part.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;

mod load;
mod stage;

pub(crate) use load::Shared;
pub(crate) use stage::{ServerSettings, Stage};

/// The program; killed when this is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    /// Warnings and errors.
    warned: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    /// Runs the program, as `command` does with these arguments.
    pub(crate) fn start(mut command: Command, config: &Path) -> Self {
        let mut child = command
            .args(["serve", "--config"])
            .arg(config)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let address = log.by_ref().map(Result::unwrap).find_map(|line| {
            let json: Option<Value> = serde_json::from_str(&line).ok();
            seen.push(line);
            Some(json?["address"].as_str()?.to_owned())
        });
        let address = address.unwrap_or_else(|| panic!("it does not start: {seen:?}"));
        let warned = Arc::<Mutex<Vec<String>>>::default();
        let (warns, from) = (Arc::clone(&warned), seen);
        // A pipe that nobody reads would stop it.
        std::thread::spawn(move || {
            let lines = from.into_iter().chain(log.map_while(Result::ok));
            for line in lines.filter(|line| line.contains("WARN") || line.contains("ERROR")) {
                warns.lock().unwrap().push(line);
            }
        });
        Self {
            child,
            warned,
            url: format!("http://{address}"),
        }
    }

    /// How many warnings and errors say this.
    pub(crate) fn warnings(&self, text: &str) -> usize {
        let warned = self.warned.lock().unwrap();
        warned.iter().filter(|line| line.contains(text)).count()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(done.success());
    }

    /// Stops it in the ordinary way, and waits until it is gone.
    pub(crate) fn stop(&mut self) {
        self.signal("-TERM");
        self.child.wait().unwrap();
    }

    /// Whether it says that it does what one does alone; `None` while it does not answer.
    pub(crate) async fn holds(&self, client: &Client) -> Option<bool> {
        let answer = client.get(format!("{}/metrics", self.url)).send().await;
        let text = answer.ok()?.text().await.ok()?;
        Some(text.lines().any(|line| line == "offpay_lease_held 1"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn urls(servings: &[Serving]) -> Vec<String> {
    servings.iter().map(|one| one.url.clone()).collect()
}

/// Waits until exactly one of these holds the lease; which, and after how long.
pub(crate) async fn holder(
    servings: &[&Serving],
    client: &Client,
    patience: Duration,
) -> (usize, Duration) {
    let began = Instant::now();
    while began.elapsed() < patience {
        let mut holding = Vec::new();
        for (place, serving) in servings.iter().enumerate() {
            if serving.holds(client).await == Some(true) {
                holding.push(place);
            }
        }
        if let [one] = holding[..] {
            return (one, began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not one holder after {patience:?}");
}

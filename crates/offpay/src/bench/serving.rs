//! The server: this program, as a process of its own.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::{http::Connection, process, world::World};

/// How long it may take until it knows all purses.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server; killed when this is dropped.
pub(super) struct Serving {
    child: Child,
    /// The server itself, which may be the child of what counts its calls.
    pub(super) process: u32,
    pub(super) address: SocketAddr,
    log: PathBuf,
    killed: bool,
}

impl Serving {
    /// Starts it, under `counter` if there is one, and waits until it knows the last of the purses.
    pub(super) async fn start(
        world: &World,
        folder: &Path,
        database: &str,
        counter: Option<&mut Command>,
    ) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let settings = settings(world, database, address);
        Self::start_with(folder, address, &settings, &certificate(world)?, counter).await
    }

    /// Starts it where it is told to listen, with more settings.
    pub(super) async fn start_at(
        world: &World,
        folder: &Path,
        database: &str,
        address: SocketAddr,
        more: &str,
    ) -> Result<Self> {
        let settings = settings(world, database, address) + more;
        // What a shard hands on says nothing of how far it is itself; who moves slots to it waits until it has followed the chain.
        let path = if more.is_empty() {
            certificate(world)?
        } else {
            "/readyz".to_owned()
        };
        Self::start_with(folder, address, &settings, &path, None).await
    }

    async fn start_with(
        folder: &Path,
        address: SocketAddr,
        settings: &str,
        path: &str,
        counter: Option<&mut Command>,
    ) -> Result<Self> {
        let config = folder.join("offpay.toml");
        fs::write(&config, settings)?;
        let log = folder.join("log");
        let program = std::env::current_exe()?;
        let mut direct = Command::new(&program);
        let command = match counter {
            Some(counter) => counter.arg(&program),
            None => &mut direct,
        };
        let child = command
            .args(["serve", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("the server")?;
        let mut serving = Self {
            process: child.id(),
            child,
            address,
            log,
            killed: false,
        };
        serving.ready(path).await?;
        Ok(serving)
    }

    /// Waits until this is there.
    async fn ready(&mut self, path: &str) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended: {status}: {}", self.last_words());
            }
            if let Ok(mut connection) = Connection::open(self.address).await
                && matches!(connection.get(path).await, Ok((200, _)))
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the server does not know its purses: {}", self.last_words())
    }

    /// It runs under another program.
    pub(super) fn find_server(&mut self) -> Result<()> {
        self.process = process::child(self.child.id()).context("the server is not there")?;
        Ok(())
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(super) fn kill(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.killed, true) {
            return Ok(());
        }
        if self.process == self.child.id() {
            self.child.kill()?;
        } else {
            let process = self.process.to_string();
            Command::new("kill").args(["-9", &process]).status()?;
        }
        self.child.wait()?;
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.kill();
    }
}

/// The certificate of the last purse: a server that gives it has followed the chain that far.
fn certificate(world: &World) -> Result<String> {
    let last = world.purses.last().context("there are no purses")?;
    Ok(format!("/v1/purses/{}/certificate", last.address()))
}

/// As in production, but that one address may hand in without limit, and that nothing is settled meanwhile: the chain would
/// take its part of the processor.
fn settings(world: &World, database: &str, address: SocketAddr) -> String {
    let config = &world.local.config;
    let file = |name: &str| format!("{{ file = \"{}\" }}", world.folder().join(name).display());
    format!(
        "[http]\nlisten = \"{address}\"\n[clearing]\nrequests_per_minute = 0\n\
         [follow]\nstale_s = 0\n[settlement]\ngather_s = 86400\nlongest_wait_s = 86400\n\
         [money]\nfaucet_amount = \"0\"\n[database]\nurl = \"{database}\"\n\
         [chain]\nnodes = [\"{}\"]\ndeployment = \"{}\"\n\
         [keys]\noperator = {}\ngas = {}\ncircle = {}\n\
         [vault]\nmaster_keys = [{{ id = \"local\", key = {} }}]\n",
        world.local.chain.url(),
        config.chain.deployment.display(),
        file("operator.key"),
        file("gas.key"),
        file("circle.key"),
        file("vault.key"),
    )
}

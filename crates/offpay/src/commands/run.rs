//! `offpay run`: everything on this machine, to try it out.

use std::{
    env,
    fs::{self, File, TryLockError},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use offpay_protocol::Seconds;
use offpay_server::{
    Config, Running,
    local::{self, Local, LocalOptions},
};
use serde::Serialize;

use crate::{
    cli::Answer,
    clock,
    output::{Output, Style},
    signals,
};

mod users;

use users::User;

/// What this program keeps itself, in its folder.
const OWN_SECTIONS: [&str; 4] = ["database", "chain", "keys", "vault"];

/// Somebody looks on: what is owed does not wait for company, and the log is for people. The chain is quiet, and near.
const DEFAULTS: &str = r#"
[http]
listen = "127.0.0.1:8080"
[follow]
poll_ms = 50
stale_s = 0
[settlement]
gather_s = 3
[log]
filter = "warn"
format = "text"
"#;

/// Run everything on this machine: a chain, the contracts, the server, and two example users with money.
///
/// All of it is in one folder. The next run finds it again.
#[derive(Debug, Args)]
#[command(
    after_help = "For trying it out: the chain is this program's own, and its money is worth nothing. Settings of \
    the server come from --config and the environment as for `offpay serve`, but for [database], [chain], [keys] and \
    [vault], which are its own.\n\n\
    Examples:\n  offpay run --data ./var\n  OFFPAY_CLEARING__OPERATOR_NAME='Old Market' offpay run --data ./var"
)]
pub(crate) struct Run {
    /// The folder that holds everything. Without it, `offpay` in the user's data folder.
    #[arg(long, env = "OFFPAY_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where the server listens; port 0: a free one. Without it `http.listen`, which is 127.0.0.1:8080 here.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Settings of the server (TOML), as for `offpay serve`. The environment goes before it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The chain's port. 0: a free one.
    #[arg(long, default_value_t = 8545, value_name = "PORT")]
    chain_port: u16,
    /// How many seconds ago a new chain's first block is to be: memberships count a week after they begin. Its clock stays
    /// that far behind until it is moved.
    #[arg(long, default_value_t = 0, value_name = "SECONDS", hide = true)]
    chain_began: u64,
    /// Make no example users.
    #[arg(long)]
    no_users: bool,
    /// Tell in JSON, once everything runs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    server: String,
    app: String,
    docs: String,
    chain: String,
    chain_id: u64,
    contract: String,
    token: String,
    data: &'a Path,
    deployment: &'a Path,
    admin_token: PathBuf,
    users: Vec<User>,
}

impl Run {
    pub(crate) async fn run(&self, output: &Output) -> Result<Answer> {
        let folder = self.folder()?;
        fs::create_dir_all(&folder).with_context(|| format!("the folder {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        let _lock = lock(&folder)?;
        let given = self.given()?;
        output.progress("starting the chain");
        let began = match Seconds::new(self.chain_began) {
            Some(Seconds::ZERO) => None,
            Some(ago) => Some(clock::now()?.saturating_sub(ago)),
            None => bail!("--chain-began is longer ago than a timestamp can say"),
        };
        let options = LocalOptions {
            port: Some(self.chain_port).filter(|port| *port != 0),
            keep: true,
            began,
            ..LocalOptions::default()
        };
        check_free(self.chain_port, "--chain-port")?;
        let local = Local::open(&folder, &options).await?;
        let config = complete(given, &local, &folder)?;
        let telemetry = offpay_server::log::begin(&config)?;
        let mining = tokio::spawn(local::keep_mining(local.chain.node().clone()));
        output.progress("starting the server");
        let running = offpay_server::start(config).await?;
        let told = self.tell(output, &local, &running, &folder);
        let outcome = tokio::select! {
            told = told => match told {
                Ok(()) => signals::stop().await,
                Err(error) => Err(error),
            },
            stopped = signals::stop() => stopped,
        };
        output.progress("stopping");
        running.stop().await;
        telemetry.end().await;
        mining.abort();
        drop(local);
        outcome.map(|()| Answer::Yes)
    }

    async fn tell(
        &self,
        output: &Output,
        local: &Local,
        running: &Running,
        folder: &Path,
    ) -> Result<()> {
        let server = format!("http://{}", running.address());
        let users = if self.no_users {
            Vec::new()
        } else {
            users::make(&server, folder).await?
        };
        let config = &running.app().config;
        let told = Told {
            docs: format!("{server}/docs"),
            app: config
                .http
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://localhost:{}", running.address().port())),
            server,
            chain: local.chain.url().to_owned(),
            chain_id: local.deployment.chain_id,
            contract: local.deployment.contract.to_string(),
            token: local.deployment.token.to_string(),
            data: folder,
            deployment: &local.config.chain.deployment,
            admin_token: folder.join("admin.token"),
            users,
        };
        if self.json {
            output.json(&told)?;
        } else {
            told.print(output)?;
        }
        Ok(())
    }

    /// The settings that were given, over what suits somebody who looks on.
    fn given(&self) -> Result<Config> {
        let file = self.config.as_deref();
        let mut config = Config::load_over(DEFAULTS, &OWN_SECTIONS, file, env::vars())?;
        if let Some(listen) = self.listen {
            config.http.listen = listen;
        }
        Ok(config)
    }

    fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.data {
            return Ok(folder.clone());
        }
        let set = |name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        set("XDG_DATA_HOME")
            .or_else(|| Some(set("HOME")?.join(".local/share")))
            .map(|data| data.join("offpay"))
            .context("there is no home folder: name a folder with --data")
    }
}

/// With what this program keeps itself.
fn complete(mut config: Config, local: &Local, folder: &Path) -> Result<Config> {
    let own = &local.config;
    config.database = own.database.clone();
    config.chain = own.chain.clone();
    config.keys = own.keys.clone();
    config.vault = own.vault.clone();
    let (_, token) = local::admin_token(folder)?;
    config.admin.tokens.push(token);
    config.refuse_invalid()?;
    Ok(config)
}

/// One program at a time.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("{}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another `offpay run` works in {}: stop it, or name another folder with --data",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
    }
}

/// anvil does not say why it does not listen.
fn check_free(port: u16, option: &str) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .with_context(|| format!("port {port} is taken: choose another with {option}"))
}

impl Told<'_> {
    fn print(&self, output: &Output) -> Result<()> {
        let line = |name: &str, value: &str| {
            output.line(&format!(
                "  {name:<11}{}",
                output.paint(Style::Accent, value)
            ))
        };
        output.line(&output.paint(
            Style::Bold,
            "OffPay runs. Ctrl-C stops it; the next run finds everything again.",
        ))?;
        line("app", &self.app)?;
        if let Some(port) = self.app.strip_prefix("http://localhost:") {
            // Cameras, passkeys and working offline need https or localhost.
            let how = format!(
                "by USB, adb reverse tcp:{port} tcp:{port}; then open {}",
                self.app
            );
            line("on a phone", &how)?;
        }
        line("API", &self.docs)?;
        line("server", &self.server)?;
        line("chain", &format!("{} (id {})", self.chain, self.chain_id))?;
        line("contract", &self.contract)?;
        line("token", &self.token)?;
        line("data", &self.data.display().to_string())?;
        line(
            "operator",
            &format!(
                "offpay operator overview --server {} --token-file {}",
                self.server,
                self.admin_token.display()
            ),
        )?;
        for user in &self.users {
            line(&user.handle, &user.told())?;
        }
        Ok(())
    }
}

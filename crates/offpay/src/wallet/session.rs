//! What every command begins with: the folder, the PIN, the clock, and randomness.

use std::{
    cell::OnceCell,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::Timestamp;
use offpay_store::WalletFile;
use offpay_wallet::{Entropy, Token, Wallet, keys::Password};

use crate::{clock, money::DECIMALS, output::Output, secrets::Secret};

/// The database's name in the wallet's folder.
const DATABASE: &str = "wallet.db";

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Common {
    /// The wallet's folder [default: ~/.offpay].
    #[arg(long, global = true, env = "OFFPAY_WALLET_DIR", value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// A file with the PIN or passphrase.
    #[arg(long, global = true, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
}

impl Common {
    pub(in crate::wallet) const fn is_json(&self) -> bool {
        self.json
    }
}

/// An open wallet, locked or not.
pub(super) type OpenWallet = Wallet<WalletFile>;

/// One run of one command.
pub(super) struct Session<'a> {
    common: Common,
    token: OnceCell<Token>,
    /// Where answers go.
    pub(super) output: &'a Output,
}

impl<'a> Session<'a> {
    pub(super) const fn new(common: Common, output: &'a Output) -> Self {
        Self {
            common,
            token: OnceCell::new(),
            output,
        }
    }

    /// Whether to answer in JSON.
    pub(super) const fn json(&self) -> bool {
        self.common.is_json()
    }

    /// The wallet, locked. Another program that has it open is an error.
    pub(super) fn open(&self) -> Result<OpenWallet> {
        let folder = self.folder()?;
        let missing = || {
            format!(
                "no wallet in {}: make one with `offpay wallet new`",
                folder.display()
            )
        };
        if !folder.join(DATABASE).exists() {
            anyhow::bail!(missing());
        }
        let wallet = Wallet::open(self.storage(&folder)?)?;
        let _ = self.token.set(wallet.state().deployment().token.clone());
        Ok(wallet)
    }

    /// The wallet, unlocked with the PIN.
    pub(super) fn unlocked(&self) -> Result<OpenWallet> {
        let mut wallet = self.open()?;
        self.unlock(&mut wallet)?;
        Ok(wallet)
    }

    /// Asks for the PIN and unlocks.
    pub(super) fn unlock(&self, wallet: &mut OpenWallet) -> Result<()> {
        wallet.unlock(&self.old_pin()?, self.now()?)?;
        Ok(())
    }

    /// A folder for a new wallet, and the storage in it.
    pub(super) fn fresh_storage(&self) -> Result<WalletFile> {
        let folder = self.folder()?;
        make_private(&folder)?;
        make_private_file(&folder.join(DATABASE))?;
        self.storage(&folder)
    }

    /// The PIN that the wallet is sealed under.
    pub(super) fn old_pin(&self) -> Result<Password> {
        Ok(Password::new(self.pin().get()?.as_str()))
    }

    /// A new PIN, asked for twice.
    pub(super) fn new_pin(&self) -> Result<Password> {
        Ok(Password::new(self.pin().choose()?.as_str()))
    }

    /// What the device's clock shows. The wallet counts the highest time that it has ever seen.
    pub(super) fn now(&self) -> Result<Timestamp> {
        clock::now()
    }

    /// Fresh randomness for one operation.
    pub(super) fn entropy(&self) -> Result<Entropy> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        Ok(Entropy::new(bytes))
    }

    /// The token of the wallet that was opened; before that, $OFFPAY.
    pub(super) fn token(&self) -> Token {
        let unknown = || Token {
            symbol: "OFFPAY".to_owned(),
            decimals: DECIMALS,
        };
        self.token.get().cloned().unwrap_or_else(unknown)
    }

    /// The wallet's folder.
    pub(super) fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.common.dir {
            return Ok(folder.clone());
        }
        let home =
            env::var_os("HOME").context("no home folder: name the wallet's folder with --dir")?;
        Ok(Path::new(&home).join(".offpay"))
    }

    fn storage(&self, folder: &Path) -> Result<WalletFile> {
        Ok(WalletFile::open(folder.join(DATABASE))?)
    }

    fn pin(&self) -> Secret<'_> {
        Secret {
            name: "PIN",
            variable: "OFFPAY_PIN",
            file: self.common.pin_file.as_deref(),
        }
    }
}

/// Makes a folder that only its owner can look into.
fn make_private(folder: &Path) -> Result<()> {
    let failed = || format!("cannot make the folder {}", folder.display());
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(failed)
}

/// Makes an empty file that only its owner can read; the database goes into it.
fn make_private_file(file: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .map(drop)
        .with_context(|| format!("cannot make {}", file.display()))
}

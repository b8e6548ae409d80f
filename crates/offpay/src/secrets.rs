//! Secrets: from a file, the environment or a prompt that does not echo. Never from an argument, which others can see.

use std::{env, fs, io::IsTerminal as _, path::Path};

use anyhow::{Context, Result, bail};
use offpay_protocol::SigningKey;
use offpay_wallet::keys::{Password, import_keystore};
use zeroize::Zeroizing;

/// Which secret, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret<'a> {
    /// What the prompt calls it.
    pub(crate) name: &'a str,
    /// The environment variable that may hold it. With `_FILE` behind it, one that names a file.
    pub(crate) variable: &'a str,
    /// A file that was named on the command line.
    pub(crate) file: Option<&'a Path>,
}

impl Secret<'_> {
    /// The secret, if it can be had without asking anybody.
    pub(crate) fn given(&self) -> Result<Option<Zeroizing<String>>> {
        if let Some(file) = self.file {
            return read(file).map(Some);
        }
        if let Some(secret) = env::var(self.variable)
            .ok()
            .filter(|secret| !secret.is_empty())
        {
            return Ok(Some(Zeroizing::new(secret)));
        }
        match env::var_os(format!("{}_FILE", self.variable)).filter(|file| !file.is_empty()) {
            Some(file) => read(file.as_ref()).map(Some),
            None => Ok(None),
        }
    }

    /// The secret, asked for if need be.
    pub(crate) fn get(&self) -> Result<Zeroizing<String>> {
        match self.given()? {
            Some(secret) => Ok(secret),
            None => self.ask(""),
        }
    }

    /// A new secret: asked for twice.
    pub(crate) fn choose(&self) -> Result<Zeroizing<String>> {
        if let Some(secret) = self.given()? {
            return Ok(secret);
        }
        let first = self.ask("Choose a ")?;
        let again = self.ask("Again, the ")?;
        if first != again {
            bail!("the two are different");
        }
        Ok(first)
    }

    fn ask(&self, before: &str) -> Result<Zeroizing<String>> {
        let Self { name, variable, .. } = self;
        if !std::io::stdin().is_terminal() && !std::io::stderr().is_terminal() {
            bail!(
                "the {name} is missing: set {variable} or {variable}_FILE, or run this in a terminal"
            );
        }
        let prompt = if before.is_empty() {
            format!("The {name}: ")
        } else {
            format!("{before}{name}: ")
        };
        let secret = rpassword::prompt_password(prompt)
            .with_context(|| format!("cannot ask for the {name}"))?;
        Ok(Zeroizing::new(secret))
    }
}

/// A private key: 32 bytes in hex, or an Ethereum keystore file (version 3), whose password is asked for.
pub(crate) fn signing_key(text: &str, password: &Secret<'_>) -> Result<SigningKey> {
    let text = text.trim();
    if text.starts_with('{') {
        let password = Password::new(password.get()?.as_str());
        return import_keystore(text, &password).context("the keystore cannot be opened");
    }
    private_key(text).context("this is neither a private key nor a keystore file")
}

/// Reads 32 bytes in hex, with or without `0x`.
pub(crate) fn private_key(text: &str) -> Result<SigningKey> {
    let mut secret = Zeroizing::new([0; 32]);
    // Its error would repeat a character of the key.
    if alloy_primitives::hex::decode_to_slice(text, secret.as_mut_slice()).is_err() {
        bail!("a private key is 64 hex digits");
    }
    SigningKey::from_bytes(&secret).context("these bytes are no private key")
}

fn read(file: &Path) -> Result<Zeroizing<String>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_loses_its_last_line_end_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin");
        fs::write(&file, " 1234 \r\n").unwrap();
        let secret = Secret {
            name: "PIN",
            variable: "OFFPAY_NO_SUCH_VARIABLE",
            file: Some(&file),
        };
        assert_eq!(*secret.get().unwrap(), " 1234 ");
        assert_eq!(*secret.choose().unwrap(), " 1234 ");
        let none = Secret {
            file: None,
            ..secret
        };
        assert!(none.given().unwrap().is_none());
    }

    #[test]
    fn keys_in_hex() {
        let unused = Secret {
            name: "password",
            variable: "OFFPAY_NO_SUCH_VARIABLE",
            file: None,
        };
        let digits = "11".repeat(32);
        let key = signing_key(&digits, &unused).unwrap();
        let prefixed = signing_key(&format!(" 0x{digits}\n"), &unused).unwrap();
        assert_eq!(key.address(), prefixed.address());
        let error = signing_key("1234", &unused).unwrap_err().to_string();
        assert!(!error.contains("1234"));
        assert!(signing_key(&"00".repeat(32), &unused).is_err());
    }
}

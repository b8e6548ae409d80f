//! Signing in to an operator's server with the account's own key (EIP-4361).

use alloy_primitives::{Address, eip191_hash_message};
use offpay_protocol::{Signature, Timestamp};
use thiserror::Error;

use crate::{Wallet, date, storage::Storage, wallet::UnlockError};

/// The site that asks, as its server names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Host and port.
    pub domain: String,
    /// Its address, which has to be of that host.
    pub uri: String,
    /// What the server made up for this one message.
    pub nonce: String,
}

/// What is sent to the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The message, exactly as it was signed.
    pub message: String,
    /// The owner key's signature over it (EIP-191).
    pub signature: Signature,
}

/// Why nothing was signed.
#[derive(Debug, Error)]
pub enum SignInError {
    /// The site's names are not what a message can hold, or contradict each other.
    #[error("the site's names cannot be signed")]
    Site,
    /// The owner key cannot be used.
    #[error(transparent)]
    Key(#[from] UnlockError),
}

impl SignInError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Site => "site_malformed",
            Self::Key(error) => error.code(),
        }
    }

    /// Whether the same can succeed later, or with other input.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Site => false,
            Self::Key(error) => error.is_retryable(),
        }
    }
}

impl Site {
    /// One line each, without anything that could pass for another line or field.
    fn is_sound(&self) -> bool {
        let visible =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let host = self
            .uri
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "https" | "http"))
            .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        visible(&self.uri)
            && visible(&self.domain)
            && host == Some(&self.domain)
            && self.nonce.len() >= 8
            && self.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

impl Site {
    /// The message with which an account signs in to this site.
    ///
    /// # Errors
    ///
    /// [`SignInError::Site`].
    pub fn message(
        &self,
        account: Address,
        chain: u64,
        now: Timestamp,
    ) -> Result<String, SignInError> {
        if !self.is_sound() {
            return Err(SignInError::Site);
        }
        let Self { domain, uri, nonce } = self;
        Ok(format!(
            "{domain} wants you to sign in with your Ethereum account:\n{account}\n\nSign in to OffPay.\n\n\
             URI: {uri}\nVersion: 1\nChain ID: {chain}\nNonce: {nonce}\nIssued At: {at}",
            // The site's clock decides, and a wallet's may only have gone ahead.
            at = date::iso(now),
        ))
    }
}

impl<S: Storage> Wallet<S> {
    /// Signs in to a site. The message moves no money: it is text that begins as no transaction does.
    ///
    /// # Errors
    ///
    /// See [`SignInError`].
    pub fn sign_in(&mut self, site: &Site, now: Timestamp) -> Result<SignedIn, SignInError> {
        let chain = self.state().deployment().domain.chain_id();
        let account = self.state().account().into();
        let message = site.message(account, chain, now)?;
        let signature = self
            .owner_key(now)?
            .sign(eip191_hash_message(&message))
            .map_err(|_| UnlockError::Key(crate::keys::KeyError::NotAKey))?;
        Ok(SignedIn { message, signature })
    }
}

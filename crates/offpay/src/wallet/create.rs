//! What making a wallet takes, whether new or restored.

use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::Amount;
use offpay_wallet::{
    Deployment, Token, Wallet,
    keys::KdfCost,
    settings::Settings,
    wallet::{NewIdentity, NewWalletOrder},
};

use super::session::{OpenWallet, Session};
use crate::{money::DECIMALS, network::Place};

/// What making a wallet takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Creation {
    /// What you call yourself in requests.
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// What the token is called.
    #[arg(long, default_value = "OFFPAY", value_name = "SYMBOL")]
    token: String,
    /// The token's digits after the point.
    #[arg(long, default_value_t = DECIMALS, value_name = "DIGITS")]
    decimals: u8,
    /// Make the PIN cheap to guess: for tests and demos, never for money.
    #[arg(long, hide = true)]
    cheap_pin: bool,
}

impl Creation {
    /// Makes the wallet, and leaves it unlocked.
    pub(super) fn create(
        &self,
        session: &Session<'_>,
        identity: NewIdentity,
    ) -> Result<OpenWallet> {
        let deployment = self.place.read()?;
        let unit = Amount::parse_units("1", self.decimals).context("too many decimals")?;
        let order = NewWalletOrder {
            deployment: Deployment {
                domain: self.place.domain()?,
                parameters: deployment.parameters,
                token: Token {
                    symbol: self.token.clone(),
                    decimals: self.decimals,
                },
            },
            identity,
            name: self.name.clone(),
            settings: Settings::cautious(unit),
            cost: if self.cheap_pin {
                KdfCost::FOR_TESTS
            } else {
                KdfCost::STANDARD
            },
        };
        let pin = session.new_pin()?;
        let storage = session.fresh_storage()?;
        Ok(Wallet::create(
            storage,
            order,
            &pin,
            &session.entropy()?,
            session.now()?,
        )?)
    }
}

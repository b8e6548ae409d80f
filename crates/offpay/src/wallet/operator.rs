//! `offpay wallet operator`

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use offpay_protocol::{
    OperatorId, Signed,
    wire::{Code, OperatorCard},
};
use serde_json::json;

use super::{confirm::confirm, session::Session};
use crate::{
    cli::Answer,
    codes::one_code,
    server::{Server, ServerAddress, ServerError},
};

#[derive(Debug, Args)]
#[command(
    after_help = "A card is not signed: scan it where you know whose it is. A server's card is taken over https alone.\n\n\
    Examples:\n  offpay wallet operator add card.png\n  offpay wallet operator add https://pay.example\n  offpay wallet operator list\n  \
    offpay wallet operator attestation attestation.txt"
)]
pub(super) struct Operator {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Trust an operator, by its card: text, file or picture; or by the address of its server.
    Add {
        /// The card, or the address of the server that shows it.
        card: String,
        /// Do not ask whether that is right.
        #[arg(long, short)]
        yes: bool,
    },
    /// No longer trust an operator.
    Forget {
        /// Its key.
        operator: OperatorId,
    },
    /// Show the operators that you trust.
    List,
    /// Take the operator's word on this device's key and name: text, file or picture.
    Attestation {
        /// The attestation.
        attestation: String,
    },
}

impl Operator {
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let now = session.now()?;
        match &self.command {
            Command::Add { card, yes } => {
                let card = read(card).await?;
                let question = format!("Trust {} ({})?", card.name, card.operator);
                confirm(session, &question, *yes)?;
                session.unlock(&mut wallet)?;
                wallet.trust_operator(&card, now)?;
            }
            Command::Forget { operator } => wallet.forget_operator(*operator, now)?,
            Command::List => {}
            Command::Attestation { attestation } => {
                let Code::Attestation(code) = one_code(attestation)? else {
                    bail!("this code is not an attestation")
                };
                let domain = wallet.state().deployment().domain;
                let (message, signature) = code.open(&domain)?;
                wallet.take_attestation(
                    Signed {
                        domain,
                        message: message.clone(),
                        signature,
                    },
                    now,
                )?;
                if !session.json() {
                    session
                        .output
                        .line("From now on requests carry the operator's word on the name.")?;
                }
            }
        }
        let operators = &wallet.state().records().operators;
        if session.json() {
            session
                .output
                .json(&json!({ "operators": operators.values().collect::<Vec<_>>() }))?;
        } else if operators.is_empty() {
            session
                .output
                .line("No operator is trusted yet: nothing can be accepted offline.")?;
        } else {
            for card in operators.values() {
                let server = if card.server.is_empty() {
                    "no server"
                } else {
                    &card.server
                };
                session
                    .output
                    .line(&format!("{}  {}  {server}", card.operator, card.name))?;
            }
        }
        Ok(Answer::Yes)
    }
}

/// The card that was handed in, or that a server shows.
async fn read(given: &str) -> Result<OperatorCard> {
    // A link with a code in it has that behind a #.
    let is_address = given.starts_with("http://") || given.starts_with("https://");
    if !is_address || given.contains('#') {
        return match one_code(given)? {
            Code::Operator(card) => Ok(card),
            _ => bail!("this code is not an operator's card"),
        };
    }
    let address = ServerAddress::parse(given)?;
    if !address.is_private() {
        let host = address.host().to_owned();
        return Err(ServerError::NotPrivate { host }.into());
    }
    let url = address.text().to_owned();
    let told = Server::new(address)?.operator().await?;
    Ok(OperatorCard {
        domain: told.domain,
        operator: told.operator,
        url,
        name: told.name,
    })
}

//! `offpay wallet circle`

use anyhow::Result;
use clap::{Args, Subcommand};
use offpay_protocol::Circle as CircleId;
use serde_json::json;

use super::session::Session;
use crate::{cli::Answer, clock, output::Style};

#[derive(Debug, Args)]
#[command(
    after_help = "Joining a circle is trusting whoever admits its members. The zero address is the open circle, of \
    everybody who is registered.\n\n\
    Examples:\n  offpay wallet circle join 0x9965…A4dc --name 'Old Market'\n  offpay wallet circle show"
)]
pub(super) struct Circle {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Count the covers of a circle's purses, once a sync has seen the membership.
    Join {
        /// The circle.
        circle: CircleId,
        /// What you call it.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// No longer count them.
    Leave {
        /// The circle.
        circle: CircleId,
    },
    /// Show the circles that you joined, and your place in each at the last sync.
    Show,
}

impl Circle {
    pub(super) fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut wallet = session.open()?;
        let now = session.now()?;
        match &self.command {
            Command::Join { circle, name } => {
                session.unlock(&mut wallet)?;
                wallet.join_circle(*circle, name, now)?;
            }
            Command::Leave { circle } => wallet.leave_circle(*circle, now)?,
            Command::Show => {}
        }
        let state = wallet.state();
        let circles = &state.records().circles;
        if session.json() {
            session
                .output
                .json(&json!({ "circles": circles.values().collect::<Vec<_>>() }))?;
            return Ok(Answer::Yes);
        }
        let output = session.output;
        if circles.is_empty() {
            output.line("No circle is joined yet: no purse counts as covered.")?;
        }
        for joined in circles.values() {
            let place = match joined.membership {
                None => output.paint(Style::Bad, "not a member at the last sync"),
                Some(place) if place.from > state.time(now) => {
                    format!("a member from {} on", clock::show(place.from))
                }
                Some(place) => match place.until {
                    Some(until) => output.paint(
                        Style::Bad,
                        &format!("dismissed: a member until {}", clock::show(until)),
                    ),
                    None => output.paint(Style::Good, "a member"),
                },
            };
            output.line(&format!("{}  {}  {place}", joined.circle, joined.name))?;
        }
        Ok(Answer::Yes)
    }
}

//! Where a payee stands, in big plain words with the numbers behind them.

use anyhow::Result;
use offpay_protocol::{Amount, Timestamp, acceptance::Verdict};
use offpay_wallet::{Token, messages::Message as _, records::Acceptance};

use crate::{
    clock,
    output::{Output, Style},
};

/// The verdict, in words.
pub(super) struct Words {
    pub(super) heading: String,
    style: Style,
    explained: String,
}

impl Words {
    pub(super) fn of(verdict: &Verdict, exposure: Amount, token: &Token) -> Self {
        match *verdict {
            Verdict::Guaranteed => Self {
                heading: "GUARANTEED".to_owned(),
                style: Style::Good,
                explained: "You are paid, whatever anybody else does, if you hand it in in time."
                    .to_owned(),
            },
            Verdict::CoveredUpTo {
                up_to,
                while_at_most,
                circle_size,
            } => {
                let members = if circle_size == u16::MAX {
                    "anybody who is registered".to_owned()
                } else {
                    format!("its {circle_size} members")
                };
                let short = exposure.saturating_sub(up_to);
                let open = if short.is_zero() {
                    String::new()
                } else {
                    format!(" {} of what you hold is above that.", token.show(short))
                };
                Self {
                    heading: format!(
                        "COVERED up to {} while at most {while_at_most} claim",
                        token.show(up_to)
                    ),
                    style: Style::Accent,
                    explained: format!(
                        "Of the circle, {members} can claim. First come, first served.{open}"
                    ),
                }
            }
            Verdict::NotCovered { why } => Self {
                heading: "NOT COVERED".to_owned(),
                style: Style::Bad,
                explained: format!(
                    "Nothing but the payer's honesty stands behind it. {}",
                    why.message(token)
                ),
            },
        }
    }
}

/// Says where a payee stands.
pub(super) fn print(
    output: &Output,
    acceptance: &Acceptance,
    token: &Token,
    now: Timestamp,
) -> Result<()> {
    let words = Words::of(&acceptance.verdict, acceptance.exposure, token);
    output.line(&output.paint(words.style, &words.heading))?;
    output.line(&words.explained)?;
    output.line("")?;
    row(output, "cover", &token.show(acceptance.cover))?;
    row(output, "held from purse", &token.show(acceptance.exposure))?;
    if !acceptance.excess.is_zero() {
        row(output, "not accounted for", &token.show(acceptance.excess))?;
        output.line(
            "The payer promised you more than you accepted: a payment may not have reached you.",
        )?;
    }
    if acceptance.is_older {
        output.line("It is an older payment than one that you hold, which covers it.")?;
    }
    hand_in(output, acceptance.hand_in_by, now)
}

/// By when to hand in.
pub(super) fn hand_in(output: &Output, by: Timestamp, now: Timestamp) -> Result<()> {
    row(
        output,
        "hand in by",
        &format!("{} ({})", clock::show(by), clock::distance(now, by)),
    )
}

/// A number with what it is.
pub(super) fn row(output: &Output, name: &str, value: &str) -> Result<()> {
    Ok(output.line(&format!("  {name:<18} {value}"))?)
}

/// Whether a verdict ends with 0.
pub(super) const fn is_covered(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::NotCovered { .. })
}

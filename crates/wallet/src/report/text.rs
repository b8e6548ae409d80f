//! A report as text: in the characters that QR codes hold densely, small enough to hold up to a camera.
//!
//! `OPR1:account/name/since/until/made/count.total/…/check`: the account and the name in hexadecimal digits, everything
//! else in decimal ones, and at the end the first bytes of the hash of all before it, so that a damaged one is noticed.

use alloy_primitives::{Address, hex, keccak256};
use offpay_protocol::{AccountId, Amount, Timestamp};

use super::{Report, ReportError, Sums, Tally};
use crate::ask::LONGEST_TEXT;

/// What every report of this version begins with.
pub const PREFIX: &str = "OPR1:";

impl Report {
    /// The text form.
    pub fn to_text(&self) -> String {
        let mut fields = vec![
            hex::encode_upper(self.account.address()),
            hex::encode_upper(&self.name),
            self.since.get().to_string(),
            self.until.get().to_string(),
            self.made_at.get().to_string(),
        ];
        let tallies = self.sums.tallies().into_iter();
        fields.extend(tallies.map(|tally| format!("{}.{}", tally.count, tally.total.get())));
        let body = fields.join("/");
        format!("{PREFIX}{body}/{}", check(&body))
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`ReportError::NotAReport`].
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        read(text.trim()).ok_or(ReportError::NotAReport)
    }
}

fn read(text: &str) -> Option<Report> {
    let (body, sum) = text.strip_prefix(PREFIX)?.rsplit_once('/')?;
    if sum != check(body) {
        return None;
    }
    let mut fields = body.split('/');
    let account: [u8; 20] = hex::decode(fields.next()?).ok()?.try_into().ok()?;
    let name = String::from_utf8(hex::decode(fields.next()?).ok()?).ok()?;
    let mut time = || Timestamp::new(fields.next()?.parse().ok()?);
    let (since, until, made_at) = (time()?, time()?, time()?);
    let mut tallies = [Tally::default(); 10];
    for tally in &mut tallies {
        let (count, total) = fields.next()?.split_once('.')?;
        *tally = Tally {
            count: count.parse().ok()?,
            total: Amount::new(total.parse().ok()?)?,
        };
    }
    let whole = fields.next().is_none() && name.len() <= LONGEST_TEXT && since < until;
    whole.then_some(Report {
        account: AccountId::new(Address::from(account)),
        name,
        since,
        until,
        made_at,
        sums: Sums::of_tallies(tallies),
    })
}

fn check(body: &str) -> String {
    let [a, b, c, d, ..] = keccak256(body.as_bytes()).0;
    hex::encode_upper([a, b, c, d])
}

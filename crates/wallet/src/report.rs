//! What a till took in a day: counted here, added up on the owner's phone, printed and kept as a table.
//!
//! A report is what a till says of itself. What reached the chain is proven by the chain; the owner's phone shows both.

mod csv;
mod text;

use offpay_protocol::{AccountId, Amount, Timestamp, acceptance::Verdict};
use serde::Serialize;
use thiserror::Error;

pub use text::PREFIX;

use crate::{
    State,
    records::{ReceivedPayment, VoucherDirection},
    sync::Standing,
};

/// The most reports that one shop adds up.
pub const MOST_REPORTS: usize = 100;

/// How many, and how much in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// How many.
    pub count: u32,
    /// How much in all.
    pub total: Amount,
}

/// What came in and went back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// All that was taken.
    pub taken: Tally,
    /// Of it, guaranteed when it was accepted: everything that came through channels as well.
    pub guaranteed: Tally,
    /// Of it, covered when it was accepted.
    pub covered: Tally,
    /// Of it, taken without cover.
    pub uncovered: Tally,
    /// Tips, which are part of what was taken. Counted by their payments.
    pub tips: Tally,
    /// What was given back.
    pub refunds: Tally,
    /// Of what was taken: on this phone and nowhere else, as far as it knows.
    pub held: Tally,
    /// Handed in, and not final yet.
    pub handed_in: Tally,
    /// Final. In channels: all, they settle as a whole.
    pub settled: Tally,
    /// The purse could not pay.
    pub in_default: Tally,
}

/// What one account took in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The till, or the account.
    pub account: AccountId,
    /// What it calls itself.
    pub name: String,
    /// From when on.
    pub since: Timestamp,
    /// Up to when, that moment not included.
    pub until: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
    /// The sums.
    pub sums: Sums,
}

/// Why reports are not added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// It is no report, or a damaged one.
    #[error("this is no report of a till")]
    NotAReport,
    /// Two reports of one till count the same time twice.
    #[error("two reports of {account} overlap")]
    Overlap {
        /// The till.
        account: AccountId,
    },
    /// More than can be counted.
    #[error("more than can be counted")]
    TooMuch,
}

impl ReportError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAReport => "report_unreadable",
            Self::Overlap { .. } => "report_overlap",
            Self::TooMuch => "report_too_much",
        }
    }

    /// Whether the same can succeed later: it cannot.
    pub const fn is_retryable(&self) -> bool {
        false
    }
}

impl Tally {
    fn add(&mut self, amount: Amount) {
        self.count = self.count.saturating_add(1);
        self.total = self.total.checked_add(amount).unwrap_or(Amount::MAX);
    }

    fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            count: self.count.checked_add(other.count)?,
            total: self.total.checked_add(other.total)?,
        })
    }
}

impl Sums {
    /// Every tally, in the order of the text form.
    fn tallies(&self) -> [Tally; 10] {
        [
            self.taken,
            self.guaranteed,
            self.covered,
            self.uncovered,
            self.tips,
            self.refunds,
            self.held,
            self.handed_in,
            self.settled,
            self.in_default,
        ]
    }

    fn of_tallies(tallies: [Tally; 10]) -> Self {
        let [
            taken,
            guaranteed,
            covered,
            uncovered,
            tips,
            refunds,
            held,
            handed_in,
            settled,
            in_default,
        ] = tallies;
        Self {
            taken,
            guaranteed,
            covered,
            uncovered,
            tips,
            refunds,
            held,
            handed_in,
            settled,
            in_default,
        }
    }

    fn checked_add(&self, other: &Self) -> Option<Self> {
        let mut sums = self.tallies();
        for (sum, other) in sums.iter_mut().zip(other.tallies()) {
            *sum = sum.checked_add(other)?;
        }
        Some(Self::of_tallies(sums))
    }
}

/// Adds up the reports of one shop. Of two for the same till and the same beginning the newer one counts: a till can
/// show its day as often as it likes. What is left is told, with the sum.
///
/// # Errors
///
/// [`ReportError::Overlap`], [`ReportError::TooMuch`].
pub fn add_up(reports: Vec<Report>) -> Result<(Vec<Report>, Sums), ReportError> {
    if reports.len() > MOST_REPORTS {
        return Err(ReportError::TooMuch);
    }
    let mut newest: Vec<Report> = Vec::new();
    for report in reports {
        let same =
            |known: &&mut Report| known.account == report.account && known.since == report.since;
        match newest.iter_mut().find(same) {
            Some(known) if known.made_at >= report.made_at => {}
            Some(known) => *known = report,
            None => newest.push(report),
        }
    }
    newest.sort_by_key(|report| (report.account, report.since));
    for (before, after) in newest.iter().zip(newest.iter().skip(1)) {
        if before.account == after.account && after.since < before.until {
            return Err(ReportError::Overlap {
                account: after.account,
            });
        }
    }
    let mut sums = Sums::default();
    for report in &newest {
        sums = sums.checked_add(&report.sums).ok_or(ReportError::TooMuch)?;
    }
    Ok((newest, sums))
}

impl State {
    /// What this wallet took from `since` on and before `until`.
    pub fn report(&self, since: Timestamp, until: Timestamp, now: Timestamp) -> Report {
        let within = |at: Timestamp| at >= since && at < until;
        let records = self.records();
        let mut sums = Sums::default();
        // A refund that came back to this wallet is no sale.
        let taken = records.received.values();
        for received in taken.filter(|received| received.refund_of.is_none()) {
            if within(received.received_at) {
                self.count(&mut sums, received);
            }
        }
        for note in &records.vouchers {
            if note.direction == VoucherDirection::Received && within(note.at) {
                sums.taken.add(note.amount);
                sums.guaranteed.add(note.amount);
                sums.settled.add(note.amount);
                self.count_tip(&mut sums, &note.reference);
            }
        }
        let made = records.made.values();
        for made in made.filter(|made| made.refund_of.is_some() && within(made.made_at)) {
            sums.refunds.add(made.payment.amount);
        }
        Report {
            account: self.account(),
            name: self.profile().name.clone(),
            since,
            until,
            made_at: self.time(now),
            sums,
        }
    }

    fn count(&self, sums: &mut Sums, received: &ReceivedPayment) {
        let amount = received.payment.amount;
        sums.taken.add(amount);
        match received.acceptance.verdict {
            Verdict::Guaranteed => sums.guaranteed.add(amount),
            Verdict::CoveredUpTo { .. } => sums.covered.add(amount),
            Verdict::NotCovered { .. } => sums.uncovered.add(amount),
        }
        match self.standing(received.id) {
            None | Some(Standing::Held) => sums.held.add(amount),
            Some(Standing::HandedIn { .. }) => sums.handed_in.add(amount),
            Some(Standing::Final(_)) => sums.settled.add(amount),
            Some(Standing::InDefault { .. }) => sums.in_default.add(amount),
        }
        self.count_tip(sums, &received.request);
    }

    fn count_tip(&self, sums: &mut Sums, request: &offpay_protocol::Reference) {
        let sale = self
            .records()
            .requests
            .get(request)
            .and_then(|issued| issued.sale.as_ref());
        if let Some(sale) = sale.filter(|sale| !sale.tip.is_zero()) {
            sums.tips.add(sale.tip);
        }
    }
}

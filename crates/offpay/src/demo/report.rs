//! What is shown of the story: a table as it happens, or JSON at the end.

use std::io;

use alloy_primitives::TxHash;
use offpay_chain::{Mined, token::TokenMoved};
use serde::Serialize;

use super::{books::Change, cast::Who};
use crate::output::{Output, Style};

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    number: usize,
    chapter: &'static str,
    who: Option<Who>,
    what: String,
    how: How,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    after: Vec<Change>,
}

/// How it happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// With transactions, which used so much gas.
    OnChain { transactions: Vec<TxHash>, gas: u64 },
    /// With signed messages alone.
    OffChain { payments: u64 },
    /// Time passed.
    Waiting,
}

impl Step {
    /// Somebody does something with no transaction and no payment.
    pub(super) fn new(who: Who, what: impl Into<String>) -> Self {
        Self {
            number: 0,
            chapter: "",
            who: Some(who),
            what: what.into(),
            how: How::OffChain { payments: 0 },
            note: None,
            after: Vec::new(),
        }
    }

    /// Time passes.
    pub(super) fn time(what: impl Into<String>) -> Self {
        Self {
            who: None,
            how: How::Waiting,
            ..Self::new(Who::Watcher, what)
        }
    }

    /// So many payments were made, with signed messages alone.
    pub(super) fn payments(mut self, payments: u64) -> Self {
        self.how = How::OffChain { payments };
        self
    }

    /// It took this transaction, too.
    pub(super) fn mined<R>(self, mined: &Mined<R>) -> Self {
        self.transaction(mined.tx, mined.gas_used)
    }

    /// It took this transaction of the token, too.
    pub(super) fn moved(self, moved: &TokenMoved) -> Self {
        self.transaction(moved.tx, moved.gas_used)
    }

    pub(super) fn transaction(mut self, tx: TxHash, gas_used: u64) -> Self {
        match &mut self.how {
            How::OnChain { transactions, gas } => {
                transactions.push(tx);
                *gas = gas.saturating_add(gas_used);
            }
            How::OffChain { .. } | How::Waiting => {
                self.how = How::OnChain {
                    transactions: vec![tx],
                    gas: gas_used,
                };
            }
        }
        self
    }

    /// Something to know about it.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// The story so far.
pub(super) struct Report {
    output: Output,
    json: bool,
    chapter: &'static str,
    steps: Vec<Step>,
}

/// What it came to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    pub(super) off_chain_payments: u64,
    pub(super) transactions: usize,
    pub(super) gas: u64,
}

impl Report {
    pub(super) fn new(output: &Output, json: bool) -> Self {
        Self {
            output: output.clone(),
            json,
            chapter: "",
            steps: Vec::new(),
        }
    }

    pub(super) const fn is_json(&self) -> bool {
        self.json
    }

    pub(super) const fn output(&self) -> &Output {
        &self.output
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn chapter(&mut self, title: &'static str) -> io::Result<()> {
        self.chapter = title;
        if self.json {
            return Ok(());
        }
        self.output.line("")?;
        self.output.line(&self.output.paint(Style::Bold, title))
    }

    pub(super) fn step(&mut self, mut step: Step, after: Vec<Change>) -> io::Result<()> {
        step.number = self.steps.len().saturating_add(1);
        step.chapter = self.chapter;
        step.after = after;
        if !self.json {
            self.print(&step)?;
        }
        self.steps.push(step);
        Ok(())
    }

    pub(super) fn totals(&self) -> Totals {
        self.steps
            .iter()
            .fold(Totals::default(), |mut totals, step| {
                match &step.how {
                    How::OnChain { transactions, gas } => {
                        totals.transactions =
                            totals.transactions.saturating_add(transactions.len());
                        totals.gas = totals.gas.saturating_add(*gas);
                    }
                    How::OffChain { payments } => {
                        totals.off_chain_payments =
                            totals.off_chain_payments.saturating_add(*payments);
                    }
                    How::Waiting => {}
                }
                totals
            })
    }

    fn print(&self, step: &Step) -> io::Result<()> {
        let who = step.who.map_or("", Who::name);
        let (transaction, gas) = match &step.how {
            How::OnChain { transactions, gas } => (short(transactions), grouped(*gas)),
            How::OffChain { .. } => ("off-chain".to_owned(), String::new()),
            How::Waiting => ("…".to_owned(), String::new()),
        };
        let after: Vec<_> = step.after.iter().map(Change::text).collect();
        let style = if matches!(step.how, How::OnChain { .. }) {
            Style::Accent
        } else {
            Style::Good
        };
        self.output.line(&format!(
            "{:>4}  {:<9} {:<60} {} {:>9}  {}",
            step.number,
            who,
            step.what,
            self.output.paint(style, &format!("{transaction:<16}")),
            gas,
            after.join(" · "),
        ))?;
        let Some(note) = &step.note else {
            return Ok(());
        };
        for line in note.lines() {
            self.output
                .line(&self.output.paint(Style::Dim, &format!("{:16}{line}", "")))?;
        }
        Ok(())
    }
}

/// `0x1234…abcd`, and how many there were besides.
fn short(transactions: &[TxHash]) -> String {
    let Some(last) = transactions.last() else {
        return String::new();
    };
    let text = last.to_string();
    let (start, end) = (
        text.get(..6).unwrap_or_default(),
        text.get(62..).unwrap_or_default(),
    );
    match transactions.len() {
        1 => format!("{start}…{end}"),
        many => format!("{start}…{end} +{}", many.saturating_sub(1)),
    }
}

/// Digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

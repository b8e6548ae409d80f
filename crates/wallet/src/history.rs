//! What happened: payments made and received, out of purses and through channels, the newest first.

mod csv;
mod unpaid;

use offpay_protocol::{AccountId, Amount, ChannelId, PaymentId, PurseKey, Timestamp};

pub use csv::to_csv;
pub(crate) use csv::{quoted, standing_word};
pub use unpaid::UnpaidRequest;

use crate::{
    State,
    records::{MadePayment, ReceivedPayment, VoucherDirection, VoucherNote},
    sync::Standing,
};

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// This wallet paid.
    Sent,
    /// This wallet was paid.
    Received,
}

/// Through what money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// A purse.
    Purse(PurseKey),
    /// A channel.
    Channel(ChannelId),
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The entry in which it was stored: its place in the history.
    pub number: u64,
    /// The payment's name, or the voucher's digest.
    pub id: PaymentId,
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// Through what.
    pub through: Through,
    /// How much.
    pub amount: Amount,
    /// The account at the other end.
    pub counterparty: AccountId,
    /// What it is called.
    pub name: String,
    /// What it was for.
    pub memo: String,
    /// The payment that it gives back.
    pub refund_of: Option<PaymentId>,
    /// Whether a receipt was given or taken.
    pub has_receipt: bool,
    /// When an operator cleared it, if this wallet has the clearance.
    pub cleared_at: Option<Timestamp>,
    /// Where it stands; `None` in a channel, which settles as a whole.
    pub standing: Option<Standing>,
}

/// What to look for. All that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// In the name, the memo, the account or the id; capitals do not matter.
    pub text: Option<String>,
    /// Which way.
    pub direction: Option<Direction>,
    /// With this account.
    pub counterparty: Option<AccountId>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Only entries stored before this one: for paging.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: Option<usize>,
}

impl HistoryQuery {
    fn matches(&self, entry: &HistoryEntry) -> bool {
        let within = self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.before.is_none_or(|before| entry.number < before);
        within
            && self
                .direction
                .is_none_or(|direction| entry.direction == direction)
            && self
                .counterparty
                .is_none_or(|account| entry.counterparty == account)
            && self
                .text
                .as_deref()
                .is_none_or(|text| contains(entry, text))
    }
}

fn contains(entry: &HistoryEntry, text: &str) -> bool {
    let wanted = text.to_lowercase();
    let fields = [
        entry.name.to_lowercase(),
        entry.memo.to_lowercase(),
        entry.counterparty.to_string().to_lowercase(),
        entry.id.to_string(),
    ];
    fields.iter().any(|field| field.contains(&wanted))
}

impl State {
    /// What happened, the newest first.
    pub fn history(&self, query: &HistoryQuery) -> Vec<HistoryEntry> {
        let records = self.records();
        let made = records.made.values().map(|made| self.made_entry(made));
        let received = records
            .received
            .values()
            .map(|received| self.received_entry(received));
        let vouchers = records.vouchers.iter().map(voucher_entry);
        let mut found: Vec<HistoryEntry> = made
            .chain(received)
            .chain(vouchers)
            .filter(|entry| query.matches(entry))
            .collect();
        found.sort_by_key(|entry| core::cmp::Reverse((entry.at, entry.number, entry.id)));
        found.truncate(query.limit.unwrap_or(usize::MAX));
        found
    }

    fn cleared_at(&self, id: PaymentId) -> Option<Timestamp> {
        let cleared = self.records().clearances.get(&id)?;
        Some(cleared.clearance.cleared_at)
    }

    fn made_entry(&self, made: &MadePayment) -> HistoryEntry {
        HistoryEntry {
            number: made.number,
            id: made.id,
            at: made.made_at,
            direction: Direction::Sent,
            through: Through::Purse(made.purse),
            amount: made.payment.amount,
            counterparty: made.payment.payee,
            name: made.payee_name.name().to_owned(),
            memo: made.request.memo.clone(),
            refund_of: made.refund_of,
            has_receipt: made.receipt.is_some(),
            cleared_at: self.cleared_at(made.id),
            standing: self.standing(made.id),
        }
    }

    fn received_entry(&self, received: &ReceivedPayment) -> HistoryEntry {
        let records = self.records();
        let contact = records.contacts.get(&received.payer);
        let memo = match (records.requests.get(&received.request), received.refund_of) {
            (Some(issued), _) => issued.request.memo.clone(),
            (None, Some(_)) => "refund".to_owned(),
            (None, None) => String::new(),
        };
        HistoryEntry {
            number: received.number,
            id: received.id,
            at: received.received_at,
            direction: Direction::Received,
            through: Through::Purse(received.purse),
            amount: received.payment.amount,
            counterparty: received.payer,
            name: contact
                .map(|contact| contact.name.clone())
                .unwrap_or_default(),
            memo,
            refund_of: received.refund_of,
            has_receipt: received.receipt.is_some(),
            cleared_at: self.cleared_at(received.id),
            standing: self.standing(received.id),
        }
    }
}

fn voucher_entry(note: &VoucherNote) -> HistoryEntry {
    HistoryEntry {
        number: note.number,
        id: note.id,
        at: note.at,
        direction: match note.direction {
            VoucherDirection::Sent => Direction::Sent,
            VoucherDirection::Received => Direction::Received,
        },
        through: Through::Channel(note.channel),
        amount: note.amount,
        counterparty: note.counterparty,
        name: note.name.clone(),
        memo: note.memo.clone(),
        refund_of: None,
        has_receipt: false,
        cleared_at: None,
        standing: None,
    }
}

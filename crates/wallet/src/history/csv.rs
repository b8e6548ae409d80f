use super::{Direction, HistoryEntry, Through};
use crate::{date::iso, deployment::Token, sync::Standing};

const HEADER: &str =
    "time,direction,amount,token,name,account,memo,standing,payment,through,refund of";

/// The history as a table for spreadsheets (RFC 4180): times in UTC, amounts in whole tokens.
pub fn to_csv(entries: &[HistoryEntry], token: &Token) -> String {
    let mut csv = String::from(HEADER);
    csv.push_str("\r\n");
    for entry in entries {
        let fields = [
            iso(entry.at),
            match entry.direction {
                Direction::Sent => "sent".to_owned(),
                Direction::Received => "received".to_owned(),
            },
            entry.amount.format_units(token.decimals),
            token.symbol.clone(),
            entry.name.clone(),
            entry.counterparty.to_string(),
            entry.memo.clone(),
            standing_word(entry.standing).to_owned(),
            entry.id.to_string(),
            match entry.through {
                Through::Purse(purse) => purse.to_string(),
                Through::Channel(channel) => channel.to_string(),
            },
            entry
                .refund_of
                .map(|original| original.to_string())
                .unwrap_or_default(),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        csv.push_str(&fields.join(","));
        csv.push_str("\r\n");
    }
    csv
}

pub(crate) fn standing_word(standing: Option<Standing>) -> &'static str {
    match standing {
        None => "in a channel",
        Some(Standing::Held) => "held",
        Some(Standing::HandedIn { .. }) => "handed in",
        Some(Standing::InDefault { .. }) => "in default",
        Some(Standing::Final(_)) => "final",
    }
}

/// A field that a spreadsheet takes for text: names and memos are written by strangers, and one that begins like a
/// formula would be run.
pub(crate) fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if safe.contains([',', '"', '\r', '\n', '\'']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_write_text_and_no_formulas() {
        assert_eq!(quoted("two coffees"), "two coffees");
        assert_eq!(quoted("a, \"b\"\nc"), "\"a, \"\"b\"\"\nc\"");
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
        assert_eq!(quoted("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(quoted(""), "");
    }
}

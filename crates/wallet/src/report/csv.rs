use offpay_protocol::{Timestamp, acceptance::Verdict};

use crate::{
    State,
    date::iso,
    history::{Direction, HistoryQuery, quoted, standing_word},
    records::IssuedRequest,
};

const HEADER: &str = "time,kind,amount,tip,token,verdict,standing,memo,payer,payment";

impl State {
    /// What this wallet took and gave back from `since` on and before `until`, as a table for spreadsheets (RFC 4180):
    /// times in UTC, amounts in whole tokens.
    pub fn report_csv(&self, since: Timestamp, until: Timestamp) -> String {
        let query = HistoryQuery {
            since: Some(since),
            until: Some(until),
            ..HistoryQuery::default()
        };
        let token = &self.deployment().token;
        let records = self.records();
        let mut csv = format!("{HEADER}\r\n");
        for entry in self.history(&query) {
            let refund = entry.refund_of.is_some();
            let kind = match entry.direction {
                Direction::Received if !refund => "sale",
                Direction::Sent if refund => "refund",
                _ => continue,
            };
            let received = records.received.get(&entry.id);
            let sale = received
                .and_then(|received| records.requests.get(&received.request))
                .and_then(|issued: &IssuedRequest| issued.sale.as_ref());
            let verdict = match received.map(|received| received.acceptance.verdict) {
                Some(Verdict::CoveredUpTo { .. }) => "covered",
                Some(Verdict::NotCovered { .. }) => "not covered",
                Some(Verdict::Guaranteed) => "guaranteed",
                None if kind == "sale" => "guaranteed",
                None => "",
            };
            let fields = [
                iso(entry.at),
                kind.to_owned(),
                entry.amount.format_units(token.decimals),
                sale.map(|sale| sale.tip.format_units(token.decimals))
                    .unwrap_or_default(),
                token.symbol.clone(),
                verdict.to_owned(),
                standing_word(entry.standing).to_owned(),
                entry.memo.clone(),
                entry.counterparty.to_string(),
                entry.id.to_string(),
            ];
            let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
            csv.push_str(&fields.join(","));
            csv.push_str("\r\n");
        }
        csv
    }
}

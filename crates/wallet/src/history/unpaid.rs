use offpay_protocol::Timestamp;

use crate::{State, records::IssuedRequest};

/// A request that nobody paid, and that was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpaidRequest<'a> {
    /// The request.
    pub issued: &'a IssuedRequest,
    /// Its time is over: it can be paid no more.
    pub expired: bool,
}

impl State {
    /// Requests for one payment that none came for, the newest first.
    pub fn unpaid_requests(&self, now: Timestamp) -> Vec<UnpaidRequest<'_>> {
        let time = self.time(now);
        let mut found: Vec<_> = self
            .records()
            .requests
            .values()
            .filter(|issued| !issued.withdrawn && !issued.request.is_reusable())
            .filter(|issued| self.index.paid_by(issued.reference).next().is_none())
            .map(|issued| UnpaidRequest {
                issued,
                expired: issued.request.is_expired(time),
            })
            .collect();
        found.sort_by_key(|unpaid| {
            core::cmp::Reverse((unpaid.issued.made_at, unpaid.issued.number))
        });
        found
    }
}

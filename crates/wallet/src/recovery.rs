//! A lost device: the owner is back from the phrase, the device keys are gone for good.
//!
//! What the lost device can still sign is bounded by its purses, so they are closed; what it overspent, if it does, is
//! made good within the settlement period, and costs no collateral. Money is spent again out of a new purse with a new
//! key.

use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp};

use crate::{State, records::PurseTerms, sync::PurseView};

/// One thing to do on-chain after a device was lost, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecoveryStep {
    /// Begin to close a purse whose key is lost.
    RequestPurseClose(PurseKey),
    /// Pay what a purse owes beyond its funds, before it costs the pledge.
    MakeGood {
        /// The purse.
        purse: PurseKey,
        /// To whom.
        payees: Vec<AccountId>,
        /// Until when it costs nothing more.
        until: Timestamp,
    },
    /// Close a purse, from then on: the rest of its money and its pledge come back.
    ClosePurse {
        /// The purse.
        purse: PurseKey,
        /// When it can be closed.
        at: Timestamp,
        /// What is left in it now: it gets less while payees settle.
        left: Amount,
    },
    /// Open a purse with a new key, on the terms of the one that is lost. Money and pledge that are still bound in the
    /// old one are free when it is closed.
    OpenPurse(PurseTerms),
}

impl State {
    /// What to do about the account's purses that the chain shows and whose keys are not here, or are out of use.
    ///
    /// `found` is every purse that was ever opened by this account, as a finalized block shows it.
    pub fn recovery(&self, found: &[PurseView], now: Timestamp) -> Vec<RecoveryStep> {
        let time = self.time(now);
        let delay = self.deployment().parameters.close_delay;
        let lost = |view: &&PurseView| {
            let own = self.records().purses.get(&view.purse);
            own.is_none_or(|purse| purse.retired)
        };
        let (mut closing, mut later, mut newest) = (Vec::new(), Vec::new(), None);
        for view in found.iter().filter(lost) {
            let Some(on_chain) = view.on_chain.filter(|on_chain| !on_chain.closed) else {
                continue;
            };
            let closes_at = on_chain.closes_at.unwrap_or_else(|| {
                closing.push(RecoveryStep::RequestPurseClose(view.purse));
                time.saturating_add(delay)
            });
            closing.extend(self.make_good(view.purse));
            let left = on_chain.funds.saturating_sub(on_chain.paid);
            later.push(RecoveryStep::ClosePurse {
                purse: view.purse,
                at: closes_at,
                left,
            });
            newest = Some(PurseTerms {
                circle: on_chain.circle,
                cover_count: on_chain.cover_count,
                funds: left,
                pledge: on_chain.pledge,
            });
        }
        let has_usable = self.records().purses.values().any(|purse| !purse.retired);
        let open = newest.filter(|_| !has_usable).map(RecoveryStep::OpenPurse);
        closing.into_iter().chain(open).chain(later).collect()
    }

    /// What an own purse owes, as far as this wallet has seen its pairs in default.
    pub fn make_good(&self, purse: PurseKey) -> Option<RecoveryStep> {
        let period = self.deployment().parameters.settlement_period;
        let pairs = self
            .records()
            .pairs
            .values()
            .filter(|pair| pair.purse == purse);
        let in_default: Vec<(AccountId, Timestamp)> = pairs
            .filter_map(|pair| Some((pair.payee, pair.in_default_since?)))
            .collect();
        let first = in_default.iter().map(|(_, since)| *since).min()?;
        let payees = in_default.into_iter().map(|(payee, _)| payee).collect();
        let until = first.saturating_add(period);
        Some(RecoveryStep::MakeGood {
            purse,
            payees,
            until,
        })
    }
}

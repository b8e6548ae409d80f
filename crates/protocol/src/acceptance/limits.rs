use serde::{Deserialize, Serialize};

use super::{Refusal, Verdict, verdict::Assessment};
use crate::{Amount, Seconds};

/// What the owner of a payee's wallet allows while there is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// How many unsettled payments may be held.
    pub payments: u32,
    /// How much may be held unsettled in all.
    pub total: Amount,
    /// How much may be held unsettled from one payer.
    pub per_payer: Amount,
    /// How long ago the last sync may be.
    pub since_sync: Seconds,
    /// From how many covers on a cover that is not certain counts: 10 are cautious with an hourly sync, 50 with a daily.
    pub least_cover_count: u16,
    /// How much from one purse may be held beyond what is covered.
    pub uncovered: Amount,
    /// How long before the last moment a payment is to be handed in.
    pub margin: Seconds,
}

/// What a payee's wallet holds unsettled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// How many payments.
    pub payments: u32,
    /// How much in all.
    pub total: Amount,
    /// How much from this payer, over all of its purses.
    pub from_payer: Amount,
}

impl Limits {
    pub(super) fn check(
        &self,
        holdings: Holdings,
        added: Amount,
        exposure: Amount,
        assessed: &Assessment,
        elapsed: Seconds,
    ) -> Result<(), Refusal> {
        let plus = |held: Amount| held.checked_add(added).unwrap_or(Amount::MAX);
        if holdings.payments >= self.payments {
            return Err(Refusal::TooManyHeld {
                limit: self.payments,
            });
        }
        let held = plus(holdings.total);
        if held > self.total {
            return Err(Refusal::TooMuchHeld {
                held,
                limit: self.total,
            });
        }
        let held = plus(holdings.from_payer);
        if held > self.per_payer {
            return Err(Refusal::TooMuchFromPayer {
                held,
                limit: self.per_payer,
            });
        }
        if elapsed > self.since_sync {
            return Err(Refusal::TooLongSinceSync {
                elapsed,
                limit: self.since_sync,
            });
        }
        let uncovered = exposure.saturating_sub(self.counted_cover(assessed.verdict, exposure));
        if uncovered > self.uncovered {
            return Err(Refusal::TooMuchUncovered {
                uncovered,
                limit: self.uncovered,
            });
        }
        Ok(())
    }

    /// What of the exposure the owner takes for covered.
    fn counted_cover(&self, verdict: Verdict, exposure: Amount) -> Amount {
        match verdict {
            Verdict::Guaranteed => exposure,
            Verdict::CoveredUpTo {
                up_to,
                while_at_most,
                circle_size,
            } => {
                // With a cover for every member it is certain, however few there are.
                let certain = circle_size <= while_at_most;
                if certain || while_at_most >= self.least_cover_count {
                    up_to
                } else {
                    Amount::ZERO
                }
            }
            Verdict::NotCovered { .. } => Amount::ZERO,
        }
    }
}

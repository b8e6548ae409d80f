use super::{PurseOnChain, PurseView, SyncError, learn::Learned};
use crate::{
    State,
    records::{OwnPurse, PurseStanding, PurseTerms},
    use_case::UseCase,
};

impl State {
    /// What a finalized block says of an own purse. From then on its funds can be paid out of.
    pub(super) fn learn_own_purse(&self, view: &PurseView) -> Learned {
        let known = self.records().purses.get(&view.purse);
        let known = known.ok_or(SyncError::UnknownPurse(view.purse))?;
        let Some(on_chain) = view.on_chain else {
            // A finalized purse does not disappear.
            return match known.standing {
                PurseStanding::Prepared => Ok(None),
                _ => Err(SyncError::Contradiction),
            };
        };
        if !on_chain.closed && on_chain.owner != self.account() {
            return Err(SyncError::Contradiction);
        }
        let seen = updated(known, &on_chain);
        Ok((seen != *known).then_some(UseCase::UpdatePurse(seen)))
    }
}

fn updated(known: &OwnPurse, on_chain: &PurseOnChain) -> OwnPurse {
    let standing = standing_of(on_chain);
    // More was paid than this wallet ever signed: it is an old copy of one that went on. Signing would use serials
    // twice, so this purse is done with.
    let rolled_back = !on_chain.closed && on_chain.paid > known.next_serial;
    let mut seen = known.clone();
    seen.standing = standing;
    seen.retired |= rolled_back;
    if standing != PurseStanding::Closed {
        seen.funds = on_chain.funds;
        seen.terms = PurseTerms {
            circle: on_chain.circle,
            cover_count: on_chain.cover_count,
            funds: on_chain.funds,
            pledge: on_chain.pledge,
        };
    }
    seen
}

/// Where the contract says that a purse stands.
pub(super) fn standing_of(on_chain: &PurseOnChain) -> PurseStanding {
    match on_chain {
        PurseOnChain { closed: true, .. } => PurseStanding::Closed,
        PurseOnChain {
            closes_at: Some(closes_at),
            ..
        } => PurseStanding::Closing {
            closes_at: *closes_at,
        },
        _ => PurseStanding::Open,
    }
}

use offpay_protocol::{Circle, Timestamp, acceptance::Membership};

use super::{CircleOnChain, PurseView, own_purse::standing_of};
use crate::{
    State,
    records::{FinalizedBlock, JoinedCircle, PayerPurse, PurseStanding},
    use_case::UseCase,
};

impl State {
    /// What a finalized block says of another wallet's purse.
    pub(super) fn learn_payer(&self, view: &PurseView) -> Option<UseCase> {
        let standing = view
            .on_chain
            .as_ref()
            .map_or(PurseStanding::Prepared, standing_of);
        let payer = PayerPurse {
            purse: view.purse,
            standing,
            seen_at: view.at.time,
        };
        let known = self.records().payers.get(&view.purse);
        (known != Some(&payer)).then_some(UseCase::RecordPayer(payer))
    }

    /// This payee's place in a circle that its owner joined.
    pub(super) fn learn_membership(
        &self,
        circle: Circle,
        place: Option<CircleOnChain>,
        at: FinalizedBlock,
    ) -> Option<UseCase> {
        let joined = self.records().circles.get(&circle)?;
        // A membership that has ended is none.
        let place = place.filter(|place| place.until.is_none_or(|until| at.time < until));
        let membership = place.map(|place| Membership {
            from: place.from,
            until: place.until,
            checked_at: at.time,
        });
        let joined = JoinedCircle {
            membership,
            ..joined.clone()
        };
        Some(UseCase::RecordCircle(joined))
    }

    /// An account's place in circle zero: its registration, from the close delay on.
    pub(super) fn learn_registration(
        &self,
        registered_at: Option<Timestamp>,
        at: FinalizedBlock,
    ) -> Option<UseCase> {
        let delay = self.deployment().parameters.close_delay;
        let place = registered_at.map(|registered_at| CircleOnChain {
            from: registered_at.saturating_add(delay),
            until: None,
        });
        self.learn_membership(Circle::OPEN, place, at)
    }
}

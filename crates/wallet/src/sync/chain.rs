use offpay_protocol::{Circle, Seconds, Timestamp, acceptance::Membership, messages::Certificate};

use super::{CircleOnChain, PurseOnChain, PurseView, own_purse::standing_of};
use crate::{
    State,
    records::{FinalizedBlock, JoinedCircle, PayerPurse, PurseStanding, StoredCertificate},
    use_case::UseCase,
};

impl State {
    /// What a finalized block says of another wallet's purse, and of the certificates that came with its payments.
    pub(super) fn learn_payer(&self, view: &PurseView) -> Option<UseCase> {
        let standing = view
            .on_chain
            .as_ref()
            .map_or(PurseStanding::Prepared, standing_of);
        let known = self.records().payers.get(&view.purse);
        let false_certificate = known
            .and_then(|known| known.false_certificate)
            .or_else(|| self.contradicted_by(view));
        let payer = PayerPurse {
            purse: view.purse,
            standing,
            seen_at: view.at.time,
            false_certificate,
        };
        (known != Some(&payer)).then_some(UseCase::RecordPayer(payer))
    }

    /// A certificate of this purse that the block shows to be false.
    fn contradicted_by(&self, view: &PurseView) -> Option<StoredCertificate> {
        let delay = self.deployment().parameters.close_delay;
        self.index
            .received_from(view.purse)
            .filter_map(|id| self.records().received.get(&id))
            .map(|received| received.certificate)
            .find(|held| {
                // An older block says nothing about it.
                view.at.time >= held.certificate.as_of
                    && is_false(&held.certificate, view.on_chain.as_ref(), delay)
            })
    }

    /// Certificates that finalized blocks contradict: evidence against the operators that signed them.
    pub fn false_certificates(&self) -> impl Iterator<Item = StoredCertificate> {
        self.records()
            .payers
            .values()
            .filter_map(|payer| payer.false_certificate)
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

/// Whether a purse that stands like this later can never have stood as certified. Owner, circle and cover count are
/// fixed, funds and pledge only grow until it is closed, and what began to close did so a close delay before it can be
/// closed. If that was in the very second that is certified, it may have been in a later block of that second: nobody is
/// accused of that, and the purse closes no sooner than was promised.
fn is_false(
    certificate: &Certificate,
    on_chain: Option<&PurseOnChain>,
    close_delay: Seconds,
) -> bool {
    let Some(on_chain) = on_chain else {
        return true;
    };
    let began_before = on_chain
        .closes_at
        .is_some_and(|closes_at| closes_at.saturating_sub(close_delay) < certificate.as_of);
    if on_chain.closed {
        // The tombstone remembers no terms.
        return false;
    }
    began_before
        || on_chain.owner != certificate.owner
        || on_chain.circle != certificate.circle
        || on_chain.cover_count != certificate.cover_count
        || on_chain.funds < certificate.funds
        || on_chain.pledge < certificate.pledge
}

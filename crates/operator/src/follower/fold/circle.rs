//! Circles and their members.

use crate::follower::{ChainFact, CircleState, MemberState};

/// The payee's place after the fact, if it has one; `None` if that cannot be.
pub(super) fn member(state: Option<MemberState>, fact: &ChainFact) -> Option<Option<MemberState>> {
    Some(match fact {
        ChainFact::Admitted { from, .. } => Some(MemberState {
            from: *from,
            until: None,
        }),
        ChainFact::DismissalRevoked { .. } => Some(MemberState {
            until: None,
            ..state?
        }),
        ChainFact::Dismissed { until, .. } => Some(MemberState {
            until: Some(*until),
            ..state?
        }),
        ChainFact::Pruned { .. } => {
            state?;
            None
        }
        _ => return None,
    })
}

/// The circle after the fact; `None` if that cannot be.
pub(super) fn size(fact: &ChainFact) -> Option<CircleState> {
    match fact {
        ChainFact::Admitted {
            circle_size: size, ..
        }
        | ChainFact::Pruned {
            circle_size: size, ..
        } => Some(CircleState { size: *size }),
        _ => None,
    }
}

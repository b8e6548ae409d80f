//! `[follow]`

use serde::Deserialize;

use super::Invalid;

/// How the chain is followed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FollowSection {
    /// Blocks that the head is followed behind the nodes' newest.
    pub confirmations: u64,
    /// After how many blocks a block counts as final, for chains whose nodes do not say `finalized`. Without it, the
    /// nodes are asked.
    pub final_after: Option<u64>,
    /// How many blocks are asked for at once when catching up. Nodes that allow less are asked for less.
    pub range: u64,
    /// Milliseconds between two looks at the nodes.
    pub poll_ms: u64,
    /// By how many blocks a node may lie behind the other before it is not waited for.
    pub most_lag: u64,
    /// Seconds that nodes may have different blocks at one height before it is an alarm. Small reorgs pass by.
    pub disagreement_s: u64,
    /// Seconds without a new block before it is an alarm; 0: never (a local chain only moves when it is used).
    pub stale_s: u64,
}

impl Default for FollowSection {
    fn default() -> Self {
        Self {
            confirmations: 0,
            final_after: None,
            range: 2_000,
            poll_ms: 1_000,
            most_lag: 3,
            disagreement_s: 30,
            stale_s: 120,
        }
    }
}

impl FollowSection {
    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if self.range == 0 {
            invalid.push(Invalid::new("follow.range", "has to be at least 1"));
        }
        if self
            .final_after
            .is_some_and(|after| after < self.confirmations)
        {
            invalid.push(Invalid::new(
                "follow.final_after",
                "has to be at least follow.confirmations",
            ));
        }
    }
}

//! What two nodes say, compared: how far the chain can be followed, by whom, and what is wrong.

use super::BlockRef;

/// One of the two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// The one that is asked first.
    First,
    /// The one that it is compared with.
    Second,
}

impl Which {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// What a node says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Its newest block, less the confirmations that are waited for.
    pub head: BlockRef,
    /// Its newest final block.
    pub finalized: BlockRef,
}

/// What is known of the nodes at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Views {
    /// One is configured.
    Single(NodeView),
    /// Two are configured, and one does not answer.
    Alone(Which, NodeView),
    /// Both answer.
    Both {
        /// The first.
        first: NodeView,
        /// The second.
        second: NodeView,
        /// Whether they have the same block at the lower of their heads.
        same_head: bool,
        /// Whether they have the same block at the lower of their final blocks.
        same_finalized: bool,
    },
}

/// What is wrong, for people. Names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// A node does not answer, or is not on the chain of the contract any more.
    NodeDown(WhichNode),
    /// A node is far behind the other.
    NodeLagging(WhichNode),
    /// The nodes have had different blocks at the same height for a while, or say different things of the same block.
    NodesDisagree,
    /// No new block for too long.
    StaleHead,
    /// A node is on another chain, or has another contract at the address.
    WrongNode(WhichNode),
    /// A block that was final is not in the chain any more.
    FinalBlockGone,
    /// The contract told something that cannot follow from what it told before.
    Inconsistent,
}

/// [`Which`], in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WhichNode(pub u8);

impl From<Which> for WhichNode {
    fn from(which: Which) -> Self {
        Self(match which {
            Which::First => 1,
            Which::Second => 2,
        })
    }
}

impl Alarm {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NodeDown(_) => "node_down",
            Self::NodeLagging(_) => "node_lagging",
            Self::NodesDisagree => "nodes_disagree",
            Self::StaleHead => "stale_head",
            Self::WrongNode(_) => "wrong_node",
            Self::FinalBlockGone => "final_block_gone",
            Self::Inconsistent => "inconsistent",
        }
    }

    /// Which node it is about, if about one: 1 or 2.
    pub const fn node(self) -> Option<u8> {
        match self {
            Self::NodeDown(which) | Self::NodeLagging(which) | Self::WrongNode(which) => {
                Some(which.0)
            }
            _ => None,
        }
    }
}

/// How far to go, and with whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Whom to read the blocks from.
    pub source: Which,
    /// Up to which height to follow.
    pub head: u64,
    /// Up to which height blocks become final; `None`: none do for now.
    pub finalized: Option<u64>,
    /// The node that is far behind.
    pub lagging: Option<Which>,
}

/// The nodes are on different chains: nothing advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Also about a block that both call final.
    pub final_too: bool,
}

/// Decides how far the chain can be followed.
///
/// One node alone can lead the head, which can be taken back. Where two are configured, a block only becomes final when
/// both have it: what is final can never be taken back, and money is counted on it. Nodes that lag by more than
/// `most_lag` blocks are not waited for.
///
/// # Errors
///
/// [`Disagreement`] if both have different blocks at the same height.
pub fn course(views: &Views, most_lag: u64) -> Result<Course, Disagreement> {
    match *views {
        Views::Single(view) => Ok(Course {
            source: Which::First,
            head: view.head.number,
            finalized: Some(view.finalized.number),
            lagging: None,
        }),
        Views::Alone(source, view) => Ok(Course {
            source,
            head: view.head.number,
            finalized: None,
            lagging: None,
        }),
        Views::Both {
            same_head,
            same_finalized,
            ..
        } if !same_head || !same_finalized => Err(Disagreement {
            final_too: !same_finalized,
        }),
        Views::Both { first, second, .. } => {
            let (one, two) = (first.head.number, second.head.number);
            let ahead = if two > one {
                Which::Second
            } else {
                Which::First
            };
            let lagging = (one.abs_diff(two) > most_lag).then(|| ahead.other());
            Ok(Course {
                source: if lagging.is_some() {
                    ahead
                } else {
                    Which::First
                },
                head: if lagging.is_some() {
                    one.max(two)
                } else {
                    one.min(two)
                },
                finalized: Some(first.finalized.number.min(second.finalized.number)),
                lagging,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use offpay_protocol::Timestamp;

    fn block(number: u64) -> BlockRef {
        BlockRef {
            number,
            hash: Default::default(),
            time: Timestamp::ZERO,
        }
    }

    fn view(head: u64, finalized: u64) -> NodeView {
        NodeView {
            head: block(head),
            finalized: block(finalized),
        }
    }

    fn both(first: NodeView, second: NodeView) -> Views {
        Views::Both {
            first,
            second,
            same_head: true,
            same_finalized: true,
        }
    }

    #[test]
    fn a_small_lag_is_waited_for_and_a_large_one_is_not() {
        let near = course(&both(view(100, 40), view(97, 38)), 3).unwrap();
        assert_eq!((near.head, near.finalized), (97, Some(38)));
        assert_eq!((near.source, near.lagging), (Which::First, None));
        let far = course(&both(view(93, 30), view(97, 38)), 3).unwrap();
        assert_eq!((far.head, far.finalized), (97, Some(30)));
        assert_eq!(
            (far.source, far.lagging),
            (Which::Second, Some(Which::First))
        );
    }

    #[test]
    fn one_alone_makes_nothing_final_where_two_should() {
        let alone = course(&Views::Alone(Which::Second, view(97, 38)), 3).unwrap();
        assert_eq!((alone.source, alone.head), (Which::Second, 97));
        assert_eq!(alone.finalized, None);
        let single = course(&Views::Single(view(97, 38)), 3).unwrap();
        assert_eq!(single.finalized, Some(38));
    }

    #[test]
    fn different_blocks_at_one_height_stop_everything() {
        for (same_head, same_finalized) in [(false, true), (true, false), (false, false)] {
            let views = Views::Both {
                first: view(100, 40),
                second: view(100, 40),
                same_head,
                same_finalized,
            };
            let stopped = course(&views, 3).unwrap_err();
            assert_eq!(stopped.final_too, !same_finalized);
        }
    }
}

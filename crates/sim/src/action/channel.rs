//! What can happen in a channel, and where in a history.

use serde::{Deserialize, Serialize};

use super::{Action, Delivery, delivery};
use crate::random::Random;

/// One thing that happens in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChannelStep {
    /// One side pays the other, with no network.
    Pay {
        /// Side `a` pays, not `b`.
        by_a: bool,
        /// How much. A cheat signs more than it has.
        amount: u64,
        /// What becomes of the voucher.
        delivery: Delivery,
    },
    /// A voucher that was held back is shown to whom it is for.
    Deliver {
        /// Which.
        letter: u64,
    },
    /// One side puts more money in.
    Fund {
        /// Side `a`, not `b`.
        by_a: bool,
        /// How much.
        amount: u64,
    },
    /// One side begins to close it alone. Whoever cheats shows nothing of what it signed.
    Close {
        /// Side `a`, not `b`.
        by_a: bool,
    },
    /// One side asks the other to close it together.
    Together {
        /// Side `a` asks, not `b`.
        by_a: bool,
        /// What a cheat that asks leaves out of what it sent.
        less: u64,
        /// What becomes of the close when both have signed it.
        delivery: Delivery,
    },
    /// Whoever holds a close that both have signed brings it.
    Bring {
        /// Which.
        close: u64,
    },
    /// Anybody shows the contract any voucher that was ever signed in it.
    Present {
        /// Which.
        voucher: u64,
    },
    /// Anybody asks that it is finished, whether it may be or not.
    Finish,
    /// A cheat brings a close that it signed for both sides, and in which the other side paid it everything.
    Forge,
}

/// How often something happens in a channel, in a hundred steps of a history.
const OFTEN: u64 = 18;

/// Puts what happens in channels between everything else.
pub fn weave(actions: Vec<Action>, random: &mut Random) -> Vec<Action> {
    let mut woven = Vec::with_capacity(actions.len());
    for action in actions {
        woven.push(action);
        if random.chance(OFTEN) {
            let channel = random.number();
            let step = any(random);
            woven.push(Action::Channel { channel, step });
            // Whoever closes alone does not wait for an answer, if it can help it.
            if matches!(step, ChannelStep::Close { .. }) && random.chance(50) {
                let step = ChannelStep::Finish;
                woven.extend([Action::Mine, Action::Channel { channel, step }]);
            }
        }
    }
    woven
}

fn any(random: &mut Random) -> ChannelStep {
    let by_a = random.chance(55);
    match random.below(100) {
        0..=54 => ChannelStep::Pay {
            by_a,
            amount: random.between(1, 80),
            delivery: delivery(random),
        },
        55..=62 => ChannelStep::Deliver {
            letter: random.number(),
        },
        63..=69 => ChannelStep::Fund {
            by_a,
            amount: random.between(1, 100),
        },
        70..=76 => ChannelStep::Close { by_a },
        77..=81 => ChannelStep::Together {
            by_a,
            less: random.below(3).saturating_mul(random.below(40)),
            delivery: delivery(random),
        },
        82..=85 => ChannelStep::Bring {
            close: random.number(),
        },
        86..=93 => ChannelStep::Present {
            voucher: random.number(),
        },
        94..=97 => ChannelStep::Finish,
        _ => ChannelStep::Forge,
    }
}

//! What can happen. A history is a list of these, so that it can be written down, played again and made shorter.

use serde::{Deserialize, Serialize};

use crate::random::Random;

mod channel;

pub use channel::{ChannelStep, weave};

/// One thing that happens. Numbers choose among what there is, whatever there is: every list can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Time passes.
    Wait {
        /// How much.
        minutes: u64,
    },
    /// What was sent is mined, in any order.
    Mine,
    /// The newest blocks are taken back.
    Reorg {
        /// How many.
        depth: u64,
    },
    /// An honest payer pays an honest payee that asked for it.
    Sell {
        /// Who pays.
        payer: u64,
        /// Who is paid.
        payee: u64,
        /// How much.
        amount: u64,
        /// What becomes of the message.
        delivery: Delivery,
        /// There is a network: the payee has it cleared.
        is_online: bool,
    },
    /// A message that was held back is delivered.
    Deliver {
        /// Which.
        letter: u64,
    },
    /// Somebody has a network for a while.
    Sync {
        /// Who.
        person: u64,
        /// Payments go to the operator, not to the chain.
        through_operator: bool,
        /// How many blocks the node lags behind.
        behind: u64,
    },
    /// The operator stops answering, or begins again.
    Operator {
        /// Which of the two.
        is_down: bool,
    },
    /// The operator settles what is due.
    Work,
    /// The operator certifies what is not so, or stops doing it.
    Lie {
        /// Which of the two.
        is_lying: bool,
    },
    /// A write of somebody's app goes wrong.
    Fault {
        /// Whose.
        person: u64,
        /// Which write from now on.
        call: u64,
        /// How.
        fault: Crash,
    },
    /// A payer's phone is copied.
    Copy {
        /// Whose.
        payer: u64,
    },
    /// A payer's phone becomes what it was when it was copied.
    Restore {
        /// Whose.
        payer: u64,
        /// Which copy.
        image: u64,
    },
    /// A payer loses the phone and sets up a new one.
    LosePhone {
        /// Who.
        payer: u64,
    },
    /// A payer adds money to the purse.
    TopUp {
        /// Who.
        payer: u64,
        /// How much.
        amount: u64,
    },
    /// The cheat pays an honest payee with serials that it uses for everybody.
    Overspend {
        /// Who is paid.
        payee: u64,
        /// How much.
        amount: u64,
        /// What the payment says it was promised before, beyond what it was.
        excess: u64,
        /// What becomes of the message.
        delivery: Delivery,
    },
    /// The cheat signs all that is left, or more, to an account of its own and presents it.
    Drain {
        /// To which accomplice.
        accomplice: u64,
        /// How much.
        amount: u64,
    },
    /// The cheat begins to close its purse.
    Flee,
    /// The cheat takes what collateral is not pledged, and its balance.
    CashIn,
    /// The cheat pays what its purse owes.
    Repent,
    /// The cheat adds money to its purse, so that its accomplices are paid.
    Feed {
        /// How much.
        amount: u64,
    },
    /// Anybody presents any payment that was ever signed.
    Present {
        /// Which.
        payment: u64,
    },
    /// Anybody asks that a default is settled from collateral.
    Claim {
        /// Whose.
        payment: u64,
    },
    /// The circle's operator dismisses somebody who may hold claims.
    Dismiss {
        /// Whom.
        payee: u64,
    },
    /// The circle's operator admits an accomplice of the cheat.
    Admit {
        /// Whom.
        accomplice: u64,
    },
    /// Anybody takes whose membership has ended out of the circle's size, or tries it before.
    Prune {
        /// Whom.
        payee: u64,
    },
    /// Anybody reports two payments of one purse, whether they conflict or not.
    Slander {
        /// One of them.
        payment: u64,
        /// Which other one of its purse.
        other: u64,
    },
    /// What gas costs changes: the operator waits for cheap gas as long as it may.
    Gas {
        /// The price of a unit, in wei; up to 10 is cheap.
        price: u64,
    },
    /// Anybody asks that a purse is closed, whether it may be or not.
    Close {
        /// Which.
        purse: u64,
    },
    /// Something happens in a channel.
    Channel {
        /// In which.
        channel: u64,
        /// What.
        step: ChannelStep,
    },
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It arrives.
    Once,
    /// It arrives twice.
    Twice,
    /// It arrives later, or never.
    Late,
    /// It never arrives.
    Never,
}

/// How a write goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crash {
    /// Nothing is written, and the app is told so.
    FailBefore,
    /// It is written, and the app is told that it was not.
    FailAfter,
    /// The app dies before.
    CrashBefore,
    /// The app dies after.
    CrashAfter,
}

impl From<Crash> for offpay_store::testing::Fault {
    fn from(crash: Crash) -> Self {
        match crash {
            Crash::FailBefore => Self::FailBefore,
            Crash::FailAfter => Self::FailAfter,
            Crash::CrashBefore => Self::CrashBefore,
            Crash::CrashAfter => Self::CrashAfter,
        }
    }
}

fn delivery(random: &mut Random) -> Delivery {
    match random.below(10) {
        0 => Delivery::Never,
        1 => Delivery::Twice,
        2 => Delivery::Late,
        _ => Delivery::Once,
    }
}

fn crash(random: &mut Random) -> Crash {
    match random.below(4) {
        0 => Crash::FailBefore,
        1 => Crash::FailAfter,
        2 => Crash::CrashBefore,
        _ => Crash::CrashAfter,
    }
}

/// Makes up a history.
pub fn history(random: &mut Random, steps: usize) -> Vec<Action> {
    let mut actions = Vec::with_capacity(steps);
    while actions.len() < steps {
        let action = any(random);
        actions.push(action);
        if let Action::Restore { payer, .. } = action {
            // Whoever does not know that a phone came back goes on paying with it.
            actions.extend((0..random.below(5)).map(|_| sell(payer, random)));
        }
    }
    actions.truncate(steps);
    actions
}

fn sell(payer: u64, random: &mut Random) -> Action {
    Action::Sell {
        payer,
        payee: random.number(),
        amount: random.between(1, 60),
        delivery: delivery(random),
        is_online: random.chance(25),
    }
}

fn any(random: &mut Random) -> Action {
    match random.below(100) {
        0..=25 => sell(random.number(), random),
        26..=37 => Action::Wait {
            minutes: if random.chance(15) {
                random.between(60, 4_000)
            } else {
                random.between(1, 240)
            },
        },
        38..=45 => Action::Mine,
        46..=59 => Action::Sync {
            person: random.number(),
            through_operator: random.chance(60),
            behind: if random.chance(15) {
                random.between(1, 3)
            } else {
                0
            },
        },
        60..=62 => Action::Work,
        63..=72 => Action::Overspend {
            payee: random.number(),
            amount: random.between(1, 200),
            excess: if random.chance(15) {
                random.between(1, 50)
            } else {
                0
            },
            delivery: delivery(random),
        },
        73..=75 => Action::Present {
            payment: random.number(),
        },
        76..=77 => Action::Drain {
            accomplice: random.number(),
            amount: random.between(1, 2_000),
        },
        78..=80 => Action::Claim {
            payment: random.number(),
        },
        81..=82 => Action::Deliver {
            letter: random.number(),
        },
        83..=85 => Action::Fault {
            person: random.number(),
            call: random.between(1, 3),
            fault: crash(random),
        },
        86 => Action::Reorg {
            depth: random.between(1, 3),
        },
        87..=88 => Action::Copy {
            payer: random.number(),
        },
        _ => rare(random),
    }
}

fn rare(random: &mut Random) -> Action {
    match random.below(26) {
        0..=3 => Action::Restore {
            payer: random.number(),
            image: random.number(),
        },
        4 => Action::LosePhone {
            payer: random.number(),
        },
        5 => Action::Operator {
            is_down: random.chance(50),
        },
        6 => Action::TopUp {
            payer: random.number(),
            amount: random.between(1, 100),
        },
        7 => Action::Flee,
        8..=9 => Action::CashIn,
        10 => Action::Repent,
        11..=12 => Action::Feed {
            amount: random.between(1, 300),
        },
        13..=14 => Action::Dismiss {
            payee: random.number(),
        },
        15 => Action::Admit {
            accomplice: random.number(),
        },
        16..=17 => Action::Lie {
            is_lying: random.chance(50),
        },
        18..=19 => Action::Slander {
            payment: random.number(),
            other: random.number(),
        },
        20..=21 => Action::Close {
            purse: random.number(),
        },
        22 => Action::Prune {
            payee: random.number(),
        },
        23 => Action::Gas {
            price: if random.chance(50) {
                random.between(1, 10)
            } else {
                random.between(11, 5_000)
            },
        },
        _ => Action::Reorg {
            depth: random.between(1, 3),
        },
    }
}

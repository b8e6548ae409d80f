//! Playing a seed, and making a history that fails as short as it gets.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::{
    action::{Action, history, weave},
    channel::Plan,
    failure::Failure,
    plant::Plant,
    random::Random,
    world::World,
};

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Actions.
    pub steps: u64,
    /// Payments that were signed.
    pub payments: u64,
    /// Verdicts that were given.
    pub promises: u64,
    /// Transactions that ran.
    pub transactions: u64,
}

impl Played {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            payments: self.payments.saturating_add(other.payments),
            promises: self.promises.saturating_add(other.promises),
            transactions: self.transactions.saturating_add(other.transactions),
        }
    }
}

/// A history that breaks a promise: what it takes to play it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// How the world began, and every choice in it.
    pub seed: u64,
    /// What happened.
    pub actions: Vec<Action>,
}

/// Plays a seed.
///
/// # Errors
///
/// The promise that it breaks, and the history that breaks it.
pub fn play(seed: u64, steps: usize, plant: Option<&Plant>) -> Result<Played, (Failure, Replay)> {
    let replay = Replay::of(seed, steps);
    replay.play(plant).map_err(|failure| (failure, replay))
}

impl Replay {
    /// The history of a seed.
    pub fn of(seed: u64, steps: usize) -> Self {
        // Not the world's own choices: those stay as they are when the history gets shorter.
        let mut random = Random::new(seed ^ 0x5eed);
        let mut actions = history(&mut random, steps);
        if !Plan::of(seed).channels.is_empty() {
            actions = weave(actions, &mut Random::new(seed ^ 0xc5a7));
        }
        Self { seed, actions }
    }

    /// Plays it.
    ///
    /// # Errors
    ///
    /// The promise that it breaks.
    pub fn play(&self, plant: Option<&Plant>) -> Result<Played, Failure> {
        self.play_in(plant, &mut |_| ())
    }

    /// Plays it, and hands the world to `look` when it is over.
    ///
    /// # Errors
    ///
    /// The promise that it breaks.
    pub fn play_in(
        &self,
        plant: Option<&Plant>,
        look: &mut dyn FnMut(&World),
    ) -> Result<Played, Failure> {
        let mut world = World::new(self.seed, plant.cloned())?;
        let all = |world: &mut World| {
            for action in &self.actions {
                world.step(*action)?;
            }
            world.settle_down()
        };
        // A panic of the code that is simulated is a finding like any other.
        let ended = catch_unwind(AssertUnwindSafe(|| all(&mut world)));
        look(&world);
        ended.unwrap_or_else(|_| Err(Failure::new("nothing panics", "it panicked")))?;
        Ok(Played {
            steps: self.actions.len() as u64,
            payments: world.signed(),
            promises: world.promises.len() as u64,
            transactions: world.chain.executed,
        })
    }

    /// Leaves out whatever it fails without.
    #[must_use]
    pub fn shortened(mut self, plant: Option<&Plant>) -> Self {
        let Err(broken) = self.play(plant) else {
            return self;
        };
        // Another broken promise is another finding.
        let fails = |replay: &Self| {
            let ended = replay.play(plant);
            ended.is_err_and(|failure| failure.invariant == broken.invariant)
        };
        let mut piece = self.actions.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.actions.len() {
                let mut shorter = self.clone();
                let to = from.saturating_add(piece).min(shorter.actions.len());
                shorter.actions.drain(from..to);
                if fails(&shorter) {
                    self = shorter;
                } else {
                    from = to;
                }
            }
            if piece == 1 {
                return self;
            }
            piece = piece.div_ceil(2).max(1);
            if piece == 2 && self.actions.len() < 2 {
                piece = 1;
            }
        }
    }
}

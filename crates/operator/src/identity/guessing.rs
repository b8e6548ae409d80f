//! How guessing is slowed down.
//!
//! A guess is counted *before* it is checked, so that many at once do not slip through together; a right one clears the
//! count. What is counted is what is guessed at (a handle, whether or not anybody has it), so that the answers say
//! nothing about who exists.

use offpay_protocol::{Seconds, Timestamp};

/// The guesses at one thing so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// Wrong ones in a row, the one that is being checked included.
    pub count: u32,
    /// When the newest came.
    pub last_at: Timestamp,
}

/// What to do with one more guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Count it, then check it.
    Check(Guesses),
    /// Refuse it unchecked and uncounted: so that whoever waits gets in, however busy the guesser is.
    Wait {
        /// For so long.
        remaining: Seconds,
    },
}

/// So many are free: people mistype.
const FREE: u32 = 5;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: u64 = 30;
/// No pause is longer: an attacker must not be able to lock an owner out for good.
const LONGEST_PAUSE: u64 = 15 * 60;
/// Guesses this old are forgotten.
const FORGOTTEN: u64 = 24 * 60 * 60;

/// The pause after so many wrong guesses in a row.
fn pause(count: u32) -> u64 {
    match count.checked_sub(FREE) {
        None => 0,
        Some(beyond) => 1u64
            .checked_shl(beyond)
            .and_then(|factor| FIRST_PAUSE.checked_mul(factor))
            .map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE)),
    }
}

/// Decides about one more guess.
pub fn guess(so_far: Option<Guesses>, now: Timestamp) -> Guess {
    let count = match so_far {
        Some(guesses) if now.since(guesses.last_at).get() < FORGOTTEN => {
            let waited = now.since(guesses.last_at).get();
            if let Some(remaining) = pause(guesses.count).checked_sub(waited)
                && remaining > 0
            {
                let remaining = Seconds::new(remaining).unwrap_or(Seconds::days(1));
                return Guess::Wait { remaining };
            }
            guesses.count
        }
        _ => 0,
    };
    Guess::Check(Guesses {
        count: count.saturating_add(1),
        last_at: now,
    })
}

/// Before when counts are forgotten: rows older than this can go.
pub fn forgotten_before(now: Timestamp) -> Timestamp {
    Seconds::new(FORGOTTEN).map_or(now, |span| now.saturating_sub(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    #[test]
    fn five_are_free_then_pauses_double_to_a_bound() {
        let mut guesses = None;
        let mut now = 1_000_000;
        for count in 1..=5 {
            assert_eq!(
                guess(guesses, at(now)),
                Guess::Check(Guesses {
                    count,
                    last_at: at(now)
                })
            );
            guesses = Some(Guesses {
                count,
                last_at: at(now),
            });
        }
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let Guess::Wait { remaining } = guess(guesses, at(now)) else {
                panic!("free")
            };
            pauses.push(remaining.get());
            now += remaining.get();
            let Guess::Check(next) = guess(guesses, at(now)) else {
                panic!("still waiting")
            };
            guesses = Some(next);
        }
        assert_eq!(pauses[..4], [30, 60, 120, 240]);
        assert_eq!(pauses[9], LONGEST_PAUSE);
        assert!(matches!(
            guess(
                Some(Guesses {
                    count: u32::MAX,
                    last_at: at(now)
                }),
                at(now)
            ),
            Guess::Wait { .. }
        ));
    }

    #[test]
    fn forgotten_after_a_day() {
        let many = Some(Guesses {
            count: 40,
            last_at: at(1_000),
        });
        let Guess::Check(next) = guess(many, at(1_000 + FORGOTTEN)) else {
            panic!("not forgotten")
        };
        assert_eq!(next.count, 1);
    }
}

use thiserror::Error;

use crate::{AccountId, ChannelKey, Seconds, cover::Parameters, messages::ChannelTerms};

/// A close delay is at most 30 days.
pub const LONGEST_CLOSE_DELAY: Seconds = Seconds::days(30);

/// The deadline of a cooperative close is at most this far ahead: nobody can hold a signed one back for long.
pub const LONGEST_CLOSE_DEADLINE: Seconds = Seconds::HOUR;

/// One of the two ends of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The side that opened it.
    A,
    /// The other side.
    B,
}

impl Side {
    /// The side at the other end.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its stable name: `a` or `b`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::A, Self::B]
            .into_iter()
            .find(|side| side.name() == name)
    }
}

/// Why the contract opens no channel with such terms, or a wallet wants nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidTerms {
    /// Both sides are the same account.
    #[error("both sides are the same account")]
    SameAccount,
    /// A side is the zero address.
    #[error("side {0:?} is the zero address")]
    NoAccount(Side),
    /// The key of the side that opens is the zero address.
    #[error("the opening side has no key")]
    NoKey,
    /// Both sides sign with the same key.
    #[error("both sides have the same key")]
    SameKey,
    /// The close delay is shorter than the settlement period.
    #[error("a close delay of {0} seconds is shorter than the settlement period")]
    CloseDelayTooShort(Seconds),
    /// The close delay is longer than 30 days.
    #[error("a close delay of {0} seconds is longer than 30 days")]
    CloseDelayTooLong(Seconds),
    /// The terms name another account as this wallet's side.
    #[error("side {0:?} is not this wallet's account")]
    NotOwnAccount(Side),
    /// The key on this wallet's side is not its own: whoever has it could sign this wallet's money away.
    #[error("the key of side {0:?} is not this wallet's")]
    NotOwnKey(Side),
}

impl InvalidTerms {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SameAccount => "terms_same_account",
            Self::NoAccount(_) => "terms_no_account",
            Self::NoKey => "terms_no_key",
            Self::SameKey => "terms_same_key",
            Self::CloseDelayTooShort(_) => "terms_close_delay_too_short",
            Self::CloseDelayTooLong(_) => "terms_close_delay_too_long",
            Self::NotOwnAccount(_) => "terms_not_own_account",
            Self::NotOwnKey(_) => "terms_not_own_key",
        }
    }
}

impl ChannelTerms {
    /// Whether the contract opens a channel with these terms.
    ///
    /// # Errors
    ///
    /// The first reason why it does not.
    pub fn check(&self, parameters: &Parameters) -> Result<(), InvalidTerms> {
        if self.a == self.b {
            return Err(InvalidTerms::SameAccount);
        }
        for side in [Side::A, Side::B] {
            if self.account(side).is_zero() {
                return Err(InvalidTerms::NoAccount(side));
            }
        }
        if self.key_a.is_zero() {
            return Err(InvalidTerms::NoKey);
        }
        if self.key_a == self.key_b {
            return Err(InvalidTerms::SameKey);
        }
        if self.close_delay < parameters.settlement_period {
            return Err(InvalidTerms::CloseDelayTooShort(self.close_delay));
        }
        if self.close_delay > LONGEST_CLOSE_DELAY {
            return Err(InvalidTerms::CloseDelayTooLong(self.close_delay));
        }
        Ok(())
    }

    /// Whether a wallet may fund this channel, accept vouchers on it or call it guaranteed: its own side must be its
    /// own account, with its own key. For side B of a one-way channel there is no key.
    ///
    /// # Errors
    ///
    /// The first reason why not, those of [`check`](Self::check) included.
    pub fn check_own_side(
        &self,
        side: Side,
        account: AccountId,
        key: ChannelKey,
        parameters: &Parameters,
    ) -> Result<(), InvalidTerms> {
        self.check(parameters)?;
        if self.account(side) != account {
            return Err(InvalidTerms::NotOwnAccount(side));
        }
        let keyless = side == Side::B && self.is_one_way();
        if !keyless && self.key(side) != key {
            return Err(InvalidTerms::NotOwnKey(side));
        }
        Ok(())
    }

    /// The account at one end.
    pub const fn account(&self, side: Side) -> AccountId {
        match side {
            Side::A => self.a,
            Side::B => self.b,
        }
    }

    /// The key with which one end signs its vouchers.
    pub const fn key(&self, side: Side) -> ChannelKey {
        match side {
            Side::A => self.key_a,
            Side::B => self.key_b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Amount;

    fn account(byte: u8) -> AccountId {
        AccountId::new([byte; 20].into())
    }

    fn key(byte: u8) -> ChannelKey {
        ChannelKey::new([byte; 20].into())
    }

    fn terms() -> ChannelTerms {
        ChannelTerms {
            a: account(1),
            b: account(2),
            key_a: key(3),
            key_b: key(4),
            close_delay: Seconds::DAY,
            salt: Default::default(),
        }
    }

    fn check(terms: ChannelTerms) -> Result<(), InvalidTerms> {
        terms.check(&Parameters::standard(Amount::ZERO))
    }

    #[test]
    fn every_refusal_of_the_contract() {
        let (one, zero) = (terms(), AccountId::ZERO);
        let day = Seconds::DAY.get();
        assert_eq!(check(one), Ok(()));
        assert_eq!(
            check(ChannelTerms {
                key_b: ChannelKey::ZERO,
                ..one
            }),
            Ok(())
        );
        for (terms, reason) in [
            (ChannelTerms { b: one.a, ..one }, InvalidTerms::SameAccount),
            (
                ChannelTerms { a: zero, ..one },
                InvalidTerms::NoAccount(Side::A),
            ),
            (
                ChannelTerms { b: zero, ..one },
                InvalidTerms::NoAccount(Side::B),
            ),
            (
                ChannelTerms {
                    key_a: ChannelKey::ZERO,
                    ..one
                },
                InvalidTerms::NoKey,
            ),
            (
                ChannelTerms {
                    key_b: one.key_a,
                    ..one
                },
                InvalidTerms::SameKey,
            ),
        ] {
            assert_eq!(check(terms), Err(reason));
        }
        for (seconds, allowed) in [
            (day - 1, false),
            (day, true),
            (30 * day, true),
            (30 * day + 1, false),
        ] {
            let close_delay = Seconds::new(seconds).unwrap();
            assert_eq!(
                check(ChannelTerms { close_delay, ..one }).is_ok(),
                allowed,
                "{seconds}"
            );
        }
    }

    #[test]
    fn the_own_side_must_be_ones_own() {
        let parameters = Parameters::standard(Amount::ZERO);
        let own = |terms: ChannelTerms, side, at, with| {
            terms.check_own_side(side, account(at), key(with), &parameters)
        };
        let one_way = ChannelTerms {
            key_b: ChannelKey::ZERO,
            ..terms()
        };
        assert_eq!(own(terms(), Side::A, 1, 3), Ok(()));
        assert_eq!(own(terms(), Side::B, 2, 4), Ok(()));
        assert_eq!(
            own(terms(), Side::B, 1, 4),
            Err(InvalidTerms::NotOwnAccount(Side::B))
        );
        assert_eq!(
            own(terms(), Side::B, 2, 3),
            Err(InvalidTerms::NotOwnKey(Side::B))
        );
        assert_eq!(own(one_way, Side::B, 2, 9), Ok(()));
        assert_eq!(
            own(one_way, Side::A, 1, 9),
            Err(InvalidTerms::NotOwnKey(Side::A))
        );
    }
}

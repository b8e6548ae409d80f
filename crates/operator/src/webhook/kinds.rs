//! Which events a webhook is told of.

use core::fmt;

/// What users are told of. A kind that is added to the log for users is added here: a webhook can choose it then.
pub const KNOWN: &[&str] = &[
    "account.access_token_given",
    "account.access_token_revoked",
    "account.frozen",
    "account.passkey_added",
    "account.passkey_removed",
    "account.password_changed",
    "account.recovered",
    "account.recovery_began",
    "account.recovery_cancelled",
    "account.recovery_codes_changed",
    "account.registered",
    "account.second_factor_off",
    "account.second_factor_on",
    "account.signed_in",
    "account.thawed",
    "address.added",
    "address.confirmed",
    "application.decided",
    "application.made",
    "channel.accepted",
    "channel.close_proposed",
    "channel.closed",
    "channel.closing",
    "channel.funded",
    "channel.offered",
    "channel.opened",
    "channel.paid",
    "channel.presented",
    "channel.received",
    "channel.taken_back",
    "operation.failed",
    "operation.failing",
    "operation.final",
    "operation.mined",
    "operation.pending",
    "payment.cleared",
    "payment.kept",
    "payment.received",
    "payment.refused",
    "webhook.changed",
    "webhook.created",
    "webhook.deleted",
    "webhook.disabled",
    "webhook.secret_rotated",
    "webhook.test",
];

/// The most kinds that one webhook names.
const MOST: usize = 32;

/// The kinds that a webhook chose: `payment.cleared`, or `payment.*` for all that begin so. None chosen: all there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds(Vec<String>);

/// Why kinds cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KindsError {
    /// Nothing is ever told under that name.
    #[error("nothing is told as {0}")]
    Unknown(String),
    /// Too many.
    #[error("at most {MOST} kinds can be named: take payment.* for all that begin with payment")]
    TooMany,
}

impl Kinds {
    /// These kinds.
    ///
    /// # Errors
    ///
    /// [`KindsError`].
    pub fn choose(names: Vec<String>) -> Result<Self, KindsError> {
        if names.len() > MOST {
            return Err(KindsError::TooMany);
        }
        let mut chosen = Vec::with_capacity(names.len());
        for name in names {
            let is_known = match group(&name) {
                Some(group) => KNOWN.iter().any(|kind| begins(kind, group)),
                None => KNOWN.contains(&name.as_str()),
            };
            if !is_known {
                return Err(KindsError::Unknown(name));
            }
            chosen.push(name);
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self(chosen))
    }

    /// Whether this kind is among them.
    pub fn contain(&self, kind: &str) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|chosen| match group(chosen) {
                Some(group) => begins(kind, group),
                None => chosen == kind,
            })
    }

    /// Their names; none for all.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// As a column had them: names with spaces between. What an older program knew is kept.
    pub fn from_text(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }
}

/// As a column has them.
impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// `payment` of `payment.*`.
fn group(name: &str) -> Option<&str> {
    name.strip_suffix(".*")
}

fn begins(kind: &str, group: &str) -> bool {
    kind.strip_prefix(group)
        .is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(names: &[&str]) -> Result<Kinds, KindsError> {
        Kinds::choose(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_was_chosen_is_told_and_nothing_else() {
        let all = choose(&[]).unwrap();
        assert!(all.contain("payment.cleared") && all.contain("whatever.comes"));
        let some = choose(&["payment.*", "operation.final", "payment.*"]).unwrap();
        assert!(some.contain("payment.cleared") && some.contain("operation.final"));
        assert!(!some.contain("operation.failed") && !some.contain("payments.cleared"));
        assert!(!some.contain("payment"));
        assert_eq!(Kinds::from_text(&some.to_string()), some);
        assert_eq!(some.names().len(), 2);
    }

    #[test]
    fn a_typing_mistake_is_refused() {
        for wrong in [
            "payment.setled",
            "pay.*",
            "*",
            ".*",
            "",
            "payment",
            "payment.*.*",
        ] {
            let refused = Err(KindsError::Unknown(wrong.to_owned()));
            assert_eq!(choose(&[wrong]), refused);
        }
        assert_eq!(choose(&["payment.*"; MOST + 1]), Err(KindsError::TooMany));
    }

    #[test]
    fn the_known_kinds_are_sorted_and_once() {
        assert!(KNOWN.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

//! What an access token allows.

use serde::{Deserialize, Serialize};

/// One thing that an access token can allow. A session allows all of them, and what no token ever does: changing how
/// to sign in, giving out tokens, exporting and deleting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See balances, payments and events.
    Read,
    /// Ask to be paid: make requests.
    Request,
    /// Pay, within the token's budget.
    Pay,
    /// Open, fund and close purses and channels, and post collateral, within the token's budget.
    Manage,
    /// Withdraw to addresses that were confirmed before, within the token's budget.
    Withdraw,
    /// Make, see and change webhooks. They outlast the token.
    Webhooks,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Request,
        Self::Pay,
        Self::Manage,
        Self::Withdraw,
        Self::Webhooks,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Request => "request",
            Self::Pay => "pay",
            Self::Manage => "manage",
            Self::Withdraw => "withdraw",
            Self::Webhooks => "webhooks",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Whether it moves money: a token with it has a budget.
    pub const fn moves_money(self) -> bool {
        matches!(self, Self::Pay | Self::Manage | Self::Withdraw)
    }
}

/// A set of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them moves money.
    pub fn move_money(&self) -> bool {
        self.0.iter().any(|scope| scope.moves_money())
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// As a column has them: names with spaces between.
    pub fn to_text(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        names.join(" ")
    }

    /// As a column had them; nothing for a name that is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let scopes: Option<Vec<_>> = text.split_whitespace().map(Scope::from_name).collect();
        scopes.map(Self::from)
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(mut scopes: Vec<Scope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let scopes = Scopes::from(vec![Scope::Pay, Scope::Read, Scope::Pay]);
        assert_eq!(scopes.to_text(), "read pay");
        assert_eq!(Scopes::from_text("read pay"), Some(scopes.clone()));
        assert_eq!(Scopes::from_text("read everything"), None);
        assert!(scopes.move_money() && !scopes.contains(Scope::Withdraw));
    }
}

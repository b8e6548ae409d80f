//! What everybody should have: double-entry books, kept by the story and compared with the chain after every step.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use offpay_protocol::{Amount, ChannelId, PurseKey};

use super::cast::Who;
use crate::money::{DECIMALS, show};

/// Where money can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In somebody's wallet, outside the contract.
    Tokens(Who),
    /// Free, inside.
    Balance(Who),
    /// Somebody's security deposit.
    Collateral(Who),
    /// A purse, with its name in the story.
    Purse(PurseKey, &'static str),
    /// A channel, with its name in the story.
    Channel(ChannelId, &'static str),
}

impl Place {
    /// Whether the contract holds it.
    pub(super) const fn is_inside(self) -> bool {
        !matches!(self, Self::Tokens(_))
    }
}

/// What everybody should have.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    held: BTreeMap<Place, Amount>,
    pledged: BTreeMap<Who, Amount>,
}

impl Books {
    /// New tokens.
    pub(super) fn mint(&mut self, who: Who, amount: Amount) -> Result<()> {
        self.add(Place::Tokens(who), amount)
    }

    /// Moves money.
    pub(super) fn shift(&mut self, from: Place, to: Place, amount: Amount) -> Result<()> {
        let held = self.at(from);
        ensure!(
            held >= amount,
            "the story takes {amount} from {from:?}, which holds {held}"
        );
        self.held.insert(from, held.saturating_sub(amount));
        self.add(to, amount)
    }

    /// Pledges collateral.
    pub(super) fn pledge(&mut self, who: Who, amount: Amount) {
        let pledged = self.pledged(who).checked_add(amount).unwrap_or(Amount::MAX);
        self.pledged.insert(who, pledged);
    }

    /// Ends a pledge.
    pub(super) fn unpledge(&mut self, who: Who, amount: Amount) {
        self.pledged
            .insert(who, self.pledged(who).saturating_sub(amount));
    }

    pub(super) fn at(&self, place: Place) -> Amount {
        self.held.get(&place).copied().unwrap_or_default()
    }

    pub(super) fn pledged(&self, who: Who) -> Amount {
        self.pledged.get(&who).copied().unwrap_or_default()
    }

    /// Everywhere that ever held money.
    pub(super) fn places(&self) -> impl Iterator<Item = (Place, Amount)> {
        self.held.iter().map(|(place, amount)| (*place, *amount))
    }

    /// What the contract should hold.
    pub(super) fn inside(&self) -> Option<Amount> {
        Amount::checked_sum(
            self.places()
                .filter(|(place, _)| place.is_inside())
                .map(|(_, amount)| amount),
        )
    }

    /// What is different from before, for people.
    pub(super) fn changes(&self, before: &Self) -> Vec<Change> {
        let changed = |place: &Place| self.at(*place) != before.at(*place);
        let whose = |place: Place| match place {
            Place::Tokens(who) | Place::Balance(who) | Place::Collateral(who) => Some(who),
            Place::Purse(..) | Place::Channel(..) => None,
        };
        let mut changes = Vec::new();
        for who in Who::ALL {
            if !self
                .held
                .keys()
                .any(|place| whose(*place) == Some(who) && changed(place))
            {
                continue;
            }
            changes.push(Change {
                name: who.name(),
                balance: self.at(Place::Balance(who)),
                collateral: Some(self.at(Place::Collateral(who)))
                    .filter(|_| changed(&Place::Collateral(who))),
                wallet: Some(self.at(Place::Tokens(who))).filter(|_| changed(&Place::Tokens(who))),
            });
        }
        for place in self.held.keys().filter(|place| changed(place)) {
            if let Place::Purse(_, name) | Place::Channel(_, name) = *place {
                changes.push(Change {
                    name,
                    balance: self.at(*place),
                    collateral: None,
                    wallet: None,
                });
            }
        }
        changes
    }

    fn add(&mut self, place: Place, amount: Amount) -> Result<()> {
        let sum = self.at(place).checked_add(amount);
        let Some(sum) = sum else {
            anyhow::bail!("{place:?} would hold 2^96 or more")
        };
        self.held.insert(place, sum);
        Ok(())
    }
}

/// What somebody, a purse or a channel has after a step.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    name: &'static str,
    balance: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    collateral: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet: Option<Amount>,
}

impl Change {
    pub(super) fn text(&self) -> String {
        let also = [("collateral", self.collateral), ("wallet", self.wallet)];
        let also: Vec<_> = also
            .into_iter()
            .filter_map(|(what, amount)| Some(format!("{what} {}", show(amount?, DECIMALS))))
            .collect();
        let balance = show(self.balance, DECIMALS);
        if also.is_empty() {
            format!("{} {balance}", self.name)
        } else {
            format!("{} {balance} ({})", self.name, also.join(", "))
        }
    }
}

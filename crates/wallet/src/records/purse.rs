use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Serials, Signature, Timestamp, messages::Certificate,
};
use serde::{Deserialize, Serialize};

use crate::keys::SealedSecret;

/// A purse of this wallet. Its device key was made here and exists nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnPurse {
    /// The device key's address, which is the purse's name.
    pub key: PurseKey,
    /// The device key.
    pub sealed: SealedSecret,
    /// When the key was made.
    pub made_at: Timestamp,
    /// What it was to be opened with.
    pub terms: PurseTerms,
    /// The first serial that was never handed out. Only ever grows, and only by signing a payment.
    pub next_serial: Amount,
    /// Its funds in the last finalized block that was seen: no serial beyond them is handed out.
    pub funds: Amount,
    /// Where it stands on-chain.
    pub standing: PurseStanding,
    /// The newest certificate.
    pub certificate: Option<StoredCertificate>,
    /// The owner took it out of use: nothing is paid from it any more.
    pub retired: bool,
}

/// What a purse is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PurseTerms {
    /// Whose members may claim on the pledge.
    pub circle: Circle,
    /// How many covers the pledge is divided into.
    pub cover_count: u16,
    /// The money.
    pub funds: Amount,
    /// The collateral.
    pub pledge: Amount,
}

/// Where a purse stands in the last finalized block that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "standing",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum PurseStanding {
    /// The key is made; the contract has not been seen to know it.
    Prepared,
    /// Open, and not closing.
    Open,
    /// It began to close: on request, after a default or after a reported double spend.
    Closing {
        /// When it can be closed.
        closes_at: Timestamp,
    },
    /// Closed: only the tombstone is left.
    Closed,
}

/// A certificate with the operator's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoredCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// The operator's signature.
    pub signature: Signature,
}

impl OwnPurse {
    /// What can still be paid out of it.
    pub fn left(&self) -> Amount {
        self.funds.saturating_sub(self.next_serial)
    }

    /// What payees can see of it: what is left within the certified funds, a top-up that is not certified yet aside.
    pub fn certified_left(&self) -> Amount {
        let certified = self
            .certificate
            .map_or(Amount::ZERO, |held| held.certificate.funds);
        self.funds.min(certified).saturating_sub(self.next_serial)
    }

    /// Whether payments may be signed, as far as the chain and the owner are concerned.
    pub fn is_usable(&self) -> bool {
        !self.retired && self.standing == PurseStanding::Open
    }

    /// The next serials, if there are as many.
    pub(crate) fn next_serials(&self, amount: Amount) -> Option<Serials> {
        Serials::new(self.next_serial, amount).filter(|serials| serials.end() <= self.funds)
    }
}

impl PurseTerms {
    /// Whether a certificate says the same, or better: terms only ever improve.
    pub(crate) fn allows(&self, certificate: &Certificate, owner: AccountId) -> bool {
        certificate.owner == owner
            && certificate.circle == self.circle
            && certificate.cover_count == self.cover_count
    }
}

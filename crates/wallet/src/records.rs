//! What is stored: the records, and how each use case changes them.
//!
//! [`Records`] is the meaning of a wallet's storage. Whatever an implementation does with tables or files, what it loads
//! must equal what [`Records::apply`] makes of the same entries; the conformance tests of `offpay-store` hold it to that.

use std::collections::BTreeMap;

use offpay_protocol::{
    AccountId, ChannelId, ChannelKey, Circle, OperatorId, PaymentId, PurseKey, Reference,
    Timestamp, certificate::TrustedOperators,
};
use serde::{Deserialize, Serialize};

use crate::{profile::Profile, settings::Settings};

mod apply;
mod block;
mod channel;
mod circle;
mod clearance;
mod contact;
mod evidence;
mod made;
mod operator;
mod pair;
mod payer;
mod purse;
mod received;
mod request;

pub use block::FinalizedBlock;
pub use channel::{
    Channel, ChannelStanding, OwnChannelKey, SignedVoucher, VoucherDirection, VoucherNote,
};
pub use circle::JoinedCircle;
pub use clearance::PaymentClearance;
pub use contact::Contact;
pub use evidence::{Evidence, SignedPayment};
pub use made::{MadePayment, PayeeName};
pub use operator::{OperatorCard, RevocationList};
pub use pair::{HandIn, Milestone, Pair};
pub use payer::PayerPurse;
pub use purse::{OwnPurse, PurseStanding, PurseTerms, StoredCertificate};
pub use received::{Acceptance, ReceivedPayment, SignedReceipt};
pub use request::IssuedRequest;

/// All that a wallet has stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Records {
    /// The number of the last entry.
    pub number: u64,
    /// The highest time ever seen.
    pub time: Timestamp,
    /// Whose wallet it is; `None` before it is created.
    pub profile: Option<Profile>,
    /// What the owner set.
    pub settings: Option<Settings>,
    /// The finalized block that it last synced to.
    pub synced: Option<FinalizedBlock>,
    /// The operators that it believes.
    pub trusted: TrustedOperators,
    /// What it was told of operators.
    pub operators: BTreeMap<OperatorId, OperatorCard>,
    /// Their newest lists of purses that are closing.
    pub revocations: BTreeMap<OperatorId, RevocationList>,
    /// The circles that the owner chose to join.
    pub circles: BTreeMap<Circle, JoinedCircle>,
    /// Names that the owner gave to accounts.
    pub contacts: BTreeMap<AccountId, Contact>,
    /// Its own purses.
    pub purses: BTreeMap<PurseKey, OwnPurse>,
    /// Every payment that it signed.
    pub made: BTreeMap<PaymentId, MadePayment>,
    /// Every request that it showed.
    pub requests: BTreeMap<Reference, IssuedRequest>,
    /// Every payment that it accepted.
    pub received: BTreeMap<PaymentId, ReceivedPayment>,
    /// The purses that paid it.
    pub payers: BTreeMap<PurseKey, PayerPurse>,
    /// What is known of pairs of a purse and a payee.
    #[serde(with = "pairs")]
    pub pairs: BTreeMap<(PurseKey, AccountId), Pair>,
    /// Operators' clearances of payments, the first of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clearances: BTreeMap<PaymentId, PaymentClearance>,
    /// Double spends that it saw.
    pub evidence: Vec<Evidence>,
    /// Channel keys that were made, whether a channel uses them or not.
    pub channel_keys: BTreeMap<ChannelKey, OwnChannelKey>,
    /// Its channels.
    pub channels: BTreeMap<ChannelId, Channel>,
    /// What went through channels, in order.
    pub vouchers: Vec<VoucherNote>,
}

/// Pairs as a list: a JSON object has text for keys.
mod pairs {
    use super::{AccountId, BTreeMap, Deserialize, Pair, PurseKey};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        pairs: &BTreeMap<(PurseKey, AccountId), Pair>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(pairs.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<(PurseKey, AccountId), Pair>, D::Error> {
        let list = Vec::<Pair>::deserialize(from)?;
        Ok(list
            .into_iter()
            .map(|pair| ((pair.purse, pair.payee), pair))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_a_list_in_json_and_read_again() {
        let pair = Pair {
            purse: PurseKey::ZERO,
            payee: AccountId::ZERO,
            handed_in: None,
            milestones: Vec::new(),
            in_default_since: Some(Timestamp::ZERO),
        };
        let mut records = Records::default();
        records.pairs.insert((pair.purse, pair.payee), pair);
        let json = serde_json::to_value(&records).unwrap();
        assert_eq!(json["pairs"].as_array().unwrap().len(), 1);
        assert_eq!(serde_json::from_value::<Records>(json).unwrap(), records);
    }
}

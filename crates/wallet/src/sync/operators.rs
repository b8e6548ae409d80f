use offpay_protocol::{
    Signature, Signed,
    clearance::{RecordedPayment, check_clearance},
    messages::{OperatorKey, Revocations},
    revocations::RevocationList as Purses,
};

use super::{SyncError, learn::Learned};
use crate::{
    State,
    records::{PaymentClearance, RevocationList},
    use_case::UseCase,
};

impl State {
    /// A newer list of purses that are closing takes the place of the one before.
    pub(super) fn learn_revocations(
        &self,
        list: &Purses,
        statement: Revocations,
        signature: &Signature,
    ) -> Learned {
        let trusted = &self.records().trusted;
        let domain = &self.deployment().domain;
        let operator = list.check(&statement, signature, domain, trusted)?;
        let known = self.records().revocations.get(&operator);
        if known.is_some_and(|known| known.version >= statement.version) {
            return Ok(None);
        }
        let list = RevocationList {
            operator,
            version: statement.version,
            as_of: statement.as_of,
            purses: list.purses().collect(),
        };
        Ok(Some(UseCase::RecordRevocations(list)))
    }

    /// The first clearance of a payment that this wallet made or holds, by an operator that it trusts.
    pub(super) fn learn_clearance(&self, mut cleared: Box<PaymentClearance>) -> Learned {
        let (records, id) = (self.records(), cleared.payment);
        let made = records.made.get(&id).map(|made| made.purse);
        let purse = made.or_else(|| records.received.get(&id).map(|received| received.purse));
        if purse != Some(cleared.purse) {
            return Err(SyncError::UnknownPayment(id));
        }
        let recorded = RecordedPayment {
            purse: cleared.purse,
            id,
        };
        // Whoever is said to have signed it: who did counts.
        cleared.operator = check_clearance(
            recorded,
            &cleared.path,
            &cleared.clearance,
            &cleared.signature,
            &self.deployment().domain,
            &records.trusted,
        )?;
        let news = !records.clearances.contains_key(&id);
        Ok(news.then_some(UseCase::RecordClearance(cleared)))
    }

    /// An operator's next key, named by its present one.
    pub(super) fn learn_operator_key(&self, rotation: &Signed<OperatorKey>) -> Learned {
        let domain = &self.deployment().domain;
        if rotation.domain != *domain {
            return Err(SyncError::OtherDeployment);
        }
        let mut trusted = self.records().trusted.clone();
        trusted.follow(&rotation.message, &rotation.signature, domain)?;
        let news = trusted != self.records().trusted;
        Ok(news.then_some(UseCase::FollowOperator(trusted)))
    }
}

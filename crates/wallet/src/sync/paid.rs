use alloy_primitives::B256;
use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp, proof::check_header};

use super::{PaidTo, SyncError};
use crate::{
    State, Unstored,
    records::{FinalizedBlock, HandIn, Milestone, OwnPurse, Pair},
    use_case::UseCase,
};

impl State {
    fn pair(&self, purse: PurseKey, payee: AccountId) -> Pair {
        let known = self.records().pairs.get(&(purse, payee));
        known.cloned().unwrap_or_else(|| Pair::new(purse, payee))
    }

    /// What a payee was credited: checked against the state root of the block, whose hash the nodes agree on.
    pub(super) fn learn_paid(
        &self,
        paid: &PaidTo,
        now: Timestamp,
    ) -> Result<Option<Unstored<()>>, SyncError> {
        let header = check_header(&paid.header, paid.block_hash)?;
        let block = FinalizedBlock {
            number: header.number,
            hash: header.hash,
            time: header.timestamp,
            nodes: paid.nodes,
        };
        self.check_not_lagging(&block)?;
        let contract = self.deployment().domain.contract();
        let credited = paid
            .proof
            .paid_to(header.state_root, contract, paid.purse, paid.payee)?;
        let time = now.max(block.time);
        let mut pair = self.pair(paid.purse, paid.payee);
        let settled = pair.settled();
        if credited < settled {
            return Err(SyncError::Contradiction);
        }
        if let Some(retired) = self.rolled_back(paid.purse, paid.payee, credited) {
            return Ok(Some(self.decided(UseCase::UpdatePurse(retired), time, ())));
        }
        if credited == settled {
            return Ok(None);
        }
        pair.milestones.push(Milestone { credited, block });
        Ok(Some(self.decided(UseCase::RecordPair(pair), time, ())))
    }

    /// An own purse that paid a payee more than this wallet ever promised it: the wallet is an old copy.
    fn rolled_back(&self, purse: PurseKey, payee: AccountId, credited: Amount) -> Option<OwnPurse> {
        let purse = self
            .records()
            .purses
            .get(&purse)
            .filter(|purse| !purse.retired)?;
        let promised = self.index.promised(purse.key, payee);
        (credited > promised).then(|| OwnPurse {
            retired: true,
            ..purse.clone()
        })
    }

    pub(super) fn learn_default(
        &self,
        purse: PurseKey,
        payee: AccountId,
        since: Option<Timestamp>,
    ) -> Option<UseCase> {
        let known = self.pair(purse, payee);
        let pair = Pair {
            in_default_since: since,
            ..known.clone()
        };
        (pair != known).then_some(UseCase::RecordPair(pair))
    }

    pub(super) fn learn_hand_in(
        &self,
        purse: PurseKey,
        payee: AccountId,
        cumulative: Amount,
        transaction: Option<B256>,
        now: Timestamp,
    ) -> Option<UseCase> {
        let known = self.pair(purse, payee);
        if cumulative < known.handed_in_up_to() {
            return None;
        }
        let handed_in = Some(HandIn {
            cumulative,
            at: self.time(now),
            transaction,
        });
        Some(UseCase::RecordPair(Pair { handed_in, ..known }))
    }
}

use std::collections::{BTreeMap, BTreeSet};

use offpay_protocol::{
    AccountId, Amount, ChannelId, Circle, OperatorId, PaymentId, PurseKey, Timestamp,
};

use crate::{
    State,
    records::{ChannelStanding, Evidence, PurseStanding, SignedPayment, SignedVoucher},
    recovery::RecoveryStep,
};

/// One thing to do while there is a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Ask two independent nodes for their newest finalized block. Everything that is read on-chain is read there.
    ReadFinalizedBlock,
    /// Bring a payment to an operator, or to the chain if no operator answers. It covers all earlier ones of its pair.
    HandIn {
        /// The newest payment of the pair.
        id: PaymentId,
        /// The purse that pays.
        purse: PurseKey,
        /// The payment and its signature.
        signed: SignedPayment,
        /// By when it is to be in a finalized block; `None` for a payment that this wallet made itself.
        by: Option<Timestamp>,
    },
    /// Bring the newest voucher of a channel to the chain: claim it (one-way) or present it (two-way, closing).
    HandInVoucher {
        /// The channel.
        channel: ChannelId,
        /// The voucher.
        signed: SignedVoucher,
        /// By when it is to be in a finalized block.
        by: Timestamp,
    },
    /// Report two payments that conflict: it stops the purse.
    ReportDoubleSpend(Evidence),
    /// Settle a pair out of collateral: its settlement period is over.
    SettleAfterSettlementPeriod {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
    },
    /// Ask an operator whether it moved on to another key.
    FetchOperatorKey(OperatorId),
    /// Ask an operator for its list of purses that are closing.
    FetchRevocations(OperatorId),
    /// Ask an operator for a fresh certificate of an own purse.
    RenewCertificate(PurseKey),
    /// Read an own purse.
    ReadPurse(PurseKey),
    /// Read another wallet's purse.
    ReadPayer(PurseKey),
    /// Prove what a payee was credited: `eth_getProof` of its slot in the finalized block.
    ProvePaid {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
        /// What it is to reach.
        cumulative: Amount,
    },
    /// Read whether a pair is in default.
    ReadPair {
        /// The purse.
        purse: PurseKey,
        /// The payee.
        payee: AccountId,
    },
    /// Pay what an own purse owes beyond its funds, from the free balance.
    MakeGood {
        /// The purse.
        purse: PurseKey,
        /// To whom.
        payees: Vec<AccountId>,
        /// Until when it costs no collateral.
        until: Timestamp,
    },
    /// Read this payee's place in a circle.
    ReadMembership(Circle),
    /// Read a channel.
    ReadChannel(ChannelId),
    /// Close a purse that is out of use.
    RequestPurseClose(PurseKey),
    /// Close a purse whose time has come.
    ClosePurse(PurseKey),
    /// Finish a channel whose close delay is over.
    FinalizeChannel(ChannelId),
}

impl State {
    /// What is to be done while there is a network, in order: what protects money that is held comes first, the oldest
    /// deadline before all others.
    pub fn tasks(&self, now: Timestamp) -> Vec<Task> {
        let time = self.time(now);
        let mut tasks = vec![Task::ReadFinalizedBlock];
        tasks.extend(self.hand_ins(time));
        tasks.extend(self.reports());
        tasks.extend(self.late_settlements(time));
        tasks.extend(self.make_goods());
        for operator in self.records().trusted.keys() {
            tasks.push(Task::FetchOperatorKey(operator));
            tasks.push(Task::FetchRevocations(operator));
        }
        tasks.extend(
            self.records()
                .circles
                .keys()
                .copied()
                .map(Task::ReadMembership),
        );
        tasks.extend(self.purse_tasks(time));
        tasks.extend(self.channel_tasks(time));
        tasks.extend(self.proofs());
        tasks.extend(self.pairs_to_read());
        tasks
    }

    fn reports(&self) -> impl Iterator<Item = Task> {
        let payers = &self.records().payers;
        let open = |evidence: &&Evidence| {
            payers
                .get(&evidence.purse)
                .is_none_or(|payer| matches!(payer.standing, PurseStanding::Open))
        };
        self.records()
            .evidence
            .iter()
            .filter(open)
            .copied()
            .map(Task::ReportDoubleSpend)
    }

    fn late_settlements(&self, time: Timestamp) -> impl Iterator<Item = Task> {
        let period = self.deployment().parameters.settlement_period;
        let late = self.records().pairs.values().filter(move |pair| {
            pair.in_default_since
                .is_some_and(|since| time >= since.saturating_add(period))
        });
        let own = self.account();
        late.filter(move |pair| pair.payee == own)
            .map(|pair| Task::SettleAfterSettlementPeriod {
                purse: pair.purse,
                payee: pair.payee,
            })
    }

    /// Defaults of own purses: made good in time, they cost no collateral.
    fn make_goods(&self) -> impl Iterator<Item = Task> {
        let purses = self.records().purses.keys();
        purses.filter_map(|purse| match self.make_good(*purse)? {
            RecoveryStep::MakeGood {
                purse,
                payees,
                until,
            } => Some(Task::MakeGood {
                purse,
                payees,
                until,
            }),
            _ => None,
        })
    }

    /// Pairs that may be in default: unsettled ones of purses that began to close.
    fn pairs_to_read(&self) -> impl Iterator<Item = Task> {
        let records = self.records();
        let closing = |standing: PurseStanding| matches!(standing, PurseStanding::Closing { .. });
        let held = self.held_pairs().into_keys().filter(move |(purse, _)| {
            records
                .payers
                .get(purse)
                .is_some_and(|payer| closing(payer.standing))
        });
        let own = records.made.values().filter(move |made| {
            let purse = records.purses.get(&made.purse);
            purse.is_some_and(|purse| closing(purse.standing))
                && made.payment.cumulative > self.settled(made.purse, made.payment.payee)
        });
        let own = own.map(|made| (made.purse, made.payment.payee));
        let pairs: BTreeSet<(PurseKey, AccountId)> = held.chain(own).collect();
        pairs
            .into_iter()
            .map(|(purse, payee)| Task::ReadPair { purse, payee })
    }

    fn purse_tasks(&self, time: Timestamp) -> Vec<Task> {
        let mut tasks = Vec::new();
        for purse in self.records().purses.values() {
            match purse.standing {
                PurseStanding::Closed => continue,
                PurseStanding::Closing { closes_at } if time >= closes_at => {
                    tasks.push(Task::ReadPurse(purse.key));
                    tasks.push(Task::ClosePurse(purse.key));
                }
                PurseStanding::Open if purse.retired => {
                    tasks.push(Task::ReadPurse(purse.key));
                    tasks.push(Task::RequestPurseClose(purse.key));
                }
                // A purse that was just prepared may be open by now: then its first certificate is there to be had.
                PurseStanding::Open | PurseStanding::Prepared => {
                    tasks.push(Task::ReadPurse(purse.key));
                    tasks.push(Task::RenewCertificate(purse.key));
                }
                PurseStanding::Closing { .. } => tasks.push(Task::ReadPurse(purse.key)),
            }
        }
        let mut payers: Vec<PurseKey> = self
            .held_pairs()
            .into_keys()
            .map(|(purse, _)| purse)
            .collect();
        payers.dedup();
        tasks.extend(payers.into_iter().map(Task::ReadPayer));
        tasks
    }

    fn channel_tasks(&self, time: Timestamp) -> Vec<Task> {
        let mut tasks = Vec::new();
        for channel in self.records().channels.values() {
            if channel.standing == ChannelStanding::Closed {
                continue;
            }
            tasks.push(Task::ReadChannel(channel.id));
            if let ChannelStanding::Closing { closes_at } = channel.standing
                && time >= closes_at
            {
                tasks.push(Task::FinalizeChannel(channel.id));
            }
        }
        tasks
    }

    /// Everything that is not proven to be paid yet, received and made.
    fn proofs(&self) -> impl Iterator<Item = Task> {
        let mut wanted: BTreeMap<(PurseKey, AccountId), Amount> = BTreeMap::new();
        for (pair, newest) in self.held_pairs() {
            wanted.insert(pair, newest.cumulative);
        }
        for made in self.records().made.values() {
            let pair = (made.purse, made.payment.payee);
            if made.payment.cumulative > self.settled(pair.0, pair.1) {
                let entry = wanted.entry(pair).or_default();
                *entry = (*entry).max(made.payment.cumulative);
            }
        }
        wanted
            .into_iter()
            .map(|((purse, payee), cumulative)| Task::ProvePaid {
                purse,
                payee,
                cumulative,
            })
    }
}

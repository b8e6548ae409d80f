//! Somebody has a network: what the wallet plans is done, and what comes back is told to it.

use offpay_chain::bindings::OffPay;
use offpay_protocol::{AccountId, Amount, PurseKey, Signed, Timestamp};
use offpay_wallet::{
    records::StoredCertificate,
    recovery::RecoveryStep,
    sync::{Answer, PurseView, SyncError, Task},
};

use super::World;
use crate::{
    failure::Failure,
    operator::{after_settlement_period, report, settle, uint96},
    plant::Plant,
};

impl World {
    /// A wallet syncs, with nodes that lag so many blocks behind.
    pub(crate) fn sync(
        &mut self,
        place: usize,
        through_operator: bool,
        behind: usize,
    ) -> Result<(), Failure> {
        // Whoever came back looks for what the lost phone overspent before anything else.
        if self.people[place].has_come_back {
            self.look_for_defaults(place, behind)?;
        }
        let clock = self.people[place].clock(self.now);
        let tasks = self.people[place].wallet().state().tasks(clock);
        for task in tasks {
            if let Some(answer) = self.do_task(place, task, through_operator, behind) {
                self.tell(place, &answer)?;
            }
        }
        if self.people[place].has_come_back {
            self.recover(place, behind);
        }
        self.hand_to_tower(place);
        let block = self.chain.finalized(behind);
        self.tell(place, &Answer::Synced(block))
    }

    fn tell(&mut self, place: usize, answer: &Answer) -> Result<(), Failure> {
        let now = self.now;
        let person = &mut self.people[place];
        let clock = person.clock(now);
        match person.act(now, |wallet| wallet.learn(answer.clone(), clock)) {
            Ok(_) | Err(SyncError::Lagging { .. } | SyncError::Storage(_)) => Ok(()),
            Err(error @ SyncError::Contradiction) => Err(Failure::new(
                "a wallet never takes the truth for a lie",
                format!("{}: {error}: {answer:?}", person.name),
            )),
            Err(error) => {
                let name = person.name.clone();
                self.say(format!("{name} does not learn: {error}"));
                Ok(())
            }
        }
    }

    fn do_task(
        &mut self,
        place: usize,
        task: Task,
        through_operator: bool,
        behind: usize,
    ) -> Option<Answer> {
        let account = self.people[place].account;
        let at = self.chain.finalized(behind);
        let has_operator = !self.operator.is_down;
        match task {
            Task::HandIn { by: Some(_), .. } if self.plant == Some(Plant::LatePayee) => {}
            Task::HandIn { purse, signed, .. } => {
                let signed = Signed {
                    domain: self.chain.domain(),
                    message: signed.payment,
                    signature: signed.signature,
                };
                let taken = through_operator
                    && has_operator
                    && self.operator.clear(&self.chain, &signed, self.now);
                if !taken {
                    self.chain.send(account, &settle(&signed));
                }
                return Some(Answer::HandedIn {
                    purse,
                    payee: signed.message.payee,
                    cumulative: signed.message.cumulative,
                    transaction: None,
                });
            }
            Task::ReportDoubleSpend(evidence) => {
                let signed = |half: offpay_wallet::records::SignedPayment| Signed {
                    domain: self.chain.domain(),
                    message: half.payment,
                    signature: half.signature,
                };
                let call = report(&signed(evidence.a), &signed(evidence.b));
                self.chain.send(account, &call);
            }
            Task::SettleAfterSettlementPeriod { purse, payee } => {
                self.chain
                    .send(account, &after_settlement_period(purse, payee));
            }
            Task::FetchRevocations(_) if has_operator => {
                let purses = self.purses();
                return self.operator.revocations(&self.chain, &purses);
            }
            Task::RenewCertificate(purse) if has_operator => {
                let certified = self.operator.certify(&self.chain, purse)?;
                self.note_certificate(&certified);
                return Some(Answer::Certificate(certified));
            }
            Task::ReadPurse(purse) => return Some(Answer::Purse(self.purse_view(purse, behind))),
            Task::ReadPayer(purse) => return Some(Answer::Payer(self.purse_view(purse, behind))),
            Task::ProvePaid { purse, payee, .. } => {
                return Some(Answer::Paid(self.chain.prove_paid(purse, payee, behind)));
            }
            Task::ReadPair { purse, payee } => {
                let since = self
                    .chain
                    .at_finalized(behind)
                    .in_default_since(purse, payee);
                return Some(Answer::InDefault {
                    purse,
                    payee,
                    since,
                    at,
                });
            }
            Task::MakeGood { purse, payees, .. } => self.make_good(account, purse, payees),
            Task::ReadMembership(circle) if circle.is_open() => {
                let security = self.chain.at_finalized(behind).security(account);
                let registered: u64 = security.registeredAt.to();
                let registered_at = (registered != 0).then(|| crate::chain::timestamp(registered));
                return Some(Answer::Registration { registered_at, at });
            }
            Task::ReadMembership(circle) => {
                let place = self.chain.at_finalized(behind).membership(circle, account);
                return Some(Answer::Membership { circle, place, at });
            }
            Task::RequestPurseClose(purse) => self.request_close(account, purse),
            Task::ClosePurse(purse) => self.close(account, purse),
            Task::ReadChannel(id) => return Some(self.read_channel(id, behind)),
            Task::HandInVoucher {
                channel, signed, ..
            } => self.hand_in_voucher(place, channel, &signed),
            Task::FinalizeChannel(id) => self.finish_channel(account, id),
            // No operator moves on to another key here.
            _ => {}
        }
        None
    }

    fn request_close(&mut self, from: AccountId, purse: PurseKey) {
        let call = OffPay::requestPurseCloseCall { key: purse.into() };
        self.chain.send(from, &call);
    }

    fn make_good(&mut self, from: AccountId, purse: PurseKey, payees: Vec<AccountId>) {
        if self.plant == Some(Plant::NoMakeGood) {
            return;
        }
        let call = OffPay::makeGoodCall {
            key: purse.into(),
            payees: payees.into_iter().map(Into::into).collect(),
            max: uint96(Amount::MAX),
        };
        self.chain.send(from, &call);
    }

    fn close(&mut self, from: AccountId, purse: PurseKey) {
        let call = OffPay::closePurseCall { key: purse.into() };
        self.chain.send(from, &call);
    }

    fn purse_view(&self, purse: PurseKey, behind: usize) -> PurseView {
        PurseView {
            purse,
            on_chain: self.chain.at_finalized(behind).purse_on_chain(purse),
            at: self.chain.finalized(behind),
        }
    }

    /// Remembers whether a certificate is a lie.
    pub(super) fn note_certificate(&mut self, certified: &StoredCertificate) {
        let certificate = &certified.certificate;
        let on_chain = self.chain.at_finalized(0).purse_on_chain(certificate.purse);
        let delay = self.chain.parameters.close_delay;
        // What began to close in the second that is certified may have done so in another block of that second, and closes
        // no sooner than promised: nobody calls that a lie.
        let began_before =
            |closes_at: Timestamp| closes_at.saturating_sub(delay) < certificate.as_of;
        if on_chain.is_none_or(|purse| purse.closed || purse.closes_at.is_some_and(began_before)) {
            self.lies.insert((certificate.purse, certificate.as_of));
        }
    }

    /// Reads which pairs of the own purses are in default: the events say so, whoever the payees are.
    fn look_for_defaults(&mut self, place: usize, behind: usize) -> Result<(), Failure> {
        let at = self.chain.finalized(behind);
        for purse in self.people[place].purses.clone() {
            for payee in self.payees() {
                let since = self
                    .chain
                    .at_finalized(behind)
                    .in_default_since(purse, payee);
                let known = self.people[place].wallet().state().records();
                let known = known.pairs.get(&(purse, payee));
                let known = known.and_then(|pair| pair.in_default_since);
                if since != known {
                    let answer = Answer::InDefault {
                        purse,
                        payee,
                        since,
                        at,
                    };
                    self.tell(place, &answer)?;
                }
            }
        }
        Ok(())
    }

    /// Closes what a lost phone could still spend, makes good what it overspent, and opens a purse with a new key.
    fn recover(&mut self, place: usize, behind: usize) {
        let purses = self.people[place].purses.clone();
        let found: Vec<PurseView> = purses
            .iter()
            .map(|purse| self.purse_view(*purse, behind))
            .collect();
        let clock = self.people[place].clock(self.now);
        let account = self.people[place].account;
        let steps = self.people[place].wallet().state().recovery(&found, clock);
        for step in steps {
            match step {
                RecoveryStep::RequestPurseClose(purse) => self.request_close(account, purse),
                RecoveryStep::ClosePurse { purse, at, .. } if clock >= at => {
                    self.close(account, purse);
                }
                RecoveryStep::OpenPurse(_) if purses.len() < 2 && !self.is_ending => {
                    self.open_purse(place);
                }
                // Of a purse whose key this phone has, it is a task of every sync as well.
                RecoveryStep::MakeGood { purse, payees, .. } => {
                    self.make_good(account, purse, payees);
                }
                RecoveryStep::ClosePurse { .. } | RecoveryStep::OpenPurse(_) => {}
            }
        }
    }
}

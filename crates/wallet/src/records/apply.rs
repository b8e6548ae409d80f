use offpay_protocol::PaymentId;

use super::{Records, SignedReceipt, VoucherDirection};
use crate::{
    storage::{Entry, StorageError},
    use_case::{Restored, UseCase, VoucherRecord},
};

impl Records {
    /// Changes the records as the entry says: all of it, or nothing and an error.
    ///
    /// # Errors
    ///
    /// [`StorageError::OutOfSequence`] if the entry does not follow the last one, [`StorageError::Inconsistent`] if it
    /// breaks a rule: serials that were handed out before, a voucher that another one overtook, a second creation.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), StorageError> {
        let next = self.number.saturating_add(1);
        if entry.number != next {
            return Err(StorageError::OutOfSequence {
                number: entry.number,
                last: self.number,
            });
        }
        self.carry_out(&entry.use_case)?;
        self.number = next;
        self.time = self.time.max(entry.time);
        Ok(())
    }

    fn carry_out(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        if self.profile.is_none() != matches!(use_case, UseCase::Create(_)) {
            return inconsistent("a wallet is created once, and first");
        }
        match use_case {
            UseCase::Create(_)
            | UseCase::ChangePassword(_)
            | UseCase::ChangeSettings(_)
            | UseCase::RecordAttestation(_) => self.own(use_case),
            UseCase::PreparePurse(_)
            | UseCase::UpdatePurse(_)
            | UseCase::RecordPayment(_)
            | UseCase::RecordReceipt(..) => self.pay(use_case),
            UseCase::RecordRequest(_)
            | UseCase::WithdrawRequest(_)
            | UseCase::RecordAccepted(_)
            | UseCase::GiveReceipt(..)
            | UseCase::RecordEvidence(_) => self.take(use_case),
            UseCase::PrepareChannelKey(_)
            | UseCase::AddChannel(_)
            | UseCase::UpdateChannel(_)
            | UseCase::RecordVoucher(_)
            | UseCase::RecordVoucherAccepted(_) => self.channel(use_case),
            _ => self.learn(use_case),
        }
    }

    fn own(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        match use_case {
            UseCase::Create(new) => {
                self.profile = Some(new.profile.clone());
                self.settings = Some(new.settings);
            }
            UseCase::ChangePassword(vault) => {
                if let Some(profile) = &mut self.profile {
                    profile.vault = vault.clone();
                }
            }
            UseCase::ChangeSettings(settings) => self.settings = Some(*settings),
            UseCase::RecordAttestation(key) => {
                if let Some(profile) = &mut self.profile {
                    profile.identity.set_request_key(key);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn pay(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        match use_case {
            UseCase::PreparePurse(purse) => {
                if self.purses.contains_key(&purse.key) || !purse.next_serial.is_zero() {
                    return inconsistent("a device key is used for one purse");
                }
                self.purses.insert(purse.key, purse.clone());
            }
            UseCase::UpdatePurse(purse) => {
                let known = self.purses.get_mut(&purse.key).ok_or(UNKNOWN_PURSE)?;
                if known.next_serial != purse.next_serial || known.sealed != purse.sealed {
                    return inconsistent("only a payment moves a purse's serials");
                }
                *known = purse.clone();
            }
            UseCase::RecordPayment(made) => {
                let purse = self.purses.get_mut(&made.purse).ok_or(UNKNOWN_PURSE)?;
                let serials = made.payment.serials();
                let Some(serials) = serials.filter(|next| next.start() == purse.next_serial) else {
                    return inconsistent("a serial is handed out once");
                };
                purse.next_serial = serials.end();
                self.made.insert(made.id, (**made).clone());
            }
            UseCase::RecordReceipt(id, receipt) => {
                let made = self.made.get_mut(id).ok_or(UNKNOWN_PAYMENT)?;
                made.receipt = Some(*receipt);
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        match use_case {
            UseCase::RecordRequest(request) => {
                self.requests.insert(request.reference, request.clone());
            }
            UseCase::WithdrawRequest(reference) => {
                if let Some(request) = self.requests.get_mut(reference) {
                    request.withdrawn = true;
                }
            }
            UseCase::RecordAccepted(received) => {
                if self.received.contains_key(&received.id) {
                    return inconsistent("a payment is accepted once");
                }
                self.received.insert(received.id, (**received).clone());
            }
            UseCase::GiveReceipt(id, receipt) => self.give_receipt(*id, *receipt)?,
            UseCase::RecordEvidence(evidence) => self.evidence.push(*evidence),
            _ => {}
        }
        Ok(())
    }

    fn give_receipt(&mut self, id: PaymentId, receipt: SignedReceipt) -> Result<(), StorageError> {
        let received = self.received.get_mut(&id).ok_or(UNKNOWN_PAYMENT)?;
        received.receipt = Some(receipt);
        Ok(())
    }

    fn channel(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        match use_case {
            UseCase::PrepareChannelKey(key) => {
                self.channel_keys.insert(key.address, key.clone());
            }
            UseCase::AddChannel(channel) => {
                if self.channels.contains_key(&channel.id) {
                    return inconsistent("a channel is added once");
                }
                self.channels.insert(channel.id, channel.clone());
            }
            UseCase::UpdateChannel(channel) => {
                let known = self.channels.get_mut(&channel.id).ok_or(UNKNOWN_CHANNEL)?;
                if known.sent != channel.sent || known.received != channel.received {
                    return inconsistent("only vouchers move what was sent and received");
                }
                *known = channel.clone();
            }
            UseCase::RecordVoucher(record) => self.move_voucher(record, VoucherDirection::Sent)?,
            UseCase::RecordVoucherAccepted(record) => {
                self.move_voucher(record, VoucherDirection::Received)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn move_voucher(
        &mut self,
        record: &VoucherRecord,
        direction: VoucherDirection,
    ) -> Result<(), StorageError> {
        let channel = self
            .channels
            .get_mut(&record.channel)
            .ok_or(UNKNOWN_CHANNEL)?;
        let (reached, newest) = match direction {
            VoucherDirection::Sent => (&mut channel.sent, &mut channel.newest_sent),
            VoucherDirection::Received => (&mut channel.received, &mut channel.newest_received),
        };
        if *reached != record.before || record.voucher.voucher.cumulative <= *reached {
            return inconsistent("a voucher follows the newest one");
        }
        *reached = record.voucher.voucher.cumulative;
        *newest = Some(record.voucher);
        self.vouchers.push(record.note.clone());
        Ok(())
    }

    fn learn(&mut self, use_case: &UseCase) -> Result<(), StorageError> {
        match use_case {
            UseCase::RecordCircle(joined) => {
                self.circles.insert(joined.circle, joined.clone());
            }
            UseCase::LeaveCircle(circle) => {
                self.circles.remove(circle);
            }
            UseCase::TrustOperator(card, trusted) => {
                self.operators.insert(card.operator, card.clone());
                self.trusted = trusted.clone();
            }
            UseCase::ForgetOperator(operator, trusted) => {
                self.operators.remove(operator);
                self.trusted = trusted.clone();
            }
            UseCase::FollowOperator(trusted) => self.trusted = trusted.clone(),
            UseCase::RecordRevocations(list) => {
                self.revocations.insert(list.operator, list.clone());
            }
            UseCase::RecordClearance(clearance) => {
                self.clearances
                    .entry(clearance.payment)
                    .or_insert_with(|| (**clearance).clone());
            }
            UseCase::RecordContact(contact) => {
                self.contacts.insert(contact.account, contact.clone());
            }
            UseCase::ForgetContact(account) => {
                self.contacts.remove(account);
            }
            UseCase::RecordPayer(payer) => {
                self.payers.insert(payer.purse, *payer);
            }
            UseCase::RecordPair(pair) => {
                self.pairs.insert((pair.purse, pair.payee), pair.clone());
            }
            UseCase::RecordSync(block) => self.synced = Some(*block),
            UseCase::RestoreBackup(restored) => self.restore(restored),
            _ => {}
        }
        Ok(())
    }

    /// Adds what is not known yet. What the wallet has itself is newer than any backup, and stays.
    fn restore(&mut self, restored: &Restored) {
        for request in &restored.requests {
            self.requests
                .entry(request.reference)
                .or_insert_with(|| request.clone());
        }
        for received in &restored.received {
            self.received
                .entry(received.id)
                .or_insert_with(|| received.clone());
        }
        for made in &restored.made {
            self.made.entry(made.id).or_insert_with(|| made.clone());
        }
        for pair in &restored.pairs {
            self.pairs
                .entry((pair.purse, pair.payee))
                .or_insert_with(|| pair.clone());
        }
        for payer in &restored.payers {
            self.payers.entry(payer.purse).or_insert(*payer);
        }
        for evidence in &restored.evidence {
            if !self.evidence.contains(evidence) {
                self.evidence.push(*evidence);
            }
        }
        for channel in &restored.channels {
            self.channels
                .entry(channel.id)
                .or_insert_with(|| channel.clone());
        }
        if self.vouchers.is_empty() {
            self.vouchers.clone_from(&restored.vouchers);
        }
        for purse in &restored.retired {
            if let Some(purse) = self.purses.get_mut(purse) {
                purse.retired = true;
            }
        }
        for contact in &restored.contacts {
            self.contacts
                .entry(contact.account)
                .or_insert_with(|| contact.clone());
        }
        for circle in &restored.circles {
            self.circles
                .entry(circle.circle)
                .or_insert_with(|| circle.clone());
        }
    }
}

const UNKNOWN_PURSE: StorageError = StorageError::Inconsistent {
    what: "a purse is prepared before it is used",
};
const UNKNOWN_PAYMENT: StorageError = StorageError::Inconsistent {
    what: "a receipt is for a payment that is stored",
};
const UNKNOWN_CHANNEL: StorageError = StorageError::Inconsistent {
    what: "a channel is added before it is used",
};

fn inconsistent(what: &'static str) -> Result<(), StorageError> {
    Err(StorageError::Inconsistent { what })
}

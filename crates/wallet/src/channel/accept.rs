use offpay_protocol::{
    Amount, ChannelId, PaymentId, Reference, Timestamp, TypedData,
    acceptance::Verdict,
    channel::accept_voucher,
    messages::Voucher,
    signature::Signature,
    wire::{ReferenceHint, VoucherCode},
};

use super::{ChannelError, TakenVoucher};
use crate::{
    Durable, State, Unstored, Wallet,
    records::{Channel, SignedVoucher, VoucherDirection, VoucherNote},
    storage::Storage,
    use_case::{UseCase, VoucherRecord},
};

/// What accepting a voucher came to, before anything is stored.
#[derive(Debug)]
pub(crate) enum Decision {
    Again(Durable<TakenVoucher>),
    Take(Unstored<TakenVoucher>),
}

impl State {
    /// Decides about a voucher of the other side.
    pub(crate) fn decide_voucher(
        &self,
        voucher: Voucher,
        signature: Signature,
        now: Timestamp,
    ) -> Result<Decision, ChannelError> {
        let channel = self.channel(voucher.channel)?;
        let side = self.side_of(channel)?;
        let signed = SignedVoucher { voucher, signature };
        let id = PaymentId::new(voucher.digest(&self.deployment().domain));
        let time = self.time(now);
        if channel.newest_received == Some(signed) {
            return Ok(Decision::Again(Durable::from_records(
                self.again(channel, id),
            )));
        }
        let (asked, memo) = self.asked_by(voucher.reference, time)?;
        let view = self.channel_view(channel, side);
        let accepted = accept_voucher(&view, &voucher, &signature, asked, time)?;
        let counterparty = channel.terms.account(side.other());
        let name = self
            .records()
            .contacts
            .get(&counterparty)
            .map(|known| known.name.clone());
        let note = VoucherNote {
            number: self.next_number(),
            id,
            channel: channel.id,
            counterparty,
            direction: VoucherDirection::Received,
            amount: accepted.amount,
            cumulative: accepted.cumulative,
            reference: voucher.reference,
            at: time,
            name: name.unwrap_or_default(),
            memo,
        };
        let taken = TakenVoucher {
            id,
            channel: channel.id,
            amount: accepted.amount,
            excess: accepted.excess,
            cumulative: accepted.cumulative,
            left: accepted.left,
            verdict: Verdict::Guaranteed,
            hand_in_by: accepted.hand_in_by,
            again: false,
        };
        let record = VoucherRecord {
            channel: channel.id,
            before: channel.received,
            voucher: signed,
            note,
        };
        let use_case = UseCase::RecordVoucherAccepted(Box::new(record));
        Ok(Decision::Take(self.decided(use_case, now, taken)))
    }

    fn again(&self, channel: &Channel, id: PaymentId) -> TakenVoucher {
        let note = self
            .records()
            .vouchers
            .iter()
            .rev()
            .find(|note| note.id == id);
        let side = channel.side(self.account());
        let left = side.map_or(Amount::ZERO, |side| channel.balance(side.other(), side));
        TakenVoucher {
            id,
            channel: channel.id,
            amount: note.map_or(Amount::ZERO, |note| note.amount),
            excess: Amount::ZERO,
            cumulative: channel.received,
            left,
            verdict: Verdict::Guaranteed,
            hand_in_by: self.voucher_hand_in_by(channel),
            again: true,
        }
    }

    /// By when the newest voucher of a channel is to be handed in.
    pub fn voucher_hand_in_by(&self, channel: &Channel) -> Timestamp {
        let margin = self.settings().acceptance.limits.margin;
        let seen = channel.seen_open.unwrap_or(channel.added_at);
        seen.saturating_add(channel.terms.close_delay)
            .saturating_sub(margin)
    }

    /// What the request asked for that a voucher names. In a channel nothing has to be asked for.
    fn asked_by(
        &self,
        reference: Reference,
        time: Timestamp,
    ) -> Result<(Amount, String), ChannelError> {
        let Some(issued) = self.records().requests.get(&reference) else {
            return Ok((Amount::ZERO, String::new()));
        };
        let used = self.index.paid_by(reference).next().is_some();
        let again = used && !issued.request.is_reusable();
        if issued.withdrawn || again || issued.request.is_expired(time) {
            return Err(ChannelError::RequestNotOpen);
        }
        Ok((issued.request.amount, issued.request.memo.clone()))
    }

    /// Puts together what a voucher's code leaves out.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Unreadable`].
    pub fn open_voucher(&self, code: &VoucherCode) -> Result<(Voucher, Signature), ChannelError> {
        let domain = &self.deployment().domain;
        let hint = code.channel_hint();
        let ids = self.records().channels.keys().copied();
        let channel = ids.into_iter().find(|id| id.bytes().starts_with(&hint));
        let reference = match code.reference() {
            // In a channel nothing has to be asked for: whatever the payer calls it.
            ReferenceHint::Whole(whole) => whole,
            hint => {
                let references = self.references(hint);
                references.first().copied().unwrap_or(Reference::ZERO)
            }
        };
        Ok(code.open(domain, channel.unwrap_or(ChannelId::ZERO), reference)?)
    }
}

impl<S: Storage> Wallet<S> {
    /// Takes a voucher of the other side. What comes back is stored. Only the newest one is kept: it is worth most.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn accept_voucher(
        &mut self,
        voucher: Voucher,
        signature: Signature,
        now: Timestamp,
    ) -> Result<Durable<TakenVoucher>, ChannelError> {
        self.prepare(now)?;
        match self.state().decide_voucher(voucher, signature, now)? {
            Decision::Again(taken) => Ok(taken),
            Decision::Take(unstored) => Ok(self.commit(unstored)?),
        }
    }

    /// Takes a voucher as it was scanned.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn accept_voucher_code(
        &mut self,
        code: &VoucherCode,
        now: Timestamp,
    ) -> Result<Durable<TakenVoucher>, ChannelError> {
        self.prepare(now)?;
        let (voucher, signature) = self.state().open_voucher(code)?;
        self.accept_voucher(voucher, signature, now)
    }
}

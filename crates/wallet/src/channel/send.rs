use offpay_protocol::{
    AccountId, Amount, ChannelId, PaymentId, Signable, Timestamp, TypedData, channel::Side,
    messages::Voucher,
};

use super::{ChannelError, ShownVoucher};
use crate::{
    Durable, State, Unstored,
    keys::{KeyError, SecretKind, Unlocked},
    pay::{Paid, PayError, ReadRequest},
    records::{Channel, ChannelStanding, SignedVoucher, VoucherDirection, VoucherNote},
    use_case::{UseCase, VoucherRecord},
};

impl State {
    /// Whether this channel can pay `payee` that much.
    pub(crate) fn check_can_send(
        &self,
        channel: &Channel,
        payee: AccountId,
        amount: Amount,
    ) -> Result<Side, ChannelError> {
        let side = self.side_of(channel)?;
        if channel.terms.account(side.other()) != payee {
            return Err(ChannelError::OtherPayee);
        }
        if side == Side::B && channel.terms.is_one_way() {
            return Err(ChannelError::OneWay);
        }
        if channel.own_key.is_none() {
            return Err(ChannelError::NoKey);
        }
        self.check_own_side(channel)?;
        if channel.standing != ChannelStanding::Open {
            return Err(ChannelError::NotOpen(channel.standing));
        }
        check_no_close(channel)?;
        let left = channel.balance(side, side);
        if amount > left {
            return Err(ChannelError::NotEnough { amount, left });
        }
        Ok(side)
    }

    /// Signs a voucher that adds `amount`.
    pub(crate) fn sign_voucher(
        &self,
        keys: &Unlocked,
        channel: &Channel,
        amount: Amount,
        read: &ReadRequest,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        let id = channel.id;
        let error = |error| PayError::Channel {
            channel: id,
            error: Box::new(error),
        };
        let payee = read.request.payee;
        self.check_can_send(channel, payee, amount).map_err(error)?;
        let own = channel
            .own_key
            .as_ref()
            .ok_or_else(|| error(ChannelError::NoKey))?;
        let left = Amount::MAX.saturating_sub(channel.sent);
        let cumulative = channel
            .sent
            .checked_add(amount)
            .ok_or_else(|| error(ChannelError::NotEnough { amount, left }))?;
        let domain = &self.deployment().domain;
        let reference = read.request.reference(domain);
        let voucher = Voucher {
            channel: id,
            cumulative,
            reference,
        };
        let address = own.address.address();
        let key = keys.open(SecretKind::Channel(address), address, &own.sealed)?;
        let signature = voucher.sign(domain, &key).map_err(|_| KeyError::NotAKey)?;
        let note = VoucherNote {
            number: self.next_number(),
            id: PaymentId::new(voucher.digest(domain)),
            channel: id,
            counterparty: payee,
            direction: VoucherDirection::Sent,
            amount,
            cumulative,
            reference,
            at: self.time(now),
            name: crate::pay::name_of(&read.payee_name),
            memo: read.request.memo.clone(),
        };
        let shown = ShownVoucher {
            id: note.id,
            amount,
            voucher,
            signature,
            request: read.request.clone(),
        };
        let record = VoucherRecord {
            channel: id,
            before: channel.sent,
            voucher: SignedVoucher { voucher, signature },
            note,
        };
        let use_case = UseCase::RecordVoucher(Box::new(record));
        Ok(self.decided(use_case, now, Paid::Voucher(shown)))
    }

    /// The newest voucher that was signed in a channel, to show it again.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Unknown`].
    pub fn newest_voucher(
        &self,
        id: ChannelId,
    ) -> Result<Option<crate::Durable<SignedVoucher>>, ChannelError> {
        Ok(self
            .channel(id)?
            .newest_sent
            .map(crate::Durable::from_records))
    }
}

/// After signing a cooperative close, or being restored, nothing is signed until a finalized block after the close's
/// hour still shows the channel open.
fn check_no_close(channel: &Channel) -> Result<(), ChannelError> {
    match channel.close_signed_until {
        Some(deadline) if channel.seen_open.is_none_or(|seen| seen <= deadline) => {
            Err(ChannelError::CloseSigned { deadline })
        }
        _ => Ok(()),
    }
}

impl State {
    /// A voucher that this wallet signed, to show it again; `None` once a newer one has taken its place.
    pub fn shown_voucher(&self, id: PaymentId) -> Option<Durable<SignedVoucher>> {
        let domain = &self.deployment().domain;
        let newest = self
            .records()
            .channels
            .values()
            .filter_map(|channel| channel.newest_sent);
        newest
            .into_iter()
            .find(|signed| signed.voucher.digest(domain) == id.bytes())
            .map(Durable::from_records)
    }
}

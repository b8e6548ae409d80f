//! Paying with no network: read the request, check the owner's limits, take serials, sign, store, show.

mod choose;
mod error;
mod limits;
mod purse;
mod read;

use offpay_protocol::{
    Amount, ChannelId, PaymentId, PurseKey, Signature, Signed, Timestamp,
    messages::{Attestation, Payment, Request},
};

pub use error::PayError;
pub use limits::Spending;
pub use read::ReadRequest;

use crate::{
    Durable, State, Unstored, Wallet,
    channel::ShownVoucher,
    keys::Unlocked,
    records::{MadePayment, PayeeName, StoredCertificate},
    storage::Storage,
};

/// A request as it was scanned: with its signature and the operator's word on the signer, as far as they came along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedRequest {
    /// The request.
    pub request: Request,
    /// Its signature.
    pub signature: Option<Signature>,
    /// Who may sign for the payee, and its name.
    pub attestation: Option<Signed<Attestation>>,
}

/// What a payer agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayOrder {
    /// The request.
    pub scanned: ScannedRequest,
    /// The amount, where the request leaves it to the payer.
    pub amount: Option<Amount>,
    /// Where to pay from.
    pub source: Source,
}

/// Where to pay from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// A channel with the payee if it has enough, else the purse that suits best.
    #[default]
    Auto,
    /// This purse.
    Purse(PurseKey),
    /// This channel.
    Channel(ChannelId),
}

/// What is to be shown to the payee.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one is made per payment, and shown at once"
)]
pub enum Paid {
    /// Out of a purse.
    Payment(ShownPayment),
    /// Through a channel.
    Voucher(ShownVoucher),
}

/// A payment with what the payee needs to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPayment {
    /// Its name.
    pub id: PaymentId,
    /// The purse that pays.
    pub purse: PurseKey,
    /// The payment.
    pub payment: Payment,
    /// The device key's signature.
    pub signature: Signature,
    /// The purse's newest certificate.
    pub certificate: StoredCertificate,
    /// What it pays.
    pub request: Request,
    /// The payment that it gives back.
    pub refund_of: Option<PaymentId>,
}

impl State {
    /// Signs what the payer agreed to. Nothing of it can be shown before it is stored.
    ///
    /// # Errors
    ///
    /// See [`PayError`].
    pub fn pay(
        &self,
        keys: &Unlocked,
        order: &PayOrder,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        let read = self.read_request(&order.scanned, now)?;
        let amount = read.amount_with(order.amount)?;
        if let Some(by) = read.paid_by {
            return Err(PayError::AlreadyPaid { by });
        }
        self.check_spending(amount, now)?;
        match self.choose(order.source, read.request.payee, amount, now)? {
            choose::Chosen::Channel(channel) => {
                let voucher = self.sign_voucher(keys, channel, amount, &read, now)?;
                Ok(voucher)
            }
            choose::Chosen::Purse(purse, certificate) => {
                self.sign_payment(keys, purse, certificate, amount, &read, None, now)
            }
        }
    }

    /// A payment that was signed before, with the newest certificate of its purse, to show it again.
    ///
    /// # Errors
    ///
    /// [`PayError::UnknownPayment`], [`PayError::NoCertificate`].
    pub fn shown_payment(&self, id: PaymentId) -> Result<Durable<ShownPayment>, PayError> {
        let made = self
            .records()
            .made
            .get(&id)
            .ok_or(PayError::UnknownPayment(id))?;
        let purse = self.records().purses.get(&made.purse);
        let certificate = purse
            .and_then(|purse| purse.certificate)
            .ok_or(PayError::NoCertificate { purse: made.purse })?;
        Ok(Durable::from_records(shown(made, certificate)))
    }
}

pub(crate) fn shown(made: &MadePayment, certificate: StoredCertificate) -> ShownPayment {
    ShownPayment {
        id: made.id,
        purse: made.purse,
        payment: made.payment,
        signature: made.signature,
        certificate,
        request: made.request.clone(),
        refund_of: made.refund_of,
    }
}

impl<S: Storage> Wallet<S> {
    /// What a scanned request says, and how far it can be trusted: to be shown before the payer agrees.
    ///
    /// # Errors
    ///
    /// See [`PayError`].
    pub fn read_request(
        &mut self,
        scanned: &ScannedRequest,
        now: Timestamp,
    ) -> Result<ReadRequest, PayError> {
        self.prepare(now)?;
        self.state().read_request(scanned, now)
    }

    /// Pays a request. What comes back is stored and may be shown, as often as it takes.
    ///
    /// # Errors
    ///
    /// See [`PayError`].
    pub fn pay(&mut self, order: &PayOrder, now: Timestamp) -> Result<Durable<Paid>, PayError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.pay(keys, order, now)?;
        Ok(self.commit(unstored)?)
    }

    /// A payment that was signed before, to show it again. The serials stay spent whether it is collected or not.
    ///
    /// # Errors
    ///
    /// See [`State::shown_payment`].
    pub fn show_payment(&self, id: PaymentId) -> Result<Durable<ShownPayment>, PayError> {
        self.state().shown_payment(id)
    }
}

/// What a request is called in words: used for the history.
pub(crate) fn name_of(name: &PayeeName) -> String {
    name.name().to_owned()
}

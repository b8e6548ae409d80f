use std::borrow::Cow;

use offpay_protocol::{
    PurseKey, Reference, Timestamp,
    messages::Request,
    wire::{CertifiedPayment, Code, PaymentCode, ReferenceHint},
};

use super::{AcceptError, AcceptRefusal, NetworkWord, Taken};
use crate::{
    Durable, State, Wallet, records::StoredCertificate, refund::refund_request, storage::Storage,
};

impl State {
    /// The request that a reference names: one that was shown, or the one that a refund pays.
    pub(super) fn request_of(
        &self,
        reference: Reference,
    ) -> Result<Cow<'_, Request>, AcceptRefusal> {
        if let Some(issued) = self.records().requests.get(&reference) {
            if issued.withdrawn {
                return Err(AcceptRefusal::RequestWithdrawn);
            }
            return Ok(Cow::Borrowed(&issued.request));
        }
        let original = self.index.refundable(reference);
        let original = original.ok_or(AcceptRefusal::NotForThisWallet)?;
        Ok(Cow::Owned(refund_request(self.account(), original)))
    }

    /// The references that a payment or voucher to this wallet can carry, as far as the hint tells.
    pub(crate) fn references(&self, hint: ReferenceHint) -> Vec<Reference> {
        let shown = self.records().requests.keys().copied();
        let references = shown.chain(self.index.refund_references());
        references
            .filter(|reference| hint.matches(*reference))
            .collect()
    }

    /// Puts together what a code leaves out: payee, reference and purse, and the certificate if it is known.
    ///
    /// # Errors
    ///
    /// [`AcceptRefusal::Unreadable`], [`AcceptRefusal::NotAPayment`], [`AcceptRefusal::NotForThisWallet`],
    /// [`AcceptRefusal::NoCertificate`].
    pub fn open_payment(&self, code: &Code) -> Result<CertifiedPayment, AcceptRefusal> {
        let domain = &self.deployment().domain;
        match code {
            Code::PaymentWithCertificate(code) => self
                .try_references(code.payment(), |reference| {
                    Ok(code.open(domain, self.account(), reference)?)
                }),
            Code::Payment(code) => self.try_references(code, |reference| {
                let (payment, signature, purse) = code.open(domain, self.account(), reference)?;
                let known = self
                    .known_certificate(purse)
                    .ok_or(AcceptRefusal::NoCertificate)?;
                Ok(CertifiedPayment {
                    payment,
                    signature,
                    certificate: known.certificate,
                    certificate_signature: known.signature,
                })
            }),
            _ => Err(AcceptRefusal::NotAPayment),
        }
    }

    /// Opens a code with the reference that its hint names. Eight bytes leave no doubt, but if two references had the
    /// same, the one whose signer is certified would be right.
    fn try_references(
        &self,
        code: &PaymentCode,
        open: impl Fn(Reference) -> Result<CertifiedPayment, AcceptRefusal>,
    ) -> Result<CertifiedPayment, AcceptRefusal> {
        // Another deployment is worth saying before an unknown request.
        if code.deployment() != self.deployment().domain.deployment() {
            return open(Reference::ZERO);
        }
        let mut first_refusal = None;
        for reference in self.references(code.reference()) {
            match open(reference) {
                Ok(opened) => return Ok(opened),
                Err(refusal) => {
                    first_refusal.get_or_insert(refusal);
                }
            }
        }
        Err(first_refusal.unwrap_or(AcceptRefusal::NotForThisWallet))
    }

    /// The newest certificate of a purse that ever came with a payment.
    fn known_certificate(&self, purse: PurseKey) -> Option<StoredCertificate> {
        self.index
            .received_from(purse)
            .filter_map(|id| self.records().received.get(&id))
            .map(|received| received.certificate)
            .max_by_key(|held| held.certificate.as_of)
    }
}

impl<S: Storage> Wallet<S> {
    /// Takes a payment as it was scanned.
    ///
    /// # Errors
    ///
    /// See [`Wallet::accept`].
    pub fn accept_code(
        &mut self,
        code: &Code,
        word: NetworkWord<'_>,
        now: Timestamp,
    ) -> Result<Durable<Taken>, AcceptError> {
        self.prepare(now)?;
        let offer = self.state().open_payment(code)?;
        self.accept(&offer, word, now)
    }
}

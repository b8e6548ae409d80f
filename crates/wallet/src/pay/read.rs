use alloy_primitives::Address;
use offpay_protocol::{
    AccountId, Amount, PaymentId, Signable, Timestamp,
    attestation::{AttestationRefusal, Speaker, check_speaker},
    messages::Request,
};

use super::{PayError, ScannedRequest};
use crate::{State, records::PayeeName};

/// What a request says, checked as far as this wallet can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// The request.
    pub request: Request,
    /// What the payee is called, and by whom.
    pub payee_name: PayeeName,
    /// Who signed the request: the payee, or a key attested for it.
    pub signer: Option<Address>,
    /// A payment or voucher of this wallet that paid it before, unless it may be paid more than once.
    pub paid_by: Option<PaymentId>,
}

impl ReadRequest {
    /// The amount: the request's, or the payer's where the request leaves it open.
    pub(super) fn amount_with(&self, given: Option<Amount>) -> Result<Amount, PayError> {
        let asked = self.request.amount;
        match given {
            Some(given) if !asked.is_zero() && given != asked => {
                Err(PayError::OtherAmount { asked, given })
            }
            _ if !asked.is_zero() => Ok(asked),
            Some(given) if !given.is_zero() => Ok(given),
            _ => Err(PayError::AmountMissing),
        }
    }
}

impl State {
    /// Reads a scanned request: whether it can be paid, and what the payee is to be called.
    ///
    /// # Errors
    ///
    /// Why it cannot be paid by anybody, or not by this wallet.
    pub fn read_request(
        &self,
        scanned: &ScannedRequest,
        now: Timestamp,
    ) -> Result<ReadRequest, PayError> {
        let request = &scanned.request;
        if !self.identity().can_pay() {
            return Err(PayError::CannotPay);
        }
        if request.payee.is_zero() {
            return Err(PayError::NoPayee);
        }
        if request.payee == self.account() {
            return Err(PayError::OwnRequest);
        }
        if request.is_expired(self.time(now)) {
            return Err(PayError::Expired {
                expires_at: request.expires_at,
            });
        }
        let (signer, speaker) = self.speaker(scanned, now)?;
        let paid_by = self
            .index
            .pays(request.reference(&self.deployment().domain))
            .next();
        Ok(ReadRequest {
            request: request.clone(),
            payee_name: self.name_payee(request.payee, &request.name, speaker),
            signer,
            paid_by: paid_by.filter(|_| !request.is_reusable()),
        })
    }

    /// Who signed a request, and by what right; nobody for an unsigned one. A signature by a stranger is worse than
    /// none; one by a key whose attestation does not count (any more) is as good as none.
    fn speaker(
        &self,
        scanned: &ScannedRequest,
        now: Timestamp,
    ) -> Result<(Option<Address>, Option<Speaker>), PayError> {
        let Some(signature) = &scanned.signature else {
            return Ok((None, None));
        };
        let payee = scanned.request.payee;
        let domain = &self.deployment().domain;
        let Ok(signer) = scanned.request.recover(domain, signature) else {
            return Err(PayError::NotSignedByPayee { payee });
        };
        let attestation = scanned.attestation.as_ref();
        let attestation =
            attestation.map(|attestation| (&attestation.message, &attestation.signature));
        let trusted = &self.records().trusted;
        match check_speaker(signer, payee, attestation, domain, trusted, self.time(now)) {
            Ok(speaker) => Ok((Some(signer), Some(speaker))),
            Err(
                AttestationRefusal::UntrustedOperator { .. } | AttestationRefusal::Expired { .. },
            ) => Ok((None, None)),
            Err(_) => Err(PayError::NotSignedByPayee { payee }),
        }
    }

    /// What to call a payee. An attested name is the request's own: the wire form keeps only one.
    pub(crate) fn name_payee(
        &self,
        payee: AccountId,
        claimed: &str,
        speaker: Option<Speaker>,
    ) -> PayeeName {
        if let Some(contact) = self.records().contacts.get(&payee) {
            return PayeeName::Contact {
                name: contact.name.clone(),
            };
        }
        let name = claimed.to_owned();
        match speaker {
            Some(Speaker::Attested { operator }) => PayeeName::Attested { name, operator },
            _ => PayeeName::Unverified { name },
        }
    }
}

use minicbor::{Decoder, Encoder};

use super::{
    Layout, ReferenceHint, WireError,
    certificate::{Terms, read_terms, write_terms},
    fields::{Written, check_deployment, read_deployment, read_signature},
    packed,
};
use crate::{
    AccountId, Amount, Domain, PurseKey, Reference, Signable, Signature,
    domain::DeploymentTag,
    messages::{Certificate, Payment},
};

/// A payment as its payee reads it: payee, reference and domain come from the request, the purse from the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentCode {
    deployment: DeploymentTag,
    reference: ReferenceHint,
    start: Amount,
    amount: Amount,
    /// What the payee had been promised before: the cumulative without the amount. Often nothing, which is one byte.
    before: Amount,
    signature: Signature,
}

impl PaymentCode {
    /// The code of a payment. Its reference is left out if the payee made the request that it names.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherSubject`] if `reference` is not the payment's, [`WireError::Malformed`] for an amount above the
    /// cumulative.
    pub fn new(
        domain: &Domain,
        payment: &Payment,
        reference: ReferenceHint,
        signature: Signature,
    ) -> Result<Self, WireError> {
        reference.check(payment.reference)?;
        let before = payment
            .cumulative
            .checked_sub(payment.amount)
            .ok_or(WireError::Malformed)?;
        Ok(Self {
            deployment: domain.deployment(),
            reference,
            start: payment.start,
            amount: payment.amount,
            before,
            signature,
        })
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// By what the payee finds its request.
    pub const fn reference(&self) -> ReferenceHint {
        self.reference
    }

    /// The payment in full, for the payee and the request that were found, with its purse.
    ///
    /// The purse is whoever's key signed exactly this payment: for another payee or request it is nobody's.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::OtherSubject`], [`WireError::Malformed`],
    /// [`WireError::Signature`].
    pub fn open(
        &self,
        domain: &Domain,
        payee: AccountId,
        reference: Reference,
    ) -> Result<(Payment, Signature, PurseKey), WireError> {
        check_deployment(self.deployment, domain)?;
        self.reference.check(reference)?;
        let cumulative = self
            .before
            .checked_add(self.amount)
            .ok_or(WireError::Malformed)?;
        let payment = Payment {
            payee,
            start: self.start,
            amount: self.amount,
            cumulative,
            reference,
        };
        let purse = payment
            .recover(domain, &self.signature)
            .map_err(WireError::Signature)?;
        Ok((payment, self.signature, purse))
    }

    fn write_fields(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields.bytes(&self.deployment.0)?;
        self.reference.write(fields)?;
        packed::encode(self.start, fields)?;
        packed::encode(self.amount, fields)?;
        packed::encode(self.before, fields)?;
        fields.bytes(&self.signature.to_compact())?.ok()
    }

    fn read_fields(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let code = Self {
            deployment: read_deployment(fields)?,
            reference: ReferenceHint::read(fields)?,
            start: packed::decode(fields)?,
            amount: packed::decode(fields)?,
            before: packed::decode(fields)?,
            signature: read_signature(fields)?,
        };
        code.before
            .checked_add(code.amount)
            .ok_or(WireError::Malformed)?;
        Ok(code)
    }
}

impl Layout for PaymentCode {
    const TYPE: u8 = 2;
    const FIELDS: u64 = 6;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        self.write_fields(fields)
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Self::read_fields(fields)
    }
}

/// A payment with its purse's certificate: one code to show, from which the payee knows where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentWithCertificateCode {
    payment: PaymentCode,
    terms: Terms,
    certificate_signature: Signature,
}

/// What a [`PaymentWithCertificateCode`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertifiedPayment {
    /// The payment.
    pub payment: Payment,
    /// Its signature.
    pub signature: Signature,
    /// The certificate of the purse that signed it.
    pub certificate: Certificate,
    /// Its signature.
    pub certificate_signature: Signature,
}

impl PaymentWithCertificateCode {
    /// The code of a payment and the certificate of its purse.
    pub fn new(
        payment: PaymentCode,
        certificate: &Certificate,
        certificate_signature: Signature,
    ) -> Self {
        Self {
            payment,
            terms: Terms::of(certificate),
            certificate_signature,
        }
    }

    /// The payment without the certificate.
    pub const fn payment(&self) -> &PaymentCode {
        &self.payment
    }

    /// Both messages in full, for the payee and the request that were found.
    ///
    /// # Errors
    ///
    /// Those of [`PaymentCode::open`].
    pub fn open(
        &self,
        domain: &Domain,
        payee: AccountId,
        reference: Reference,
    ) -> Result<CertifiedPayment, WireError> {
        let (payment, signature, purse) = self.payment.open(domain, payee, reference)?;
        Ok(CertifiedPayment {
            payment,
            signature,
            certificate: self.terms.certificate(purse),
            certificate_signature: self.certificate_signature,
        })
    }
}

impl Layout for PaymentWithCertificateCode {
    const TYPE: u8 = 3;
    const FIELDS: u64 = 14;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        self.payment.write_fields(fields)?;
        write_terms(&self.terms, fields)?;
        fields.bytes(&self.certificate_signature.to_compact())?.ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            payment: PaymentCode::read_fields(fields)?,
            terms: read_terms(fields)?,
            certificate_signature: read_signature(fields)?,
        })
    }
}

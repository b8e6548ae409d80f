use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{Hint, Written, check_deployment, hint, read_array, read_deployment, read_signature},
};
use crate::{Domain, PaymentId, Signature, Timestamp, domain::DeploymentTag, messages::Receipt};

/// A receipt as the payer reads it, who finds the payment among its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptCode {
    deployment: DeploymentTag,
    payment: Hint,
    accepted_at: Timestamp,
    signature: Signature,
}

impl ReceiptCode {
    /// The code of a receipt.
    pub fn new(domain: &Domain, receipt: &Receipt, signature: Signature) -> Self {
        Self {
            deployment: domain.deployment(),
            payment: hint(&receipt.payment.bytes()),
            accepted_at: receipt.accepted_at,
            signature,
        }
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// The first eight bytes of the payment's id.
    pub const fn payment_hint(&self) -> [u8; 8] {
        self.payment
    }

    /// The receipt in full, for the payment that was found.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::OtherSubject`].
    pub fn open(
        &self,
        domain: &Domain,
        payment: PaymentId,
    ) -> Result<(Receipt, Signature), WireError> {
        check_deployment(self.deployment, domain)?;
        if hint(&payment.bytes()) != self.payment {
            return Err(WireError::OtherSubject);
        }
        Ok((
            Receipt {
                payment,
                accepted_at: self.accepted_at,
            },
            self.signature,
        ))
    }
}

impl Layout for ReceiptCode {
    const TYPE: u8 = 5;
    const FIELDS: u64 = 4;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields
            .bytes(&self.deployment.0)?
            .bytes(&self.payment)?
            .encode(self.accepted_at)?
            .bytes(&self.signature.to_compact())?
            .ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            deployment: read_deployment(fields)?,
            payment: read_array(fields)?,
            accepted_at: fields.decode()?,
            signature: read_signature(fields)?,
        })
    }
}

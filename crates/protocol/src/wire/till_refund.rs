use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{Written, check_deployment, read_deployment, read_signature},
    packed,
};
use crate::{
    AccountId, Amount, Domain, PaymentId, PurseKey, Signable as _, Signature,
    domain::DeploymentTag, messages::Payment,
};

/// What a till shows to its owner, to have a payment given back: a till's phone can spend nothing.
///
/// The payment comes along as its purse signed it, so that the owner's wallet sees what was paid to the till, and never
/// gives back more. Who gets it back is the till's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TillRefundCode {
    deployment: DeploymentTag,
    payment: Payment,
    signature: Signature,
    payer: AccountId,
    amount: Amount,
}

/// A refund that a till asks its owner for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TillRefund {
    /// The payment that was accepted at the till.
    pub payment: Payment,
    /// Its name.
    pub original: PaymentId,
    /// The purse that signed it.
    pub purse: PurseKey,
    /// The account that the purse belongs to, as the till says.
    pub payer: AccountId,
    /// How much is to be given back.
    pub amount: Amount,
}

impl TillRefundCode {
    /// The code of a refund of `payment`, which came with this signature.
    pub fn new(
        domain: &Domain,
        payment: Payment,
        signature: Signature,
        payer: AccountId,
        amount: Amount,
    ) -> Self {
        Self {
            deployment: domain.deployment(),
            payment,
            signature,
            payer,
            amount,
        }
    }

    /// The refund, with the purse whose key signed the payment.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::Signature`].
    pub fn open(&self, domain: &Domain) -> Result<TillRefund, WireError> {
        check_deployment(self.deployment, domain)?;
        let purse = self
            .payment
            .recover(domain, &self.signature)
            .map_err(WireError::Signature)?;
        Ok(TillRefund {
            payment: self.payment,
            original: self.payment.id(domain),
            purse,
            payer: self.payer,
            amount: self.amount,
        })
    }
}

impl Layout for TillRefundCode {
    const TYPE: u8 = 13;
    const FIELDS: u64 = 9;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        let payment = &self.payment;
        fields.bytes(&self.deployment.0)?.encode(payment.payee)?;
        for amount in [payment.start, payment.amount, payment.cumulative] {
            packed::encode(amount, fields)?;
        }
        fields
            .encode(payment.reference)?
            .bytes(&self.signature.to_compact())?
            .encode(self.payer)?;
        packed::encode(self.amount, fields)
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            deployment: read_deployment(fields)?,
            payment: Payment {
                payee: fields.decode()?,
                start: packed::decode(fields)?,
                amount: packed::decode(fields)?,
                cumulative: packed::decode(fields)?,
                reference: fields.decode()?,
            },
            signature: read_signature(fields)?,
            payer: fields.decode()?,
            amount: packed::decode(fields)?,
        })
    }
}

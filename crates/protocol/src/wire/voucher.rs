use minicbor::{Decoder, Encoder};

use super::{
    Layout, ReferenceHint, WireError,
    fields::{Hint, Written, check_deployment, hint, read_array, read_deployment, read_signature},
    packed,
};
use crate::{
    Amount, ChannelId, Domain, Reference, Signature, domain::DeploymentTag, messages::Voucher,
};

/// A voucher as the other side of the channel reads it, who finds the channel and the request among its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherCode {
    deployment: DeploymentTag,
    channel: Hint,
    cumulative: Amount,
    reference: ReferenceHint,
    signature: Signature,
}

impl VoucherCode {
    /// The code of a voucher. Its reference is left out if the payee made the request that it names.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherSubject`] if `reference` is not the voucher's.
    pub fn new(
        domain: &Domain,
        voucher: &Voucher,
        reference: ReferenceHint,
        signature: Signature,
    ) -> Result<Self, WireError> {
        reference.check(voucher.reference)?;
        Ok(Self {
            deployment: domain.deployment(),
            channel: hint(&voucher.channel.bytes()),
            cumulative: voucher.cumulative,
            reference,
            signature,
        })
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// The first eight bytes of the channel's id.
    pub const fn channel_hint(&self) -> [u8; 8] {
        self.channel
    }

    /// By what the payee finds its request.
    pub const fn reference(&self) -> ReferenceHint {
        self.reference
    }

    /// The voucher in full, for the channel and the request that were found.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::OtherSubject`].
    pub fn open(
        &self,
        domain: &Domain,
        channel: ChannelId,
        reference: Reference,
    ) -> Result<(Voucher, Signature), WireError> {
        check_deployment(self.deployment, domain)?;
        self.reference.check(reference)?;
        if hint(&channel.bytes()) != self.channel {
            return Err(WireError::OtherSubject);
        }
        Ok((
            Voucher {
                channel,
                cumulative: self.cumulative,
                reference,
            },
            self.signature,
        ))
    }
}

impl Layout for VoucherCode {
    const TYPE: u8 = 6;
    const FIELDS: u64 = 5;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields.bytes(&self.deployment.0)?.bytes(&self.channel)?;
        packed::encode(self.cumulative, fields)?;
        self.reference.write(fields)?;
        fields.bytes(&self.signature.to_compact())?.ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            deployment: read_deployment(fields)?,
            channel: read_array(fields)?,
            cumulative: packed::decode(fields)?,
            reference: ReferenceHint::read(fields)?,
            signature: read_signature(fields)?,
        })
    }
}

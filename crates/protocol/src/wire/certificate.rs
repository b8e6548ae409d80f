use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{
        Written, check_deployment, read_circle, read_deployment, read_signature, write_circle,
    },
    packed,
};
use crate::{
    AccountId, Amount, Circle, Domain, PurseKey, Signature, Timestamp, domain::DeploymentTag,
    messages::Certificate,
};

/// A certificate by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateCode {
    deployment: DeploymentTag,
    certificate: Certificate,
    signature: Signature,
}

impl CertificateCode {
    /// The code of a certificate.
    pub fn new(domain: &Domain, certificate: Certificate, signature: Signature) -> Self {
        Self {
            deployment: domain.deployment(),
            certificate,
            signature,
        }
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// The certificate and its signature. Whether it counts is for
    /// [`check_certificate`](crate::certificate::check_certificate) to say.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`].
    pub fn open(&self, domain: &Domain) -> Result<(&Certificate, Signature), WireError> {
        check_deployment(self.deployment, domain)?;
        Ok((&self.certificate, self.signature))
    }
}

impl Layout for CertificateCode {
    const TYPE: u8 = 4;
    const FIELDS: u64 = 10;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields
            .bytes(&self.deployment.0)?
            .encode(self.certificate.purse)?;
        write_terms(&Terms::of(&self.certificate), fields)?;
        fields.bytes(&self.signature.to_compact())?.ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let deployment = read_deployment(fields)?;
        let purse = fields.decode()?;
        let certificate = read_terms(fields)?.certificate(purse);
        Ok(Self {
            deployment,
            certificate,
            signature: read_signature(fields)?,
        })
    }
}

/// A certificate without the purse that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    owner: AccountId,
    circle: Circle,
    funds: Amount,
    pledge: Amount,
    cover_count: u16,
    circle_size: u16,
    as_of: Timestamp,
}

impl Terms {
    pub(super) const fn of(certificate: &Certificate) -> Self {
        let Certificate {
            purse: _,
            owner,
            circle,
            funds,
            pledge,
            cover_count,
            circle_size,
            as_of,
        } = *certificate;
        Self {
            owner,
            circle,
            funds,
            pledge,
            cover_count,
            circle_size,
            as_of,
        }
    }

    pub(super) const fn certificate(&self, purse: PurseKey) -> Certificate {
        let Self {
            owner,
            circle,
            funds,
            pledge,
            cover_count,
            circle_size,
            as_of,
        } = *self;
        Certificate {
            purse,
            owner,
            circle,
            funds,
            pledge,
            cover_count,
            circle_size,
            as_of,
        }
    }
}

pub(super) fn write_terms(terms: &Terms, fields: &mut Encoder<Vec<u8>>) -> Written {
    fields.encode(terms.owner)?;
    write_circle(terms.circle, fields)?;
    packed::encode(terms.funds, fields)?;
    packed::encode(terms.pledge, fields)?;
    fields
        .u16(terms.cover_count)?
        .u16(terms.circle_size)?
        .encode(terms.as_of)?
        .ok()
}

pub(super) fn read_terms(fields: &mut Decoder<'_>) -> Result<Terms, WireError> {
    Ok(Terms {
        owner: fields.decode()?,
        circle: read_circle(fields)?,
        funds: packed::decode(fields)?,
        pledge: packed::decode(fields)?,
        cover_count: fields.u16()?,
        circle_size: fields.u16()?,
        as_of: fields.decode()?,
    })
}

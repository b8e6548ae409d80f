use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{Written, check_deployment, read_array, read_deployment, read_signature},
};
use crate::{Domain, Signature, domain::DeploymentTag, messages::Attestation};

/// An attestation by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationCode {
    deployment: DeploymentTag,
    attestation: Attestation,
    signature: Signature,
}

impl AttestationCode {
    /// The code of an attestation.
    pub fn new(domain: &Domain, attestation: Attestation, signature: Signature) -> Self {
        Self {
            deployment: domain.deployment(),
            attestation,
            signature,
        }
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// The attestation and its signature. Whether it is by a trusted operator is the reader's to check.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`].
    pub fn open(&self, domain: &Domain) -> Result<(&Attestation, Signature), WireError> {
        check_deployment(self.deployment, domain)?;
        Ok((&self.attestation, self.signature))
    }
}

impl Layout for AttestationCode {
    const TYPE: u8 = 7;
    const FIELDS: u64 = 6;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        let Attestation {
            payee,
            signer,
            name,
            expires_at,
        } = &self.attestation;
        fields
            .bytes(&self.deployment.0)?
            .encode(payee)?
            .bytes(signer.as_slice())?
            .str(name)?
            .encode(expires_at)?
            .bytes(&self.signature.to_compact())?
            .ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            deployment: read_deployment(fields)?,
            attestation: Attestation {
                payee: fields.decode()?,
                signer: read_array::<20>(fields)?.into(),
                name: fields.str()?.to_owned(),
                expires_at: fields.decode()?,
            },
            signature: read_signature(fields)?,
        })
    }
}

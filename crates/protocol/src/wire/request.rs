use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{
        Written, check_deployment, checksum, read_deployment, read_nonce, read_signature,
        read_so_far, write_checksum, write_nonce,
    },
    packed,
};
use crate::{
    Domain, Signable, Signature, Timestamp,
    domain::DeploymentTag,
    messages::{Attestation, Request},
};

/// A request, signed or not. An unsigned one carries a checksum, so that a damaged payee is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestCode {
    deployment: DeploymentTag,
    request: Request,
    signature: Option<Signature>,
}

impl RequestCode {
    /// The code of a request.
    pub fn new(domain: &Domain, request: Request, signature: Option<Signature>) -> Self {
        Self {
            deployment: domain.deployment(),
            request,
            signature,
        }
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// The request and its signature. Whose it is, and whether that may speak for the payee, is the reader's to check.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`].
    pub fn open(&self, domain: &Domain) -> Result<(&Request, Option<Signature>), WireError> {
        check_deployment(self.deployment, domain)?;
        Ok((&self.request, self.signature))
    }
}

impl Layout for RequestCode {
    const TYPE: u8 = 1;
    const FIELDS: u64 = 8;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        write_request(self.deployment, &self.request, fields)?;
        match &self.signature {
            Some(signature) => fields.bytes(&signature.to_compact())?.ok(),
            None => write_checksum(fields),
        }
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let (deployment, request) = read_request(fields)?;
        let before = read_so_far(fields);
        let signature = match fields.bytes()? {
            sum @ [_, _, _, _] if *sum == checksum(before) => None,
            [_, _, _, _] => return Err(WireError::Checksum),
            bytes => {
                let compact = bytes.try_into().map_err(|_| WireError::Malformed)?;
                Some(Signature::from_compact(compact).map_err(WireError::Signature)?)
            }
        };
        Ok(Self {
            deployment,
            request,
            signature,
        })
    }
}

fn write_request(
    deployment: DeploymentTag,
    request: &Request,
    fields: &mut Encoder<Vec<u8>>,
) -> Written {
    fields.bytes(&deployment.0)?.encode(request.payee)?;
    packed::encode(request.amount, fields)?;
    write_nonce(request.nonce, fields)?;
    fields
        .encode(request.expires_at)?
        .str(&request.name)?
        .str(&request.memo)?
        .ok()
}

fn read_request(fields: &mut Decoder<'_>) -> Result<(DeploymentTag, Request), WireError> {
    let deployment = read_deployment(fields)?;
    let request = Request {
        payee: fields.decode()?,
        amount: packed::decode(fields)?,
        nonce: read_nonce(fields)?,
        expires_at: fields.decode()?,
        name: fields.str()?.to_owned(),
        memo: fields.str()?.to_owned(),
    };
    Ok((deployment, request))
}

/// A signed request together with the operator's word on its name and its signer.
///
/// The attestation's other fields are those of the request: the same payee and name, and as its signer whoever signed
/// the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedRequestCode {
    deployment: DeploymentTag,
    request: Request,
    signature: Signature,
    attested_until: Timestamp,
    attestation_signature: Signature,
}

impl AttestedRequestCode {
    /// The code of a request and the attestation of its payee.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherSubject`] if the attestation is of another payee, name or signer, and
    /// [`WireError::Signature`].
    pub fn new(
        domain: &Domain,
        request: Request,
        signature: Signature,
        attestation: &Attestation,
        attestation_signature: Signature,
    ) -> Result<Self, WireError> {
        let code = Self {
            deployment: domain.deployment(),
            request,
            signature,
            attested_until: attestation.expires_at,
            attestation_signature,
        };
        if code.open(domain)?.attestation == *attestation {
            Ok(code)
        } else {
            Err(WireError::OtherSubject)
        }
    }

    /// The deployment that it is for.
    pub const fn deployment(&self) -> DeploymentTag {
        self.deployment
    }

    /// Both messages in full. Whether the attestation is by a trusted operator is the reader's to check.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::Signature`].
    pub fn open(&self, domain: &Domain) -> Result<AttestedRequest<'_>, WireError> {
        check_deployment(self.deployment, domain)?;
        let signer = self
            .request
            .recover(domain, &self.signature)
            .map_err(WireError::Signature)?;
        Ok(AttestedRequest {
            request: &self.request,
            signature: self.signature,
            attestation: Attestation {
                payee: self.request.payee,
                signer,
                name: self.request.name.clone(),
                expires_at: self.attested_until,
            },
            attestation_signature: self.attestation_signature,
        })
    }
}

/// What an [`AttestedRequestCode`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedRequest<'a> {
    /// The request.
    pub request: &'a Request,
    /// Its signature, by the attested signer.
    pub signature: Signature,
    /// The attestation.
    pub attestation: Attestation,
    /// Its signature, by an operator.
    pub attestation_signature: Signature,
}

impl Layout for AttestedRequestCode {
    const TYPE: u8 = 8;
    const FIELDS: u64 = 10;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        write_request(self.deployment, &self.request, fields)?;
        fields
            .bytes(&self.signature.to_compact())?
            .encode(self.attested_until)?
            .bytes(&self.attestation_signature.to_compact())?
            .ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let (deployment, request) = read_request(fields)?;
        Ok(Self {
            deployment,
            request,
            signature: read_signature(fields)?,
            attested_until: fields.decode()?,
            attestation_signature: read_signature(fields)?,
        })
    }
}

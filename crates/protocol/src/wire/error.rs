use thiserror::Error;

use crate::{domain::DeploymentTag, signature::SignatureError};

/// Why a text is no code, or a code is not for this reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// It is something else.
    #[error("this is not an OffPay code")]
    NotACode,
    /// It is of a later version.
    #[error("this code is of version {0}: update OffPay to read it")]
    UnknownVersion(u8),
    /// It is of a type that this version does not know.
    #[error("this code is of the unknown type {0}: update OffPay to read it")]
    UnknownType(u8),
    /// It is longer than any code.
    #[error("this code is too long")]
    TooLong,
    /// The text is not base45: a character is wrong or missing.
    #[error("this code is damaged: not base45")]
    NotBase45,
    /// The fragment is not unpadded base64url: a character is wrong or missing.
    #[error("this link is damaged: not base64url")]
    NotBase64,
    /// The fields are not those of its type.
    #[error("this code is damaged: its fields are not what they should be")]
    Malformed,
    /// The same could be written in another way, and should be.
    #[error("this code is not in the one form that is allowed")]
    NotCanonical,
    /// Its checksum does not match.
    #[error("this code is damaged: its checksum does not match")]
    Checksum,
    /// It is for another deployment: another chain or contract.
    #[error("this code is for another deployment")]
    OtherDeployment {
        /// The deployment that it is for.
        found: DeploymentTag,
    },
    /// It points to another request, payment or channel than it is read with.
    #[error("this code belongs to something else")]
    OtherSubject,
    /// Nobody can have made its signature.
    #[error("the code's signature: {0}")]
    Signature(SignatureError),
}

impl WireError {
    /// A name that stays the same, for APIs and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotACode => "code_unrecognized",
            Self::UnknownVersion(_) => "code_unknown_version",
            Self::UnknownType(_) => "code_unknown_type",
            Self::TooLong => "code_too_long",
            Self::NotBase45 => "code_not_base45",
            Self::NotBase64 => "code_not_base64",
            Self::Malformed => "code_malformed",
            Self::NotCanonical => "code_not_canonical",
            Self::Checksum => "code_checksum",
            Self::OtherDeployment { .. } => "code_other_deployment",
            Self::OtherSubject => "code_other_subject",
            Self::Signature(_) => "code_signature",
        }
    }
}

impl From<minicbor::decode::Error> for WireError {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Malformed
    }
}

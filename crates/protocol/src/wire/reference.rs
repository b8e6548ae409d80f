use minicbor::{Decoder, Encoder};

use super::{
    WireError,
    fields::{Hint, Written, hint},
};
use crate::Reference;

/// A reference as a code carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceHint {
    /// The first eight bytes of the digest of a request that the reader made: it finds it among its own.
    OwnRequest([u8; 8]),
    /// All of it, for a reader that could not find it. Zero takes no room.
    Whole(Reference),
}

impl ReferenceHint {
    /// Points to a request of the reader's.
    pub fn own_request(reference: Reference) -> Self {
        Self::OwnRequest(hint(&reference.bytes()))
    }

    /// Whether it can stand for this reference.
    pub fn matches(&self, reference: Reference) -> bool {
        match self {
            Self::OwnRequest(first) => *first == hint(&reference.bytes()),
            Self::Whole(whole) => *whole == reference,
        }
    }

    pub(super) fn check(&self, reference: Reference) -> Result<(), WireError> {
        if self.matches(reference) {
            Ok(())
        } else {
            Err(WireError::OtherSubject)
        }
    }

    pub(super) fn write(&self, encoder: &mut Encoder<Vec<u8>>) -> Written {
        let bytes = match self {
            Self::OwnRequest(hint) => encoder.bytes(hint)?,
            Self::Whole(Reference::ZERO) => encoder.bytes(&[])?,
            Self::Whole(whole) => encoder.bytes(whole.bytes().as_slice())?,
        };
        bytes.ok()
    }

    pub(super) fn read(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let bytes = decoder.bytes()?;
        if bytes.is_empty() {
            return Ok(Self::Whole(Reference::ZERO));
        }
        if let Ok(hint) = Hint::try_from(bytes) {
            return Ok(Self::OwnRequest(hint));
        }
        let whole: [u8; 32] = bytes.try_into().map_err(|_| WireError::Malformed)?;
        Ok(Self::Whole(Reference::new(whole.into())))
    }
}

use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{Written, checksum, read_array, read_so_far, write_checksum},
};
use crate::{Domain, OperatorId};

/// How to find and recognize an operator: what a wallet needs to begin with one.
///
/// Nobody signs a card. It is believed because of where it was seen, on the counter or on the operator's own page, and
/// a person confirms it. So it carries the domain in full: it is how a wallet comes to know the deployment at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorCard {
    /// The deployment that it serves.
    pub domain: Domain,
    /// The key that signs its certificates, clearances and attestations.
    pub operator: OperatorId,
    /// Where its server is.
    pub url: String,
    /// What it calls itself.
    pub name: String,
}

impl Layout for OperatorCard {
    const TYPE: u8 = 9;
    const FIELDS: u64 = 5;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields
            .encode(self.domain)?
            .encode(self.operator)?
            .str(&self.url)?
            .str(&self.name)?;
        write_checksum(fields)
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let card = Self {
            domain: fields.decode()?,
            operator: fields.decode()?,
            url: fields.str()?.to_owned(),
            name: fields.str()?.to_owned(),
        };
        let sum = checksum(read_so_far(fields));
        if read_array(fields)? == sum {
            Ok(card)
        } else {
            Err(WireError::Checksum)
        }
    }
}

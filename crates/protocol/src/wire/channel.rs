//! What two sides of a channel give each other around its payments: an offer, the terms, and a close.

use minicbor::{Decoder, Encoder};

use super::{
    Layout, WireError,
    fields::{
        Hint, Written, check_deployment, checksum, hint, read_array, read_deployment, read_nonce,
        read_signature, read_so_far, write_checksum, write_nonce,
    },
    packed,
};
use crate::{
    AccountId, Amount, ChannelId, ChannelKey, Domain, Signature, Timestamp,
    channel::Side,
    domain::DeploymentTag,
    messages::{ChannelClose, ChannelTerms},
};

/// What the side that is to receive as well shows to the side that opens a channel. Nobody signs it: whoever opens the
/// channel sees the account, and the other side looks at the terms for its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelOfferCode {
    deployment: DeploymentTag,
    account: AccountId,
    key: ChannelKey,
}

/// The terms of a channel that was opened, for its other side. Nobody signs them: the contract knows the channel by
/// their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelTermsCode {
    deployment: DeploymentTag,
    terms: ChannelTerms,
}

/// A close at once that one side signed, for the other side to agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelCloseCode {
    deployment: DeploymentTag,
    channel: Hint,
    from_a: Amount,
    from_b: Amount,
    deadline: Timestamp,
    by: Side,
    signature: Signature,
}

impl ChannelOfferCode {
    /// The code of an offer.
    pub fn new(domain: &Domain, account: AccountId, key: ChannelKey) -> Self {
        Self {
            deployment: domain.deployment(),
            account,
            key,
        }
    }

    /// The account that offers, and its channel key.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`].
    pub fn open(&self, domain: &Domain) -> Result<(AccountId, ChannelKey), WireError> {
        check_deployment(self.deployment, domain)?;
        Ok((self.account, self.key))
    }
}

impl ChannelTermsCode {
    /// The code of a channel's terms.
    pub fn new(domain: &Domain, terms: ChannelTerms) -> Self {
        Self {
            deployment: domain.deployment(),
            terms,
        }
    }

    /// The terms.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`].
    pub fn open(&self, domain: &Domain) -> Result<&ChannelTerms, WireError> {
        check_deployment(self.deployment, domain)?;
        Ok(&self.terms)
    }
}

impl ChannelCloseCode {
    /// The code of a close that `by` signed.
    pub fn new(domain: &Domain, close: &ChannelClose, by: Side, signature: Signature) -> Self {
        Self {
            deployment: domain.deployment(),
            channel: hint(&close.channel.bytes()),
            from_a: close.from_a,
            from_b: close.from_b,
            deadline: close.deadline,
            by,
            signature,
        }
    }

    /// The first eight bytes of the channel's id.
    pub const fn channel_hint(&self) -> [u8; 8] {
        self.channel
    }

    /// The close in full, for the channel that was found, with the side that signed it.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherDeployment`], [`WireError::OtherSubject`].
    pub fn open(
        &self,
        domain: &Domain,
        channel: ChannelId,
    ) -> Result<(ChannelClose, Side, Signature), WireError> {
        check_deployment(self.deployment, domain)?;
        if hint(&channel.bytes()) != self.channel {
            return Err(WireError::OtherSubject);
        }
        let close = ChannelClose {
            channel,
            from_a: self.from_a,
            from_b: self.from_b,
            deadline: self.deadline,
        };
        Ok((close, self.by, self.signature))
    }
}

impl Layout for ChannelOfferCode {
    const TYPE: u8 = 10;
    const FIELDS: u64 = 4;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields
            .bytes(&self.deployment.0)?
            .encode(self.account)?
            .encode(self.key)?;
        write_checksum(fields)
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let offer = Self {
            deployment: read_deployment(fields)?,
            account: fields.decode()?,
            key: fields.decode()?,
        };
        check_sum(fields)?;
        Ok(offer)
    }
}

impl Layout for ChannelTermsCode {
    const TYPE: u8 = 11;
    const FIELDS: u64 = 8;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        let terms = &self.terms;
        fields
            .bytes(&self.deployment.0)?
            .encode(terms.a)?
            .encode(terms.b)?
            .encode(terms.key_a)?
            .encode(terms.key_b)?
            .encode(terms.close_delay)?;
        write_nonce(terms.salt, fields)?;
        write_checksum(fields)
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        let deployment = read_deployment(fields)?;
        let terms = ChannelTerms {
            a: fields.decode()?,
            b: fields.decode()?,
            key_a: fields.decode()?,
            key_b: fields.decode()?,
            close_delay: fields.decode()?,
            salt: read_nonce(fields)?,
        };
        check_sum(fields)?;
        Ok(Self { deployment, terms })
    }
}

impl Layout for ChannelCloseCode {
    const TYPE: u8 = 12;
    const FIELDS: u64 = 7;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> Written {
        fields.bytes(&self.deployment.0)?.bytes(&self.channel)?;
        packed::encode(self.from_a, fields)?;
        packed::encode(self.from_b, fields)?;
        fields
            .encode(self.deadline)?
            .bool(self.by == Side::B)?
            .bytes(&self.signature.to_compact())?
            .ok()
    }

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            deployment: read_deployment(fields)?,
            channel: read_array(fields)?,
            from_a: packed::decode(fields)?,
            from_b: packed::decode(fields)?,
            deadline: fields.decode()?,
            by: if fields.bool()? { Side::B } else { Side::A },
            signature: read_signature(fields)?,
        })
    }
}

/// Reads the checksum of everything before it.
fn check_sum(fields: &mut Decoder<'_>) -> Result<(), WireError> {
    let sum = checksum(read_so_far(fields));
    if read_array(fields)? == sum {
        Ok(())
    } else {
        Err(WireError::Checksum)
    }
}

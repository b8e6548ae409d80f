use alloy_primitives::{B256, keccak256};
use alloy_rlp::Header;

use super::{ProofError, decode};
use crate::Timestamp;

/// The longest header that is read, in bytes. Ethereum's have about 600; some chains put seals into theirs.
pub const LONGEST_HEADER: usize = 16 * 1024;

/// Fields of a header, counted from zero.
const STATE_ROOT: usize = 3;
const NUMBER: usize = 8;
const TIMESTAMP: usize = 11;
/// Every header since the first has at least the fields up to the nonce.
const LEAST_FIELDS: usize = 15;

/// What a block's header says, proven by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvenHeader {
    /// The block's hash.
    pub hash: B256,
    /// The block's number.
    pub number: u64,
    /// The block's time.
    pub timestamp: Timestamp,
    /// The root of the state after the block.
    pub state_root: B256,
}

/// Takes the state root out of an RLP header that hashes to `block_hash`. Fields that later forks add are passed over.
///
/// # Errors
///
/// [`ProofError::TooLong`], [`ProofError::OtherBlock`], [`ProofError::Malformed`].
pub fn check_header(rlp: &[u8], block_hash: B256) -> Result<ProvenHeader, ProofError> {
    if rlp.len() > LONGEST_HEADER {
        return Err(ProofError::TooLong);
    }
    let found = keccak256(rlp);
    if found != block_hash {
        return Err(ProofError::OtherBlock { found });
    }
    let fields = fields(rlp).map_err(ProofError::Malformed)?;
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    if fields.len() < LEAST_FIELDS {
        return Err(ProofError::Malformed(alloy_rlp::Error::InputTooShort));
    }
    let timestamp = Timestamp::new(decode(field(TIMESTAMP))?)
        .ok_or(ProofError::Malformed(alloy_rlp::Error::Overflow))?;
    Ok(ProvenHeader {
        hash: found,
        number: decode(field(NUMBER))?,
        timestamp,
        state_root: decode(field(STATE_ROOT))?,
    })
}

/// Splits a list into its items, each still encoded.
fn fields(mut rlp: &[u8]) -> alloy_rlp::Result<Vec<&[u8]>> {
    let mut payload = Header::decode_bytes(&mut rlp, true)?;
    if !rlp.is_empty() {
        return Err(alloy_rlp::Error::UnexpectedLength);
    }
    let mut fields = Vec::new();
    while !payload.is_empty() {
        let item = payload;
        let header = Header::decode(&mut payload)?;
        payload = payload
            .get(header.payload_length..)
            .ok_or(alloy_rlp::Error::InputTooShort)?;
        let length = item.len().saturating_sub(payload.len());
        fields.push(item.get(..length).unwrap_or_default());
    }
    Ok(fields)
}

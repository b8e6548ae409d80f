use alloy_primitives::{B256, Bytes, U256, b256};
use serde::{Deserialize, Serialize};

use super::{Signable, TypedData, decimal};
use crate::{
    AccountId, Timestamp,
    word::{Word, hash_words},
};

/// Owner operations that anybody may bring to the contract for the account. Signed by the account.
///
/// A smart account signs by ERC-1271, which [`Signable::recover`] cannot check: only the chain can.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cbor(array)]
pub struct Relay {
    /// The account that acts.
    #[n(0)]
    pub account: AccountId,
    /// The contract's own calls, ABI-encoded: all are made, or none.
    #[n(1)]
    #[cbor(with = "calls")]
    pub calls: Vec<Bytes>,
    /// Used once per account, in any order.
    #[n(2)]
    #[cbor(with = "nonce")]
    #[serde(with = "decimal")]
    pub nonce: U256,
    /// The last second at which it counts.
    #[n(3)]
    pub deadline: Timestamp,
}

impl TypedData for Relay {
    const NAME: &'static str = "Relay";
    const TYPE: &'static str = "Relay(address account,bytes[] calls,uint256 nonce,uint40 deadline)";
    const TYPE_HASH: B256 =
        b256!("a7a0568589be32a4f3d9dd9422c57898789197f5638107b6cedbb364e477fa7b");

    fn struct_hash(&self) -> B256 {
        hash_words([
            Self::TYPE_HASH.0,
            self.account.word(),
            self.calls.word(),
            self.nonce.word(),
            self.deadline.word(),
        ])
    }
}

impl Signable for Relay {
    type Signer = AccountId;
}

/// `bytes[]` as an array of byte strings.
mod calls {
    use alloy_primitives::Bytes;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    pub(super) fn encode<C, W: Write>(
        calls: &[Bytes],
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.array(u64::try_from(calls.len()).unwrap_or(u64::MAX))?;
        for call in calls {
            encoder.bytes(call)?;
        }
        Ok(())
    }

    pub(super) fn decode<C>(
        decoder: &mut Decoder<'_>,
        _: &mut C,
    ) -> Result<Vec<Bytes>, DecodeError> {
        // The iterator reads as it goes, so that a length without elements behind it allocates nothing.
        let calls = decoder.array_iter::<&minicbor::bytes::ByteSlice>()?;
        calls
            .map(|call| call.map(|call| Bytes::copy_from_slice(call)))
            .collect()
    }
}

mod nonce {
    use alloy_primitives::U256;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    use crate::cbor::{decode_unsigned, encode_unsigned};

    pub(super) fn encode<C, W: Write>(
        nonce: &U256,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encode_unsigned(&nonce.to_be_bytes::<32>(), encoder)
    }

    pub(super) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<U256, DecodeError> {
        decode_unsigned::<32>(decoder).map(U256::from_be_bytes)
    }
}

//! The EIP-712 domain: which contract on which chain a signature is for.

use core::fmt;

use alloy_primitives::{Address, B256, Keccak256, b256};
use serde::{Deserialize, Serialize};

use crate::word::{Word, hash_words};

/// `keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")`
const TYPE_HASH: B256 = b256!("8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f");

/// `keccak256("OffPay")`
const NAME_HASH: B256 = b256!("43eb0832a6fc1a84883387b4a34e415e26c6b4e4e9ae08733e88920fd891bcde");
/// `keccak256("1")`
const VERSION_HASH: B256 =
    b256!("c89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6");

/// One deployment of the contract, as signatures name it.
///
/// The separator is hashed once, when the domain is made: a digest then costs two keccaks and no allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Named", into = "Named")]
pub struct Domain {
    chain_id: u64,
    contract: Address,
    separator: B256,
}

impl Domain {
    /// The domain's name in EIP-712.
    pub const NAME: &'static str = "OffPay";
    /// The domain's version in EIP-712.
    pub const VERSION: &'static str = "1";

    /// The deployment at `contract` on the chain `chain_id`.
    pub fn new(chain_id: u64, contract: Address) -> Self {
        let separator = hash_words([
            TYPE_HASH.0,
            NAME_HASH.0,
            VERSION_HASH.0,
            chain_id.word(),
            contract.word(),
        ]);
        Self {
            chain_id,
            contract,
            separator,
        }
    }

    /// The chain's id (EIP-155).
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The contract's address.
    pub const fn contract(&self) -> Address {
        self.contract
    }

    /// The domain separator.
    pub const fn separator(&self) -> B256 {
        self.separator
    }

    /// The four bytes by which the compact form names a deployment: the first of the separator, so that they bind the
    /// chain, the contract and the version.
    pub fn deployment(&self) -> DeploymentTag {
        let [a, b, c, d, ..] = self.separator.0;
        DeploymentTag([a, b, c, d])
    }

    /// What is signed for a message with this struct hash.
    pub fn digest(&self, struct_hash: B256) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update([0x19, 0x01]);
        hasher.update(self.separator);
        hasher.update(struct_hash);
        hasher.finalize()
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({} on chain {})", self.contract, self.chain_id)
    }
}

/// Four bytes that tell deployments apart where there is no room for a domain.
///
/// A tag guides a reader to the right domain. It proves nothing: only the signature does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DeploymentTag(pub [u8; 4]);

/// A domain on paper: its fields without the cache.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Named {
    chain_id: u64,
    #[serde(with = "crate::ids::checksummed")]
    verifying_contract: Address,
}

impl From<Named> for Domain {
    fn from(named: Named) -> Self {
        Self::new(named.chain_id, named.verifying_contract)
    }
}

impl From<Domain> for Named {
    fn from(domain: Domain) -> Self {
        Self {
            chain_id: domain.chain_id,
            verifying_contract: domain.contract,
        }
    }
}

impl<C> minicbor::Encode<C> for Domain {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder
            .array(2)?
            .u64(self.chain_id)?
            .bytes(self.contract.as_slice())?
            .ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Domain {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        let position = decoder.position();
        let malformed = || minicbor::decode::Error::message("not a domain").at(position);
        if decoder.array()? != Some(2) {
            return Err(malformed());
        }
        let chain_id = decoder.u64()?;
        let contract: [u8; 20] = decoder.bytes()?.try_into().map_err(|_| malformed())?;
        Ok(Self::new(chain_id, contract.into()))
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{address, keccak256};
    use alloy_sol_types::{Eip712Domain, eip712_domain};

    use super::*;

    const CONTRACT: Address = address!("0x00000000000000000000000000000000000000ff");

    fn generic(domain: &Domain) -> Eip712Domain {
        eip712_domain! {
            name: "OffPay",
            version: "1",
            chain_id: domain.chain_id(),
            verifying_contract: domain.contract(),
        }
    }

    #[test]
    fn agrees_with_alloy() {
        let ty =
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
        assert_eq!(TYPE_HASH, keccak256(ty));
        assert_eq!(NAME_HASH, keccak256(Domain::NAME));
        assert_eq!(VERSION_HASH, keccak256(Domain::VERSION));
        for chain_id in [1, 31337, u64::MAX] {
            let domain = Domain::new(chain_id, CONTRACT);
            assert_eq!(domain.separator(), generic(&domain).separator());
        }
    }

    #[test]
    fn every_part_changes_it() {
        let domain = Domain::new(1, CONTRACT);
        assert_ne!(domain.separator(), Domain::new(2, CONTRACT).separator());
        assert_ne!(
            domain.deployment(),
            Domain::new(1, Address::ZERO).deployment()
        );
    }

    #[test]
    fn json_and_cbor_name_chain_and_contract() {
        let domain = Domain::new(31337, CONTRACT);
        let json = serde_json::to_value(domain).unwrap();
        assert_eq!(json["chainId"], 31337);
        assert_eq!(serde_json::from_value::<Domain>(json).unwrap(), domain);
        let cbor = minicbor::to_vec(domain).unwrap();
        assert_eq!(minicbor::decode::<Domain>(&cbor).unwrap(), domain);
    }
}

//! Every message against alloy's generic EIP-712, and through JSON and CBOR and back.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolStruct, eip712_domain};
use offpay_protocol::{
    Amount, Domain, Seconds, Signed, SigningKey, Timestamp, TypedData,
    messages::{
        Attestation, Certificate, ChannelClose, ChannelTerms, Clearance, OperatorKey, Payment,
        PurseOpening, Receipt, Relay, Request, Revocations, Signable, Voucher,
    },
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

#[path = "../examples/vectors/solidity.rs"]
mod solidity;

use solidity::Twin;

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        Just(Amount::ZERO),
        Just(Amount::MAX),
        any::<u64>().prop_map(Amount::from),
        (0..=Amount::MAX.get()).prop_map(|units| Amount::new(units).unwrap()),
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just(Timestamp::MAX),
        (0..=Timestamp::MAX.get()).prop_map(|seconds| Timestamp::new(seconds).unwrap()),
    ]
}

fn id<T: From<Address> + core::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<[u8; 20]>().prop_map(|bytes| Address::from(bytes).into())
}

fn hash<T: From<B256> + core::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<[u8; 32]>().prop_map(|bytes| B256::from(bytes).into())
}

fn domain() -> impl Strategy<Value = Domain> {
    (any::<u64>(), id()).prop_map(|(chain_id, contract)| Domain::new(chain_id, contract))
}

/// The same hashes as alloy's.
fn agrees<M: TypedData + Twin>(message: &M, domain: &Domain) {
    let twin = message.twin();
    assert_eq!(M::TYPE, M::Solidity::eip712_root_type());
    assert_eq!(M::TYPE, M::Solidity::eip712_encode_type());
    assert!(M::TYPE.starts_with(&format!("{}(", M::NAME)));
    assert_eq!(M::TYPE_HASH, keccak256(M::TYPE));
    assert_eq!(message.struct_hash(), twin.eip712_hash_struct());
    let abi = message.abi_encode();
    if abi.len() == 32 * (1 + M::TYPE.matches(',').count()) {
        // All fields are atomic: EIP-712 then hashes the plain ABI encoding.
        assert_eq!(
            message.struct_hash(),
            keccak256([M::TYPE_HASH.to_vec(), abi].concat())
        );
    }
    let generic = eip712_domain! {
        name: "OffPay",
        version: "1",
        chain_id: domain.chain_id(),
        verifying_contract: domain.contract(),
    };
    assert_eq!(message.digest(domain), twin.eip712_signing_hash(&generic));
}

/// The full form survives JSON and CBOR, and the signer is still found.
fn travels<M>(message: &M, domain: &Domain)
where
    M: Signable + Clone + PartialEq + core::fmt::Debug + Serialize + DeserializeOwned,
    M: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
    M::Signer: PartialEq + core::fmt::Debug,
{
    let key = SigningKey::from_bytes(&[0x42; 32]).unwrap();
    let signature = message.sign(domain, &key).unwrap();
    let signed = Signed {
        domain: *domain,
        message: message.clone(),
        signature,
    };
    let json = serde_json::to_string(&signed).unwrap();
    assert_eq!(serde_json::from_str::<Signed<M>>(&json).unwrap(), signed);
    let cbor = minicbor::to_vec(&signed).unwrap();
    let decoded: Signed<M> = minicbor::decode(&cbor).unwrap();
    assert_eq!(decoded, signed);
    assert_eq!(decoded.signer(), Ok(key.address().into()));
}

fn check<M>(message: &M, domain: &Domain)
where
    M: Signable + Twin + Clone + PartialEq + core::fmt::Debug + Serialize + DeserializeOwned,
    M: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
    M::Signer: PartialEq + core::fmt::Debug,
{
    agrees(message, domain);
    travels(message, domain);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn payment(
        domain in domain(), payee in id(), start in amount(), amount in amount(),
        cumulative in amount(), reference in hash(),
    ) {
        check(&Payment { payee, start, amount, cumulative, reference }, &domain);
    }

    #[test]
    fn purse_opening(domain in domain(), owner in id()) {
        check(&PurseOpening { owner }, &domain);
    }

    #[test]
    fn voucher(domain in domain(), channel in hash(), cumulative in amount(), reference in hash()) {
        check(&Voucher { channel, cumulative, reference }, &domain);
    }

    #[test]
    fn channel_terms(
        domain in domain(), a in id(), b in id(), key_a in id(), key_b in id(),
        delay in 0..=Timestamp::MAX.get(), salt in hash(),
    ) {
        let close_delay = Seconds::new(delay).unwrap();
        let terms = ChannelTerms { a, b, key_a, key_b, close_delay, salt };
        agrees(&terms, &domain);
        let json = serde_json::to_string(&terms).unwrap();
        prop_assert_eq!(serde_json::from_str::<ChannelTerms>(&json).unwrap(), terms);
    }

    #[test]
    fn channel_close(
        domain in domain(), channel in hash(), from_a in amount(), from_b in amount(), deadline in time(),
    ) {
        check(&ChannelClose { channel, from_a, from_b, deadline }, &domain);
    }

    #[test]
    fn relay(
        domain in domain(), account in id(), nonce: [u8; 32], deadline in time(),
        calls in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..5),
    ) {
        let calls = calls.into_iter().map(Bytes::from).collect();
        check(&Relay { account, calls, nonce: U256::from_be_bytes(nonce), deadline }, &domain);
    }

    #[test]
    fn certificate(
        domain in domain(), purse in id(), owner in id(), circle in id(), funds in amount(),
        pledge in amount(), cover_count: u16, circle_size: u16, as_of in time(),
    ) {
        let certificate = Certificate { purse, owner, circle, funds, pledge, cover_count, circle_size, as_of };
        check(&certificate, &domain);
    }

    #[test]
    fn request(
        domain in domain(), payee in id(), amount in amount(), nonce in hash(), expires_at in time(),
        name: String, memo: String,
    ) {
        check(&Request { payee, amount, nonce, expires_at, name, memo }, &domain);
    }

    #[test]
    fn receipt(domain in domain(), payment in hash(), accepted_at in time()) {
        check(&Receipt { payment, accepted_at }, &domain);
    }

    #[test]
    fn clearance(domain in domain(), root in hash(), cleared_at in time()) {
        check(&Clearance { root, cleared_at }, &domain);
    }

    #[test]
    fn attestation(domain in domain(), payee in id(), signer in id(), name: String, expires_at in time()) {
        check(&Attestation { payee, signer, name, expires_at }, &domain);
    }

    #[test]
    fn operator_key(domain in domain(), next in id(), valid_from in time()) {
        check(&OperatorKey { next, valid_from }, &domain);
    }

    #[test]
    fn revocations(domain in domain(), version: u64, digest in hash(), as_of in time()) {
        check(&Revocations { version, digest, as_of }, &domain);
    }
}

#[test]
fn json_uses_the_names_of_eip_712() {
    let domain = Domain::new(1, Address::repeat_byte(0xff));
    let key = SigningKey::from_bytes(&[1; 32]).unwrap();
    let message = Relay {
        account: key.address().into(),
        calls: vec![Bytes::from_static(&[0xab])],
        nonce: U256::MAX,
        deadline: Timestamp::MAX,
    };
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!(json["nonce"], U256::MAX.to_string());
    assert_eq!(json["calls"][0], "0xab");
    assert_eq!(json["deadline"], Timestamp::MAX.get());
    for nonce in ["0x1", "-1", "01", "", "1_0"] {
        let mut wrong = json.clone();
        wrong["nonce"] = nonce.into();
        assert!(serde_json::from_value::<Relay>(wrong).is_err(), "{nonce}");
    }
    let signed = Signed {
        domain,
        signature: message.sign(&domain, &key).unwrap(),
        message,
    };
    let mut json = serde_json::to_value(&signed).unwrap();
    assert_eq!(
        json["domain"]["verifyingContract"],
        domain.contract().to_string()
    );
    json["message"]["memo"] = "surplus".into();
    assert!(serde_json::from_value::<Signed<Relay>>(json).is_err());
}

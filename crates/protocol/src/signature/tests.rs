use alloy_primitives::{U256, address};
use proptest::prelude::*;

use super::*;

const ORDER: [u8; 32] = hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn with_s(signature: &Signature, s: [u8; 32], v: u8) -> [u8; 65] {
    let mut bytes = signature.to_bytes();
    bytes[32..64].copy_from_slice(&s);
    bytes[64] = v;
    bytes
}

#[test]
fn known_key_and_signature() {
    // The first account of every Ethereum development node.
    let secret = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    let key = SigningKey::from_bytes(&secret).unwrap();
    assert_eq!(
        key.address(),
        address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
    );

    // RFC 6979 test vector for secp256k1 and SHA-256, from the Haskoin and Trezor suites.
    let one = SigningKey::from_bytes(&U256::from(1).to_be_bytes()).unwrap();
    let digest = hex!("a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e"); // "Satoshi Nakamoto"
    let signature = one.sign(digest.into()).unwrap();
    assert_eq!(
        signature.to_bytes()[..64],
        hex!(
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
            "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        )
    );
}

#[test]
fn a_high_s_is_refused() {
    let digest = B256::repeat_byte(1);
    let signature = key(1).sign(digest).unwrap();
    let bytes = signature.to_bytes();
    let s = U256::from_be_slice(&bytes[32..64]);
    let high = (U256::from_be_bytes(ORDER) - s).to_be_bytes();
    // The same key's other signature over the same digest: valid ECDSA, refused here.
    let malleated = with_s(&signature, high, bytes[64] ^ 27 ^ 28);
    assert_eq!(
        Signature::from_slice(&malleated),
        Err(SignatureError::HighS)
    );
}

#[test]
fn lengths_and_recovery_bytes() {
    let signature = key(1).sign(B256::repeat_byte(1)).unwrap();
    for v in [0, 1, 2, 26, 29, 255] {
        let mut bytes = signature.to_bytes();
        bytes[64] = v;
        assert_eq!(
            Signature::from_slice(&bytes),
            Err(SignatureError::RecoveryByte(v))
        );
    }
    for length in [0, 1, 63, 66, 128] {
        assert_eq!(
            Signature::from_slice(&vec![27; length]),
            Err(SignatureError::Length(length))
        );
    }
    assert_eq!(
        Signature::from_slice(&signature.to_compact()),
        Ok(signature)
    );
    assert_eq!(Signature::from_slice(&signature.to_bytes()), Ok(signature));
}

#[test]
fn zero_and_order_are_refused() {
    let signature = key(1).sign(B256::repeat_byte(1)).unwrap();
    for s in [[0; 32], ORDER, [0xff; 32]] {
        assert_eq!(
            Signature::from_slice(&with_s(&signature, s, 27)),
            Err(SignatureError::OutOfRange)
        );
        let mut bytes = signature.to_bytes();
        bytes[..32].copy_from_slice(&s);
        assert_eq!(
            Signature::from_slice(&bytes),
            Err(SignatureError::OutOfRange)
        );
    }
    for secret in [[0; 32], ORDER, [0xff; 32]] {
        assert_eq!(
            SigningKey::from_bytes(&secret).unwrap_err(),
            SignatureError::InvalidKey
        );
        assert_eq!(
            portable::public_key(&secret),
            Err(SignatureError::InvalidKey)
        );
    }
}

#[test]
fn an_r_off_the_curve_has_no_signer() {
    // x = 5 is on no point of secp256k1.
    let mut bytes = [0; 64];
    bytes[31] = 5;
    bytes[63] = 1;
    let signature = Signature::from_compact(bytes).unwrap();
    assert_eq!(
        signature.recover(B256::repeat_byte(1)),
        Err(SignatureError::Unrecoverable)
    );
    let (rs, odd) = split(bytes);
    assert_eq!(
        portable::recover(&[1; 32], &rs, odd),
        Err(SignatureError::Unrecoverable)
    );
}

#[test]
fn a_key_is_never_printed() {
    let text = format!("{:?} {:#?}", key(0xab), key(0xab));
    assert!(
        !text.to_lowercase().contains("abab") && !text.contains("171"),
        "{text}"
    );
}

#[test]
fn text_is_65_bytes_and_either_form_is_read() {
    let signature = key(3).sign(B256::repeat_byte(9)).unwrap();
    let json = serde_json::to_string(&signature).unwrap();
    assert_eq!(json.len(), 2 + 2 + 130);
    assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
    let compact = hex::encode_prefixed(signature.to_compact());
    assert_eq!(compact.parse(), Ok(signature));
    assert_eq!("0x0x".parse::<Signature>(), Err(SignatureError::NotHex));
    assert_eq!(
        minicbor::decode::<Signature>(&minicbor::to_vec(signature).unwrap()).unwrap(),
        signature
    );
}

proptest! {
    #[test]
    fn both_backends_agree(secret: [u8; 32], digest: [u8; 32]) {
        prop_assume!(scalar::is_below_order(&secret) && digest < ORDER);
        let signed = native::sign(&digest, &secret).unwrap();
        prop_assert_eq!(portable::sign(&digest, &secret).unwrap(), signed);
        let public_key = native::public_key(&secret).unwrap();
        prop_assert_eq!(portable::public_key(&secret).unwrap(), public_key);
        let (rs, odd) = signed;
        prop_assert_eq!(native::recover(&digest, &rs, odd), Ok(public_key));
        prop_assert_eq!(portable::recover(&digest, &rs, odd), Ok(public_key));
    }

    /// On arbitrary bytes, too, the two find the same signer or none.
    #[test]
    fn both_backends_refuse_alike(compact: [u8; 32], s in 1u128.., odd: bool, digest: [u8; 32]) {
        let mut rs = [0; 64];
        rs[..32].copy_from_slice(&compact);
        rs[48..].copy_from_slice(&s.to_be_bytes());
        prop_assert_eq!(
            native::recover(&digest, &rs, odd).ok(),
            portable::recover(&digest, &rs, odd).ok()
        );
    }

    #[test]
    fn round_trip(secret: [u8; 32], digest: [u8; 32]) {
        prop_assume!(scalar::is_below_order(&secret));
        let key = SigningKey::from_bytes(&secret).unwrap();
        let signature = key.sign(digest.into()).unwrap();
        prop_assert_eq!(signature, key.sign(digest.into()).unwrap());
        prop_assert_eq!(Signature::from_slice(&signature.to_bytes()), Ok(signature));
        prop_assert_eq!(Signature::from_slice(&signature.to_compact()), Ok(signature));
        prop_assert_eq!(signature.recover(digest.into()), Ok(key.address()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
        if let Ok(signature) = Signature::from_slice(&bytes) {
            prop_assert!(bytes == signature.to_bytes() || bytes == signature.to_compact());
            let _ = signature.recover(B256::ZERO);
        }
    }
}

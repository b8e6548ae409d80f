use proptest::prelude::*;

use super::{
    full::{Full, LONGEST},
    *,
};
use crate::{
    Signed,
    messages::{ChannelClose, Clearance, OperatorKey, PurseOpening, Relay, Revocations},
};

fn signed<M: Signable>(message: M) -> Full
where
    Full: From<Signed<M>>,
{
    let signature = sign(&message, 1);
    Signed {
        domain: domain(),
        message,
        signature,
    }
    .into()
}

fn relay(calls: Vec<Vec<u8>>) -> Full {
    signed(Relay {
        account: payee(),
        calls: calls.into_iter().map(Into::into).collect(),
        nonce: alloy_primitives::U256::MAX,
        deadline: at(0),
    })
}

fn every_message() -> Vec<Full> {
    static MESSAGES: LazyLock<Vec<Full>> = LazyLock::new(make_every_message);
    MESSAGES.clone()
}

fn make_every_message() -> Vec<Full> {
    vec![
        signed(payment(18)),
        signed(PurseOpening { owner: payee() }),
        signed(Voucher {
            channel: Default::default(),
            cumulative: Amount::MAX,
            reference: Reference::ZERO,
        }),
        signed(ChannelClose {
            channel: Default::default(),
            from_a: Amount::ZERO,
            from_b: Amount::MAX,
            deadline: at(0),
        }),
        relay(vec![vec![1, 2, 3], vec![]]),
        signed(certificate(18, market())),
        signed(request(18)),
        signed(Receipt {
            payment: Default::default(),
            accepted_at: at(0),
        }),
        signed(Clearance {
            root: Default::default(),
            cleared_at: at(0),
        }),
        signed(attestation()),
        signed(OperatorKey {
            next: key(11).address().into(),
            valid_from: at(0),
        }),
        signed(Revocations {
            version: u64::MAX,
            digest: Default::default(),
            as_of: at(0),
        }),
    ]
}

#[test]
fn json_and_cbor_and_back() {
    for full in every_message() {
        let json = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<Full>(&json).unwrap(), full, "{json}");
        let cbor = full.to_cbor().unwrap();
        assert_eq!(Full::from_cbor(&cbor), Ok(full));
    }
}

#[test]
fn json_reads_like_the_protocol() {
    let json = serde_json::to_value(signed(payment(18))).unwrap();
    assert_eq!(json["type"], "Payment");
    assert_eq!(json["domain"]["chainId"], 31337);
    assert_eq!(json["message"]["amount"], "12500000000000000000");
    assert_eq!(json["message"]["payee"], payee().to_string());
    assert_eq!(json["signature"].as_str().unwrap().len(), 132);
    assert_eq!(
        serde_json::to_value(signed(PurseOpening { owner: payee() })).unwrap()["type"],
        "PurseKey"
    );
}

#[test]
fn json_with_unknown_fields_or_types_is_refused() {
    let json = serde_json::to_value(signed(payment(18))).unwrap();
    for (pointer, name) in [("", "more"), ("/domain", "name"), ("/message", "more")] {
        let mut surplus = json.clone();
        surplus.pointer_mut(pointer).unwrap()[name] = "x".into();
        assert!(
            serde_json::from_value::<Full>(surplus).is_err(),
            "{pointer}/{name}"
        );
    }
    let mut other = json.clone();
    other["type"] = "Paiement".into();
    assert!(serde_json::from_value::<Full>(other).is_err());
    let mut other = json;
    other["type"] = "Certificate".into();
    assert!(serde_json::from_value::<Full>(other).is_err());
}

#[test]
fn every_changed_bit_is_another_message_or_none() {
    for full in every_message() {
        let cbor = full.to_cbor().unwrap();
        for at in 0..cbor.len() * 8 {
            let mut changed = cbor.clone();
            changed[at / 8] ^= 1 << (at % 8);
            if let Ok(other) = Full::from_cbor(&changed) {
                assert_ne!(other, full);
            }
        }
        let longer = [cbor.as_slice(), &[0]].concat();
        assert_eq!(Full::from_cbor(&longer), Err(WireError::NotCanonical));
    }
}

#[test]
fn it_has_a_longest() {
    assert_eq!(
        relay(vec![vec![0; LONGEST]]).to_cbor(),
        Err(WireError::TooLong)
    );
    assert_eq!(
        Full::from_cbor(&vec![0; LONGEST + 1]),
        Err(WireError::TooLong)
    );
    // A promise of many elements with nothing behind it allocates nothing.
    let mut promise = relay(vec![]).to_cbor().unwrap();
    let empty = promise
        .windows(2)
        .position(|pair| pair == [0x80, 0xc2])
        .unwrap();
    promise.splice(
        empty..=empty,
        [0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    );
    assert_eq!(Full::from_cbor(&promise), Err(WireError::Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_come_back(
        which: prop::sample::Index, at: prop::sample::Index, with in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let messages = every_message();
        let mut cbor = which.get(&messages).to_cbor().unwrap();
        let at = at.index(cbor.len());
        let end = (at + with.len()).min(cbor.len());
        cbor.splice(at..end, with);
        if let Ok(full) = Full::from_cbor(&cbor) {
            prop_assert_eq!(full.to_cbor().unwrap(), cbor);
        }
    }
}

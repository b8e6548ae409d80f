//! One encoding per value, and nothing else is read.

use proptest::prelude::*;

use super::*;

fn bytes(code: &Code) -> Vec<u8> {
    code.to_bytes().unwrap()
}

#[test]
fn every_changed_bit_is_another_code_or_none() {
    for code in every_code() {
        let bytes = bytes(&code);
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            match Code::from_bytes(&changed) {
                // The same value must not have two encodings.
                Ok(other) => assert_ne!(other, code),
                Err(_) => continue,
            }
        }
    }
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    for code in every_code() {
        let bytes = bytes(&code);
        for length in 0..bytes.len() {
            assert!(Code::from_bytes(&bytes[..length]).is_err());
        }
        for more in [0x00, 0xf6, 0xff] {
            let longer = [bytes.as_slice(), &[more]].concat();
            assert_eq!(Code::from_bytes(&longer), Err(WireError::NotCanonical));
        }
    }
}

#[test]
fn unsigned_codes_notice_any_damage() {
    for code in every_code() {
        let unsigned = match &code {
            Code::Request(request) => request.open(&domain()).unwrap().1.is_none(),
            Code::Operator(_) | Code::ChannelOffer(_) | Code::ChannelTerms(_) => true,
            _ => false,
        };
        let bytes = bytes(&code);
        for at in 2..bytes.len() * usize::from(unsigned) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Code::from_bytes(&changed).is_err(), "byte {at} of {code:?}");
        }
    }
}

#[test]
fn other_versions_and_types_are_named() {
    assert_eq!(Code::parse("OP2:ABC"), Err(WireError::UnknownVersion(2)));
    assert_eq!(
        Code::parse("OP300:ABC"),
        Err(WireError::UnknownVersion(255))
    );
    assert_eq!(
        Code::from_bytes(&[2, 1, 0x80]),
        Err(WireError::UnknownVersion(2))
    );
    assert_eq!(
        Code::from_bytes(&[1, 0, 0x80]),
        Err(WireError::UnknownType(0))
    );
    assert_eq!(
        Code::from_bytes(&[1, 14, 0x80]),
        Err(WireError::UnknownType(14))
    );
    let message = WireError::UnknownType(14).to_string();
    assert_eq!(
        message,
        "this code is of the unknown type 14: update OffPay to read it"
    );
}

#[test]
fn what_is_something_else_is_no_code() {
    for text in [
        "",
        "OP",
        "OP:",
        "OP1",
        "OP01:BB8",
        "OP0:BB8",
        "op1:BB8",
        "OPEN:BB8",
        " OP1:BB8",
        "ethereum:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359@1",
        "LNBC1...",
    ] {
        assert_eq!(Code::parse(text), Err(WireError::NotACode), "{text:?}");
    }
    assert_eq!(Code::parse("OP1:"), Err(WireError::NotACode));
    assert_eq!(Code::parse("OP1:bb8"), Err(WireError::NotBase45));
    assert_eq!(
        Code::parse("OP1:ZZZ"),
        Err(WireError::NotBase45),
        "beyond 16 bits"
    );
    assert_eq!(
        Code::parse("OP1:::"),
        Err(WireError::NotBase45),
        "a pair beyond 8 bits"
    );
    assert_eq!(
        Code::parse("https://pay.example/p#AQ=="),
        Err(WireError::NotBase64)
    );
    assert_eq!(
        Code::parse("https://pay.example/p#AR"),
        Err(WireError::NotBase64)
    );
    assert_eq!(
        Code::parse(&format!("OP1:{}", "0".repeat(3_073))),
        Err(WireError::TooLong)
    );
    assert_eq!(
        Code::parse(&format!("#{}", "A".repeat(2_733))),
        Err(WireError::TooLong)
    );
}

/// The same array, written in ways that CBOR allows and this format does not.
#[test]
fn loose_cbor_is_refused() {
    let code: Code = payment_code(18).into();
    let bytes = bytes(&code);
    assert_eq!(bytes[..4], [1, 2, 0x86, 0x44]);
    let fields = &bytes[3..];
    let loose_array = [&[1, 2, 0x98, 6], fields].concat();
    assert_eq!(Code::from_bytes(&loose_array), Err(WireError::NotCanonical));
    let indefinite_array = [&[1, 2, 0x9f], fields, &[0xff]].concat();
    assert_eq!(
        Code::from_bytes(&indefinite_array),
        Err(WireError::Malformed)
    );
    let loose_string = [&[1, 2, 0x86, 0x58, 4], &fields[1..]].concat();
    assert_eq!(
        Code::from_bytes(&loose_string),
        Err(WireError::NotCanonical)
    );
    let too_few = [&[1, 2, 0x85], &fields[..fields.len() - 66]].concat();
    assert_eq!(Code::from_bytes(&too_few), Err(WireError::Malformed));
}

/// 1250 is 125 * 10, not 1250 * 1.
#[test]
fn loose_amounts_are_refused() {
    let voucher = Voucher {
        channel: crate::ChannelId::new([7; 32].into()),
        cumulative: Amount::from_u64(1_250),
        reference: Reference::ZERO,
    };
    let whole = ReferenceHint::Whole(Reference::ZERO);
    let code: Code = VoucherCode::new(&domain(), &voucher, whole, sign(&voucher, 5))
        .unwrap()
        .into();
    let bytes = bytes(&code);
    let packed = [0x19, 0x0f, 0xa1]; // 125 * 32 + 1
    let at = bytes
        .windows(3)
        .position(|window| window == packed)
        .unwrap();
    let loose = [&bytes[..at], &[0x19, 0x9c, 0x40], &bytes[at + 3..]].concat(); // 1250 * 32
    assert_eq!(Code::from_bytes(&loose), Err(WireError::NotCanonical));
}

#[test]
fn a_high_s_is_refused_before_anything_is_recovered() {
    let code: Code = payment_code(18).into();
    let mut bytes = bytes(&code);
    let s = bytes.len() - 32;
    bytes[s] = 0x7f;
    bytes[s + 1..s + 17].fill(0xff);
    assert!(matches!(
        Code::from_bytes(&bytes),
        Err(WireError::Signature(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_refused_or_come_back(ty in 0u8..15, body in prop::collection::vec(any::<u8>(), 0..120)) {
        let bytes = [&[1, ty], body.as_slice()].concat();
        if let Ok(code) = Code::from_bytes(&bytes) {
            prop_assert_eq!(code.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn any_text_is_refused_or_comes_back(text in "OP1:[0-9A-Z $%*+./:-]{0,60}") {
        if let Ok(code) = Code::parse(&text) {
            prop_assert_eq!(code.to_text().unwrap(), text);
        }
    }

    #[test]
    fn a_mutated_code_is_refused_or_comes_back(
        which: prop::sample::Index, at: prop::sample::Index, with in prop::collection::vec(any::<u8>(), 0..6), cut in 0usize..6,
    ) {
        let codes = every_code();
        let mut bytes = bytes(which.get(&codes));
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, with);
        if let Ok(code) = Code::from_bytes(&bytes) {
            prop_assert_eq!(code.to_bytes().unwrap(), bytes);
        }
    }
}
